/** `dashboard`: results and jobs in a browser of this machine, read with the caller's own credentials. */
import { once } from 'node:events';
import type { Command } from 'commander';
import { JOBS } from '../../functions/jobs.ts';
import { UsageError } from '../../inputs/usageError.ts';
import { viewingClient } from '../../shared/adapters/aws/clients.ts';
import { tablesOf } from '../../shared/job/job.ts';
import { indexOf } from '../../shared/job/traits.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { type ReadPorts, readPorts } from '../../shared/lambda/readPorts.ts';
import { type ApiServer, serveApi } from '../apiServer.ts';
import { collect } from '../collect.ts';
import { connect } from '../connect.ts';
import { endingOf } from '../failure.ts';
import { localApi } from '../localApi.ts';
import { wholeNumberOption } from '../options.ts';
import { say } from '../output/say.ts';
import { untilInterrupted } from '../watch.ts';
import { stageOption } from './stage.ts';

const PORT_MAX = 65_535;

interface DashboardFlags {
  readonly stage: string;
  readonly port: number;
}

export function addDashboard(program: Command): void {
  program
    .command('dashboard')
    .summary('serve the dashboard of a stage on this machine')
    .description(
      'Serves the dashboard of a stage, and its API, at an address of this machine, which is the first line that it prints. Reads ' +
        'the tables with your own credentials, and writes nothing. Ctrl-C ends it. Settings of a stage that differ from the ' +
        'defaults are taken from the same variables as there, such as TIDEMARK_FLUSH_AFTER.',
    )
    .option(
      '--port <n>',
      'where it listens; 0 takes a free one',
      wholeNumberOption('--port', 0, PORT_MAX),
      0,
    )
    .addOption(stageOption())
    .action(dashboard);
}

async function dashboard({ stage, port }: DashboardFlags): Promise<void> {
  // A variable that means nothing is told here, instead of on the page.
  readEnvironment({ ...process.env, TIDEMARK_STAGE: stage });
  // What it writes into the environment is where the client looks.
  connect(stage);
  const client = viewingClient();
  await checkTables(readPorts(client, stage, JOBS));
  const { env: environment } = process;
  const app = await localApi({
    client,
    stage,
    families: JOBS,
    environment,
    onFailure: warnOnce(),
  });
  const server = await listening(() => serveApi(app, port), port);
  console.log(server.endpoint);
  console.log(`The dashboard of the stage ${stage}, for browsers of this machine. Ctrl-C ends it.`);
  await untilInterrupted(async (signal) => {
    if (!signal.aborted) await once(signal, 'abort');
    await server.stop();
  });
}

/** Somebody who may not read a table, or has none, hears of it now: a question to each, and to each index. */
async function checkTables({ rows, state }: ReadPorts): Promise<void> {
  const question = { pk: 'dashboard', order: 'ascending', limit: 1 } as const;
  const tables = JOBS.flatMap(({ usual }) => tablesOf(usual).map((table) => ({ usual, table })));
  await collect(state.query({ ...question, consistency: 'eventual' }));
  await Promise.all(
    tables.flatMap(({ usual, table }) => {
      const index = indexOf(usual, table);
      const asked = { ...question, table: table.name };
      return [rows.page(asked), ...(index === undefined ? [] : [rows.page({ ...asked, index })])];
    }),
  );
}

/** A page asks every few seconds, and the same failure is news once. */
function warnOnce(): (error: unknown) => void {
  let last: string | undefined;
  return (error) => {
    const { line } = endingOf(error);
    if (line !== last) say(`warning: ${line}`);
    last = line;
  };
}

async function listening(start: () => Promise<ApiServer>, port: number): Promise<ApiServer> {
  try {
    return await start();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'which is not for everybody' : 'which is taken';
    throw new UsageError(`--port is ${port}, ${why}; give another one, or 0 for a free one`);
  }
}
