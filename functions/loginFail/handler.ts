import { ingestHandler } from '../../shared/lambda/ingestHandler.ts';
import { loginFail } from './job.ts';

export const handler = ingestHandler(loginFail);
