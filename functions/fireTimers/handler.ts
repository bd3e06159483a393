import { fireHandler } from '../../shared/lambda/fireHandler.ts';
import { JOBS } from '../jobs.ts';

export const handler = fireHandler(JOBS);
