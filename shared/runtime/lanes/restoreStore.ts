/**
 * Reads a lane's keyed store from its log: the parts of its snapshot, and what the commits after each of them changed. No job's code
 * decides on anything, so what was stored is what comes back; of status jobs it says when timers are due.
 */
import type { Lane } from '../../model/lane.ts';
import { Coverage, hashOf } from '../../operators/keyed/coverage.ts';
import { type Entry, KeyedStore, weightOf } from '../../operators/keyed/keyedStore.ts';
import type { Table } from '../../ports/table.ts';
import { inTurns } from '../../state/inTurns.ts';
import { decodeKept } from '../../state/keyed/keptColumns.ts';
import { partPartition } from '../../state/keys.ts';
import { type BlobReference, readBlob } from '../../state/lane/blob.ts';
import { type Commit, readTaken } from '../../state/lane/laneLog.ts';
import type { Part } from '../../state/lane/storeMarks.ts';

type Covering = Pick<Commit, 'slot' | 'expiresAt' | 'part'>;

/** Where the stretches of a lane's snapshot are, one more commit on. */
export const coverageAfter = (
  before: Coverage | undefined,
  { slot, expiresAt, part }: Covering,
): Coverage => {
  const coverage = before ?? Coverage.from(slot, expiresAt);
  return part ? coverage.with({ from: part.from, to: part.to, slot, expiresAt }) : coverage;
};

/** An item's key, numbers and names, about. */
const COMMIT_BYTES = 400;

/** What restoring reads of a commit; of what stands in chunks, `changed`. */
export const loggedBytes = (
  { deltas, side, held, alerts, part }: Commit,
  changedBytes: number,
): number =>
  [deltas, side, held, alerts, part?.content].reduce(
    (sum, blob) => sum + (blob instanceof Uint8Array ? blob.length : 0),
    COMMIT_BYTES + changedBytes,
  );

/** The store as it is behind a head, made of an empty one. Throws InvariantViolation and BlobGone where the log or a part is gone. */
export async function restoreStore(
  table: Table,
  lane: Lane,
  head: Commit,
  store: KeyedStore = new KeyedStore(),
): Promise<KeyedStore> {
  const { keptFrom = 0 } = head;
  const commits: Noted[] = [];
  let coverage: Coverage | undefined;
  for await (const commit of readTaken(table, lane, keptFrom, head.slot)) {
    coverage = coverageAfter(coverage, commit);
    commits.push(notedOf(commit));
  }
  if (!coverage) return store;
  await loadParts(table, lane, { store, coverage, commits });
  let logged = 0;
  for await (const [{ slot, part, bytes }, stored] of withChanges(table, lane, commits)) {
    logged = (part ? 0 : logged) + bytes + stored.length;
    if (stored.length > 0) store.load(entriesSince(coverage, slot, stored));
  }
  store.standAt(head.slot, coverage, logged);
  return store;
}

/** What a commit changed, but for what a part has from then or later. */
function* entriesSince(coverage: Coverage, slot: number, stored: Uint8Array): Generator<Entry> {
  for (const entry of decodeKept(stored)) {
    if (slot >= coverage.slotOf(hashOf(entry[0]))) yield entry;
  }
}

/** Goes on from where a store stands, up to a head. Throws as above. */
export async function catchUp(
  table: Table,
  lane: Lane,
  store: KeyedStore,
  head: Commit,
): Promise<void> {
  const from = store.slot + 1;
  const commits: Noted[] = [];
  for await (const commit of readTaken(table, lane, from, head.slot)) commits.push(notedOf(commit));
  for await (const [commit, stored] of withChanges(table, lane, commits)) {
    store.advance({
      slot: commit.slot,
      changes: new Map(stored.length > 0 ? decodeKept(stored) : []),
      loggedBytes: commit.bytes + stored.length,
      coverage: coverageAfter(store.coverage, commit),
      part: commit.part ? 'named' : 'none',
    });
  }
}

/** What a commit says of the store. */
interface Noted extends Covering {
  readonly changes?: BlobReference;
  /** What was read of it, without its changes. */
  readonly bytes: number;
}

function notedOf(commit: Commit): Noted {
  const { slot, expiresAt, changes, part } = commit;
  return {
    slot,
    expiresAt,
    ...(changes ? { changes } : {}),
    ...(part ? { part } : {}),
    bytes: loggedBytes(commit, 0),
  };
}

/** Commits whose changes are read at a time, where they stand in chunks. */
const COMMITS_AT_ONCE = 16;
const NOTHING = new Uint8Array();

/** In order. */
async function* withChanges(
  table: Table,
  lane: Lane,
  commits: readonly Noted[],
): AsyncGenerator<readonly [Noted, Uint8Array]> {
  for (let at = 0; at < commits.length; at += COMMITS_AT_ONCE) {
    const some = commits.slice(at, at + COMMITS_AT_ONCE);
    const read = some.map(async ({ changes }) =>
      changes ? await readBlob(table, lane, changes) : NOTHING,
    );
    const stored = await Promise.all(read);
    for (const [i, commit] of some.entries()) yield [commit, stored[i] as Uint8Array];
  }
}

/** Parts that are read at a time. */
const PARTS_AT_ONCE = 8;

interface Loading {
  readonly store: KeyedStore;
  readonly coverage: Coverage;
  readonly commits: readonly Noted[];
}

/** Each part as far as no later one covers it. */
async function loadParts(
  table: Table,
  lane: Lane,
  { store, coverage, commits }: Loading,
): Promise<void> {
  const slots = new Set(coverage.stretches.map(({ slot }) => slot));
  const parts = commits.flatMap(({ slot, part }) =>
    part?.content && slots.has(slot) ? [{ slot, part }] : [],
  );
  await inTurns(
    parts,
    async ({ slot, part }) => {
      const stored = await partOf(table, lane, part, slot);
      let weight = 0;
      for (const entry of decodeKept(stored)) {
        weight += weightOf(...entry);
        if (coverage.slotOf(hashOf(entry[0])) === slot) store.load([entry]);
      }
      store.measure(weight, stored.length);
    },
    PARTS_AT_ONCE,
  );
}

const partOf = async (
  table: Table,
  lane: Lane,
  { from, content }: Part,
  slot: number,
): Promise<Uint8Array> =>
  content ? readBlob(table, lane, content, partPartition(lane, { slot, from })) : NOTHING;
