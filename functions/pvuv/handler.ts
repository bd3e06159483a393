import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { pvuv } from './job.ts';

export const handler = ingestHandler(pvuv);
