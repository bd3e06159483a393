import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { adBlacklist } from './job.ts';

export const handler = ingestHandler(adBlacklist);
