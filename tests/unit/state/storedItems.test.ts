/**
 * What each job stores, byte for byte: a change of the code that is to change nothing shows here if it does.
 *
 * A digest is of all items that stand in the state table while the eventful input is under way, or in that and the result
 * tables at its end: their keys and attributes, with packed bytes unpacked. It may change only where what is stored is
 * changed on purpose: with `STATE_FORMAT`, or in a commit that says why readers of either age do not mind
 * (`State: compatible`). A change of the input changes all of them, and is a commit of its own.
 */
import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/job/job.ts';
import { FLINK_JOBS } from '../../support/flinkRows.ts';
import { orderTimeoutPattern } from '../../support/orderTimeoutPattern.ts';
import { eventfulRun, type Stored } from './eventfulRun.ts';

/** So few clicks that somebody is blocked. */
const TEXTS: Readonly<Record<string, Record<string, string>>> = { 'ad-blacklist': { limit: '10' } };

const DIGESTS: Readonly<Record<string, readonly [underWay: string, atEnd: string]>> = {
  'hot-items@1': ['5a5a3568497163eb', 'd8f08bf676c689d8'],
  'hot-pages@1': ['e51e8bb94d6a206d', 'fb3104363239f48e'],
  'pvuv@1': ['f7e07f41be8cca24', '63d86ae11a2fef95'],
  'app-promotion@1': ['eaeb912eebeb86db', 'fcae4f59fbcd12c6'],
  'ad-blacklist@1': ['5f77d772ab6c3d44', 'd1cf00821b12a30a'],
  'login-fail@1': ['10475896adc6cc0b', 'b5de9e3360bf4c35'],
  'order-timeout@1': ['012b37454a04cf8f', 'cc0179aca526d113'],
  'order-reconcile@1': ['50b139ee148fa15c', 'fdef90c334fa27a8'],
  'order-timeout-pattern@1': ['4e4316d43b1cf4dd', '2c5825f490046983'],
};

async function storedBy(job: Job): Promise<[underWay: string, atEnd: string]> {
  const { underWay, atEnd } = await eventfulRun(job);
  return [digestOf(underWay), digestOf(atEnd)];
}

function digestOf(tables: readonly Stored[]): string {
  const hash = createHash('sha256');
  for (const table of tables) {
    const texts = [...table].map((item) => JSON.stringify(inOrder(shown(item))));
    for (const text of texts.map(withoutNames).sort()) hash.update(`${text}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Unpacked: how bytes are packed depends on the processor. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return unpacked(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shown(each)]));
}

function unpacked(bytes: Uint8Array): string {
  try {
    return inflateRawSync(bytes).toString('base64');
  } catch {
    return Buffer.from(bytes).toString('base64');
  }
}

const inOrder = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Blobs are named by the hash of their packed bytes. */
const withoutNames = (text: string): string => text.replaceAll(/\b[0-9a-f]{16}\b/g, '*');

const ALL = [
  ...FLINK_JOBS.map((family) => family.build(TEXTS[family.name]) as Job),
  orderTimeoutPattern as unknown as Job,
];

describe('what a job stores', () => {
  it.each(ALL.map((job) => [job.id, job] as const))('%s', async (id, job) => {
    expect(await storedBy(job)).toEqual(DIGESTS[id]);
  });
});
