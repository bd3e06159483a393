import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { newJob } from './job.ts';

export const handler = ingestHandler(newJob);
