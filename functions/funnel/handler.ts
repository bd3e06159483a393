import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { funnel } from './job.ts';

export const handler = ingestHandler(funnel);
