import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { orderReconcile } from './job.ts';

export const handler = ingestHandler(orderReconcile);
