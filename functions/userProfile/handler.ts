import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { userProfile } from './job.ts';

export const handler = ingestHandler(userProfile);
