/** What `status` prints where it goes to a terminal, and where it does not. */
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, it, vi } from 'vitest';
import { runCommand } from '../../../../cli/program.ts';
import { JOBS } from '../../../../functions/jobs.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Of jobs that have no state. */
async function printed(output: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): Promise<string[]> {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  mockClient(DynamoDBClient).onAnyCommand().resolves({});
  const { stdout } = process;
  const terminal = Object.create(stdout, Object.getOwnPropertyDescriptors(output));
  vi.spyOn(process, 'stdout', 'get').mockReturnValue(terminal);
  const log = vi.spyOn(console, 'log').mockReturnValue();
  expect(await runCommand(['status', '--stage', 'dev'])).toEqual({ exitCode: 0 });
  return log.mock.calls.join('\n').split('\n');
}

it('is cut to the width of a terminal, and whole in a file', async () => {
  const widest = (lines: readonly string[]) => Math.max(...lines.map(({ length }) => length));
  const whole = await printed({ isTTY: false, columns: 50 });
  expect(widest(whole)).toBeGreaterThan(50);
  vi.restoreAllMocks();
  const cut = await printed({ isTTY: true, columns: 50 });
  expect(widest(cut)).toBe(50);
  expect(cut).toHaveLength(whole.length);
});

it('tells of a job whose state newer code has written, and of all others', async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  const newer = { pk: { S: 'pvuv@1' }, sk: { S: 'closing' }, format: { N: '99' } };
  const client = mockClient(DynamoDBClient).onAnyCommand().resolves({});
  const ofPvuv = { ExpressionAttributeValues: { ':pk': { S: 'pvuv@1' } } };
  client.on(QueryCommand, ofPvuv, false).resolves({ Items: [newer] });
  const log = vi.spyOn(console, 'log').mockReturnValue();
  expect(await runCommand(['status', '--stage', 'dev', '--format', 'json'])).toMatchObject({
    exitCode: 4,
  });
  const jobs = log.mock.calls.map(([line]) => JSON.parse(String(line)));
  expect(jobs).toHaveLength(JOBS.length);
  const found = jobs.filter(({ state }) => state === 'attention');
  expect(found).toMatchObject([
    {
      job: 'pvuv@1',
      findings: [{ kind: 'unreadable', what: expect.stringContaining('has format 99') }],
    },
  ]);
});
