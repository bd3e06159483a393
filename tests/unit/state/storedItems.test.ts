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
import { decodeGroups } from '../../../shared/state/columns/groups.ts';
import { FLINK_JOBS } from '../../support/flinkRows.ts';
import { orderTimeoutPattern } from '../../support/orderTimeoutPattern.ts';
import { eventfulRun, type Stored } from './eventfulRun.ts';

/** So few clicks that somebody is blocked. */
const TEXTS: Readonly<Record<string, Record<string, string>>> = { 'ad-blacklist': { limit: '10' } };

const DIGESTS: Readonly<Record<string, readonly [underWay: string, atEnd: string]>> = {
  'hot-items@1': ['f200ad6746235237', '01fb21ce3fe1ef82'],
  'hot-pages@1': ['5892373760ad5171', '7e5b7eee7de7520a'],
  'pvuv@1': ['45aa22ff3bac928e', '5cc4fdfa74659aea'],
  'app-promotion@1': ['b327e6a7bf430f00', '4293bd4f07f8b144'],
  'ad-blacklist@2': ['a48f2cb557ced9dd', '96908cb569efa8bc'],
  'login-fail@2': ['d96168ffaacec76d', 'c28938da431006dd'],
  'order-timeout@2': ['101456712df14c1d', 'a1f283431ee30c55'],
  'order-reconcile@2': ['0f89368a7b1331e3', '0e387ac4dcdaa5ec'],
  'order-timeout-pattern@1': ['61ac51da4e1abcc2', '7a9eae4c7a119473'],
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
  for (const unpack of [inflateRawSync, (packed: Uint8Array) => Buffer.from(listOf(packed))]) {
    try {
      return unpack(bytes).toString('base64');
    } catch {
      // It is packed in another way, or not at all.
    }
  }
  return Buffer.from(bytes).toString('base64');
}

const listOf = (packed: Uint8Array): string => JSON.stringify([...decodeGroups(packed)]);

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
