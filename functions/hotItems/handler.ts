import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { hotItems } from './job.ts';

export const handler = ingestHandler(hotItems);
