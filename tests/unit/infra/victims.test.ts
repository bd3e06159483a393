/** Threads in which functions die: on purpose, of themselves, or not at all. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { emptyTally } from '../../../infra/local/chaos/tally.ts';
import { createVictims, type Victims } from '../../../infra/local/chaos/victims.ts';
import type { FunctionDefinition } from '../../../infra/local/definitions.ts';

const BODIES = {
  lives: "return 'done';",
  asks: "request('http://127.0.0.1:1').on('error', () => {}); return new Promise(() => {});",
  throws: "throw new Error('a failure of its own');",
  crashes: "setImmediate(() => { throw new Error('boom'); }); return new Promise(() => {});",
  ends: 'process.exit(0);',
  crashesLater: "setTimeout(() => { throw new Error('boom'); }, 20); return 'done';",
} as const;

const root = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
writeFileSync(
  join(root, 'handlers.ts'),
  [
    "import { request } from 'node:http';",
    ...Object.entries(BODIES).map(
      ([name, body]) => `export const ${name} = async () => { ${body} };`,
    ),
  ].join('\n'),
);
const functions: FunctionDefinition[] = Object.keys(BODIES).map((name) => ({
  name,
  physicalName: name,
  handler: `handlers.${name}`,
  timeoutSeconds: 10,
  memoryMegabytes: 128,
  mappings: [],
  schedules: [],
}));

let victims: Victims | undefined;
afterEach(() => victims?.stop());

async function start() {
  const tally = emptyTally();
  const crashes: string[] = [];
  const started = createVictims({
    source: {
      root,
      definitions: { functions, region: 'us-east-1' },
      output: { within: (work) => work(), log: () => {} },
      onResult: () => {},
    },
    // The first request, before it is sent.
    random: () => 0,
    tally,
    onCrash: (error, name) => crashes.push(`${name}: ${error.message}`),
  });
  victims = started;
  const isReady = () => expect.poll(() => started.isReady, { timeout: 10_000 }).toBe(true);
  await isReady();
  return { tally, crashes, isReady, invoke: (name: string) => started.invoke(name, {}, 1) };
}

it('kills at a request, counts that, and is ready again', async () => {
  const { tally, crashes, isReady, invoke } = await start();
  await expect(invoke('asks')).rejects.toThrow('killed on purpose at its request 1, unsent');
  await isReady();
  expect(await invoke('lives')).toBe('done');
  expect({ ...tally, crashes }).toEqual({ ...emptyTally(), killed: 1, crashes: [] });
});

it.each([
  ['crashes', 'crashed, and not on purpose: boom'],
  ['ends', 'crashed, and not on purpose: exit code 0'],
])(
  'tells of a function that %s, does not count it as killed, and is ready again',
  async (name, text) => {
    const { tally, crashes, isReady, invoke } = await start();
    await expect(invoke(name)).rejects.toThrow(text);
    expect(crashes).toEqual([`${name}: ${text}`]);
    expect(tally).toEqual(emptyTally());
    await isReady();
    expect(await invoke('lives')).toBe('done');
  },
);

it('tells of a thread that crashes behind its invocation', async () => {
  const { tally, crashes, invoke } = await start();
  expect(await invoke('crashesLater')).toBe('done');
  await expect.poll(() => crashes).toEqual(['undefined: crashed, and not on purpose: boom']);
  expect(tally).toEqual(emptyTally());
});

it('takes a failure that the function tells for none of its own', async () => {
  const { tally, crashes, invoke } = await start();
  await expect(invoke('throws')).rejects.toThrow('a failure of its own');
  expect({ ...tally, crashes }).toEqual({ ...emptyTally(), crashes: [] });
});

it('leaves no listener on a thread that lives on', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on('warning', onWarning);
  const { invoke } = await start();
  for (let n = 0; n < 12; n += 1) await invoke('lives');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

it('takes its own end for no crash', async () => {
  const { crashes } = await start();
  await victims?.stop();
  expect(crashes).toEqual([]);
});
