import { closeHandler } from '../../shared/lambda/scheduled.ts';
import { JOBS } from '../jobs.ts';

export const handler = closeHandler(JOBS);
