import { closeHandler } from '../../shared/lambda/closeHandler.ts';
import { JOBS } from '../jobs.ts';

export const handler = closeHandler(JOBS);
