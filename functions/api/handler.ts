import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiHandler } from '../../shared/lambda/apiHandler.ts';
import { JOBS } from '../jobs.ts';
import { createApi } from './app.ts';
import { ASSETS_FILE, decodeAssets } from './assetsFile.ts';

const assets = decodeAssets(readFileSync(join(import.meta.dirname, ASSETS_FILE)));
export const handler = apiHandler(JOBS, (rim) => createApi({ ...rim, assets }));
