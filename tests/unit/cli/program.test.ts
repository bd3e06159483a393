import { describe, expect, it } from 'vitest';
import { usesLocalStack } from '../../../cli/connect.ts';
import { createProgram, runCommand } from '../../../cli/program.ts';

describe('wrong use ends with code 2 and one line', () => {
  it.each([
    [[], 'name a command'],
    [['frobnicate'], "unknown command 'frobnicate'; see tidemark --help"],
    [['run'], "missing required argument 'job'; see --help of the command"],
    [['run', 'pvuv', '--frob'], "unknown option '--frob'"],
    [['run', 'nope', '--input', 'x'], 'there is no job "nope"; there are hot-items, hot-pages'],
    [['run', 'pvuv'], 'give at least one --input'],
    [['run', 'pvuv', '--input', '/nowhere'], 'cannot read /nowhere: there is no such file'],
    [['run', 'pvuv', '--input', 'orders=x'], 'does not read "orders"; it reads user-behavior'],
    [['run', 'pvuv', '--input', 'user-behavior='], 'write FILE or STREAM=FILE'],
    [
      ['run', 'pvuv', '--input', 'x', '--batch', '10001'],
      '--batch is "10001"; give a whole number',
    ],
    [['run', 'pvuv', '--input', 'x', '--lanes', '0'], '--lanes is "0"; give a whole number from 1'],
    [['run', 'pvuv', '--input', 'x', '--lanes', '1.5'], '--lanes is "1.5"'],
    [['run', 'pvuv', '--input', 'x', '--param', 'size'], 'write it as name=value'],
    [['run', 'pvuv', '--input', 'x', '--param', 'size=1y'], 'size is "1y"; write a duration'],
    [['run', 'pvuv', '--input', 'x', '--param', 'top=1'], 'there is no parameter "top"'],
    [['run', 'pvuv', '--input', 'x', '--format', 'xml'], "'xml' is invalid"],
    [['run', 'pvuv', '--input', 'x', '--time-unit', 'ns'], "'ns' is invalid"],
    [
      ['run', 'pvuv', '--input', 'x', '--param', 'size=1h', '--param', 'size=2h'],
      '--param gives size twice, 1h and 2h; give it once',
    ],
    [['run', 'pvuv', '--input', 'x', '--separator', '::'], '--separator is "::"; give one sign'],
    [
      ['run', 'pvuv', '--input', 'x', '--columns', 'a,timestamp'],
      '--columns names "a"; the stream',
    ],
    [['run', 'pvuv', '--input', '-', '--input', '-'], 'standard input is given twice'],
    [['run', 'hot-pages', '--input', 'x', '--columns', 'url'], 'CSV files, and "page-views" has'],
    [
      ['run', 'order-reconcile', '--input', 'orders=x', '--columns', 'txId,timestamp'],
      'the job reads orders and receipts; write STREAM=A,B,C',
    ],
    [['put', 'clicks', 'x'], 'there is no stream "clicks"; there are user-behavior'],
    [['put', 'user-behavior', '/nowhere'], 'there is no such file'],
    [['results', 'nope'], 'there is no result table "nope"; there are hot-items, hot-pages'],
    [['results', 'pvuv', '--latest', '0'], '--latest is "0"'],
    [['results', 'order-status', '--latest', '1'], 'for order-status give --problem'],
    [['results', 'ad-blacklist', '--latest', '1', '--key', 'u'], '--key and --latest, --from or'],
    [['results', 'ad-clicks', '--problem', 'conflict'], 'rows of ad-clicks have no problems'],
    [['results', 'order-status', '--problem', 'late'], 'order-status has timedOut, paidLate'],
    [['results', 'order-status', '--from', '2019-05-21'], 'for order-status give --problem'],
    [['results', 'pvuv', '--to', '2019-05-21'], 'for pvuv leave it away'],
    [['results', 'login-alerts', '--from', '2019-05-21', '--to', '2019'], '--to is "2019"'],
    [['results', 'order-status', '--problem', 'conflict', '--key', '1'], 'cannot be combined'],
    [['results', 'order-status', '--problem', 'conflict', '--to', 'noon'], '--to is "noon"'],
    [['run', 'order-reconcile', '--input', 'x'], 'reads orders and receipts; write STREAM=FILE'],
    [['run', 'order-reconcile', '--input', 'logins=x'], 'it reads orders, receipts'],
    [['results', 'pvuv', '--stage', 'Dev!'], '--stage is "Dev!"'],
    [['dead', 'nope'], 'there is no job "nope"'],
    [['late', 'nope'], 'there is no job "nope"'],
    [['status', 'pvuv', 'nope'], 'there is no job "nope"'],
    [['status', '--watch', '0'], '--watch is "0"; give a whole number from 1 to 3600'],
    [['status', '--watch', 'pvuv'], '--watch is "pvuv"; give a whole number of seconds after it'],
    [['redrive', 'nope'], 'there is no job "nope"'],
    [['new'], 'only a job can be new; write tidemark new job NAME'],
    [['new', 'jobs'], 'only a job can be new; write tidemark new job NAME'],
    [['new', 'job', 'Hot'], 'the name "Hot" is not kebab-case'],
    [['generate', 'clicks'], 'there is no generator for "clicks"'],
    [['generate', 'user-behavior', '--events', 'many'], '--events is "many"'],
  ])('%j', async (args, message) => {
    const { exitCode, line } = await runCommand(args);
    expect(exitCode).toBe(2);
    expect(line).toContain(message);
    expect(line).not.toContain('\n');
  });
});

it('every command has help that names its arguments and options', () => {
  const program = createProgram();
  expect(program.commands.map((command) => command.name())).toEqual([
    'status',
    'dashboard',
    'run',
    'put',
    'results',
    'late',
    'dead',
    'redrive',
    'generate',
    'new',
  ]);
  for (const command of program.commands) {
    expect(command.description().length).toBeGreaterThan(20);
    for (const option of command.options) expect(option.description).not.toBe('');
    for (const argument of command.registeredArguments) expect(argument.description).not.toBe('');
  }
});

describe('commands talk to the local stack', () => {
  it('unless the environment names a server, a profile or a key, or the stage is another', () => {
    expect(usesLocalStack('local', { AWS_REGION: 'eu-west-1', AWS_PROFILE: '' })).toBe(true);
    for (const name of [
      'AWS_ENDPOINT_URL',
      'AWS_ENDPOINT_URL_KINESIS',
      'AWS_PROFILE',
      'AWS_ACCESS_KEY_ID',
    ]) {
      expect(usesLocalStack('local', { [name]: 'x' })).toBe(false);
    }
    expect(usesLocalStack('dev', {})).toBe(false);
  });
});
