/**
 * The query API and the dashboard's files, as one app: behind a function URL, on the local stack, and on the machine of whoever
 * looks at a stage. It reads; nothing here writes.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import { etag } from 'hono/etag';
import { secureHeaders } from 'hono/secure-headers';
import { JobDefinitionError } from '../../shared/errors.ts';
import type { JobFamily } from '../../shared/job/job.ts';
import { settingsIn } from '../../shared/lambda/environment.ts';
import type { Duration } from '../../shared/model/time.ts';
import type { Clock } from '../../shared/ports/ports.ts';
import type { RowsReader } from '../../shared/ports/rowsReader.ts';
import type { Table } from '../../shared/ports/table.ts';
import { type Assets, assetRoutes } from './assets.ts';
import type { ApiContext } from './context.ts';
import { createCursors } from './cursor.ts';
import { HttpProblem, problemBody, problemOf } from './httpProblem.ts';
import { createMemo, type Memo } from './memo.ts';
import { rowViewOf } from './publicRow.ts';
import { parsed, singleValues } from './query.ts';
import { quoted } from './quoted.ts';
import type { Route } from './routes/route.ts';
import { ROUTES } from './routes.ts';
import { sealWith } from './sealed.ts';
import { jobsOf, tablesOfJobs } from './tables.ts';

export interface ApiOptions {
  readonly stage: string;
  readonly families: readonly JobFamily[];
  /** Variables that override the settings of the engine and the parameters of jobs, as the functions have them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly rows: RowsReader;
  /** Read only. */
  readonly state: Table;
  readonly clock: Clock;
  readonly assets: Assets;
  /** Of the mappings: how long the newest events may be on their way. */
  readonly batchWindow: Duration;
  /** Makes stable pseudonyms of personal data; without it rows are shown as they are. */
  readonly pseudonymKey?: string;
  /** What every request under /v1 has to bring, where anybody can reach the app. */
  readonly token?: string;
  /** A clock that only goes forward, in ms: how old shared answers are. */
  readonly ticks?: () => number;
  /** Hears of failures that are nobody's mistake. */
  readonly onFailure?: (error: unknown) => void;
}

/** Throws JobDefinitionError for variables that make no sense, and for a key or a token that anybody knows. */
export function createApi(options: ApiOptions): Hono {
  checkSecrets(options);
  const { token, onFailure = () => {}, ticks = () => performance.now() } = options;
  const context = contextOf(options, onFailure);
  const memo = createMemo(ticks);
  const app = new Hono();
  app.use(secureHeaders(HEADERS));
  app.use(compress({ encoding: 'gzip' }), etag());
  app.onError((error, c) => {
    const problem = problemOf(error);
    if (problem.status >= 500) onFailure(error);
    return problemResponse(c, problem);
  });
  app.notFound((c) => problemResponse(c, notFound(c.req.path)));
  if (token !== undefined) app.use('/v1/*', bearer(token));
  for (const route of ROUTES) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app.get(path, (c) => answer(c, route, context, memo));
    app.all(path, (c) => problemResponse(c, wrongMethod(c.req.method)));
  }
  return app.route('/', assetRoutes(options.assets));
}

/** An empty one would be a promise that nobody keeps. */
function checkSecrets({ pseudonymKey, token }: ApiOptions): void {
  for (const [name, secret] of Object.entries({ pseudonymKey, token })) {
    if (secret !== '') continue;
    throw new JobDefinitionError(`${name} is empty; give one, or leave it away`);
  }
}

function contextOf(options: ApiOptions, onFailure: ApiContext['onFailure']): ApiContext {
  const { stage, environment, rows, state, clock, batchWindow, pseudonymKey } = options;
  const jobs = jobsOf(options.families, environment);
  const seal = (purpose: string) =>
    pseudonymKey === undefined ? undefined : sealWith(pseudonymKey, purpose);
  return {
    stage,
    jobs,
    tables: tablesOfJobs(jobs),
    rows,
    state,
    settings: settingsIn(environment),
    batchWindow,
    clock,
    cursors: createCursors(seal('cursors')),
    view: rowViewOf(seal('pseudonyms')),
    onFailure,
  };
}

async function answer(
  c: Context,
  route: Route,
  context: ApiContext,
  memo: Memo,
): Promise<Response> {
  const params = parsed(route.params, c.req.param());
  const given = singleValues(c.req.queries());
  const query = parsed(route.query, given);
  const names = Object.keys(given).sort();
  const key = JSON.stringify([route.path, c.req.param(), names.map((name) => [name, given[name]])]);
  const text = await memo.answer(key, route.keepMs, async () =>
    JSON.stringify(await route.read(context, { params, query })),
  );
  c.header('Cache-Control', `private, max-age=${Math.floor(route.keepMs / MS_PER_SECOND)}`);
  c.header('Content-Type', 'application/json; charset=utf-8');
  // Of a 304 and of HEAD as well, which are never packed.
  c.header('Vary', 'Accept-Encoding');
  return c.body(text);
}

const MS_PER_SECOND = 1_000;

function problemResponse(c: Context, problem: HttpProblem): Response {
  c.header('Content-Type', 'application/problem+json');
  c.header('Cache-Control', 'no-store');
  if (problem.status === 401) c.header('WWW-Authenticate', 'Bearer');
  if (problem.status === 405) c.header('Allow', 'GET, HEAD');
  if (problem.status === 503) c.header('Retry-After', '2');
  return c.body(JSON.stringify(problemBody(problem)), problem.status);
}

const notFound = (path: string): HttpProblem =>
  new HttpProblem(404, `there is nothing at ${quoted(path)}; /openapi.json lists what there is`);

const wrongMethod = (method: string): HttpProblem =>
  new HttpProblem(405, `${method} is not allowed; the API only reads, with GET`);

/** Names of schemes know no case. */
const BEARER = /^bearer +(\S+)$/i;

/** Compared by their hashes, which are of one length and tell nothing by the time that it takes. */
function bearer(token: string): MiddlewareHandler {
  const hashOf = (text: string) => createHash('sha256').update(text).digest();
  const expected = hashOf(token);
  return async (c, next) => {
    const [, given] = BEARER.exec(c.req.header('Authorization') ?? '') ?? [];
    if (given !== undefined && timingSafeEqual(hashOf(given), expected)) return next();
    throw new HttpProblem(
      401,
      'this API wants the token of its stage: Authorization: Bearer TOKEN',
    );
  };
}

/** The page loads its own files and asks its own host, and nobody frames it. */
const HEADERS = {
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    connectSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
} satisfies Parameters<typeof secureHeaders>[0];
