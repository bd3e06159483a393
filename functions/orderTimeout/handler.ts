import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { orderTimeout } from './job.ts';

export const handler = ingestHandler(orderTimeout);
