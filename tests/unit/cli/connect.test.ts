/** Connections of a command that lives longer than the local stack it talks to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { reconnecting } from '../../../cli/connect.ts';
import { announceStack } from '../../../cli/runningStacks.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-connect-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.unstubAllEnvs());

/** A command line that finds these variables of AWS, and no others. */
async function commandLineWith(variables: Readonly<Record<string, string>>) {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  }
  // Also those that connecting sets, so that they go with the test.
  for (const name of IDENTITY) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  vi.stubEnv('TIDEMARK_STACKS', folder);
  vi.resetModules();
  return import('../../../cli/connect.ts');
}

const IDENTITY = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;

it('the next connection finds a local stack on the ports where it is by then', async () => {
  const { connect } = await commandLineWith({});
  const found: (string | undefined)[] = [];
  for (const port of [4101, 4201]) {
    const [kinesis, dynamodb, lambda, api] = [port, port + 1, port + 2, port + 3].map(
      (each) => `http://127.0.0.1:${each}`,
    );
    const stack = {
      pid: process.pid,
      kinesis: `${kinesis}`,
      dynamodb: `${dynamodb}`,
      lambda: `${lambda}`,
      api: `${api}`,
    };
    const leave = announceStack(stack, folder);
    connect('local');
    found.push(process.env['AWS_ENDPOINT_URL_DYNAMODB']);
    leave();
  }
  expect(found).toEqual(['http://127.0.0.1:4102', 'http://127.0.0.1:4202']);
});

it('a reading has a connection of its own after one that failed, and shares it otherwise', async () => {
  let opened = 0;
  const used: number[] = [];
  const read = reconnecting(
    () => (opened += 1),
    async (connection) => {
      used.push(connection);
      if (used.length === 2) throw new Error('gone');
    },
  );
  await read();
  await expect(read()).rejects.toThrow('gone');
  await read();
  await read();
  expect(used).toEqual([1, 1, 2, 2]);
});

describe('servers that the environment names', () => {
  const KINESIS = 'AWS_ENDPOINT_URL_KINESIS';
  const DYNAMODB = 'AWS_ENDPOINT_URL_DYNAMODB';
  const ALL = 'AWS_ENDPOINT_URL';
  const KEYS = { AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'secret' };
  const local = { region: 'us-east-1', key: 'local' };
  const nothing = { region: undefined, key: undefined };

  async function told(variables: Readonly<Record<string, string>>, stage = 'local') {
    const { connect } = await commandLineWith(variables);
    connect(stage);
    return { region: process.env['AWS_REGION'], key: process.env['AWS_ACCESS_KEY_ID'] };
  }

  it.each([
    ['both', { [KINESIS]: 'http://127.0.0.1:4101', [DYNAMODB]: 'http://127.0.0.1:4102' }],
    ['by name', { [DYNAMODB]: 'http://localhost:4102' }],
    ['by IPv6', { [ALL]: 'http://[::1]:4102/' }],
    ['beside an empty one', { [KINESIS]: '', [DYNAMODB]: 'http://127.0.0.1:4102' }],
  ])('on this machine, %s, are told what the local stack is told', async (_, variables) => {
    expect(await told(variables)).toEqual(local);
  });

  it.each([
    ['elsewhere', { [DYNAMODB]: 'http://127.0.0.1.example.com:4102' }],
    ['one of them elsewhere', { [ALL]: 'https://example.com', [DYNAMODB]: 'http://localhost:1' }],
    ['at no address', { [DYNAMODB]: 'localhost' }],
    ['for a service of no command', { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:9000' }],
    ['with a profile', { [ALL]: 'http://127.0.0.1:4566', AWS_PROFILE: 'mine' }],
  ])('%s are told nothing', async (_, variables) => {
    expect(await told(variables)).toEqual(nothing);
  });

  it('of another stage are told nothing, though they are on this machine', async () => {
    expect(await told({ [ALL]: 'http://127.0.0.1:4566' }, 'dev')).toEqual(nothing);
  });

  it('are told what the variables say, rather than what the local stack is told', async () => {
    const named = { [ALL]: 'http://127.0.0.1:4566' };
    expect(await told({ ...named, AWS_REGION: 'eu-west-1' })).toEqual({
      region: 'eu-west-1',
      key: 'local',
    });
    expect(await told({ ...named, ...KEYS })).toEqual({ region: 'us-east-1', key: 'mine' });
  });

  it('are in the region that boto3 and aws are told, unless the SDK is told one', async () => {
    const region = { AWS_DEFAULT_REGION: 'eu-west-3' };
    expect(await told({ ...region, ...KEYS })).toEqual({ region: 'eu-west-3', key: 'mine' });
    expect(await told(region, 'dev')).toEqual({ region: 'eu-west-3', key: undefined });
    expect(await told({ ...region, [ALL]: 'http://127.0.0.1:1' })).toMatchObject({
      region: 'eu-west-3',
    });
    expect(await told({ ...region, AWS_REGION: 'eu-west-1', ...KEYS })).toMatchObject({
      region: 'eu-west-1',
    });
  });
});
