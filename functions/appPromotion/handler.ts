import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { appPromotion } from './job.ts';

export const handler = ingestHandler(appPromotion);
