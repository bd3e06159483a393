import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { hotPages } from './job.ts';

export const handler = ingestHandler(hotPages);
