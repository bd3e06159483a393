/** The API of the local stack: what it takes from where. */
import { afterEach, expect, it, vi } from 'vitest';
import type { ApiServer } from '../../../cli/apiServer.ts';
import { startApi } from '../../../infra/local/apiServer.ts';
import { type Definitions, readDefinitions } from '../../../infra/local/definitions.ts';
import { PROJECT_ROOT } from '../../../infra/local/stack.ts';
import { parameterVariable } from '../../../shared/lambda/contract.ts';

const { apiEnvironment, ...DEFINED } = readDefinitions({ root: PROJECT_ROOT, stage: 'local' });

let server: ApiServer | undefined;
afterEach(async () => {
  await server?.stop();
  vi.unstubAllEnvs();
});

/** Over no tables: what a request may ask is decided before anything is read. */
async function start(definitions: Definitions): Promise<(path: string) => Promise<string>> {
  const started = await startApi({
    port: 0,
    definitions,
    dynamodb: 'http://127.0.0.1:1',
    onFailure: () => {},
  });
  server = started;
  return async (path) => (await fetch(`${started.endpoint}${path}`)).text();
}

it("has the jobs' parameters that this shell overrides, as the functions have", async () => {
  vi.stubEnv(parameterVariable('hot-pages', 'slide'), '7s');
  const get = await start({ ...DEFINED, ...(apiEnvironment ? { apiEnvironment } : {}) });
  expect(await get('/v1/hot-pages?latest=2&step=10s')).toContain('end every 7000 ms');
  expect(await get('/v1/hot-pages?latest=2&step=14s')).not.toContain('end every');
});

it('has what serverless.yml says where this shell says otherwise', async () => {
  vi.stubEnv('TIDEMARK_BATCH_WINDOW_SECONDS', 'nothing');
  vi.stubEnv('TIDEMARK_LEASE', 'nothing');
  const get = await start({ ...DEFINED, apiEnvironment: { TIDEMARK_BATCH_WINDOW_SECONDS: '1' } });
  expect(await get('/v1/tables')).toContain('"hot-pages"');
});

it.each([{ ...DEFINED, ...(apiEnvironment ? { apiEnvironment } : {}) }, DEFINED])(
  "takes no secret of this shell's",
  async (definitions) => {
    // They would be refused.
    vi.stubEnv('TIDEMARK_API_TOKEN', 'short');
    vi.stubEnv('TIDEMARK_PSEUDONYM_KEY', 'short');
    const get = await start(definitions);
    expect(await get('/v1/tables')).toContain('"hot-pages"');
  },
);
