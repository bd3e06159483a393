/** What checkers look at: what a job stored, what it should have, and everything that was written on the way. */
import type { HashRange } from '../../shared/model/hashRange.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import type { ClosingState } from '../../shared/state/closing/closingState.ts';
import {
  type LaneStatus,
  readClosingState,
  readLaneStatuses,
  readSideEvents,
} from '../../shared/state/inspect.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import type { Analysis } from './analyses/analysis.ts';
import { type Expected, expectedResults } from './oracle/expected.ts';
import type { LaneContents } from './oracle/lanes.ts';
import type { Deployment } from './world/deployment.ts';
import type { RecordedChange, RecordedCommit } from './world/history.ts';
import { openTable } from './world/openTable.ts';
import type { Contents } from './world/store.ts';
import { nameOfShard, type Shard, takes } from './world/stream.ts';
import type { World } from './world/world.ts';

/** A result table of the job. */
export interface Results {
  readonly name: string;
  readonly contents: Contents;
  readonly partitionKey: string;
  readonly sortKey: string | undefined;
  readonly rows: readonly Item[];
  /** Writes of rows, oldest first. */
  readonly changes: readonly RecordedChange[];
}

/** A shard of the job's own stream. */
export interface OwnShard extends Pick<Shard, 'low' | 'high' | 'records'> {
  /** `<stream>/<shard>` */
  readonly lane: string;
  readonly parents: readonly string[];
  shardWith(range: HashRange): Shard;
}

export interface Evidence {
  readonly job: string;
  readonly analysis: Analysis;
  readonly settings: World['settings'];
  /** Those that it reads, but for its own. */
  readonly streams: readonly string[];
  readonly contents: readonly LaneContents[];
  /** Parents before their children; none of a job that forwards nothing. */
  readonly ownShards: readonly OwnShard[];
  /** What named producers put on the job's streams: `<stream> <name> <place>`. */
  readonly named: readonly string[];
  /** Lanes of shards that take no more records. */
  readonly closedShards: ReadonlySet<string>;
  readonly expected: Expected;
  readonly stateRetention: number;
  readonly lanes: readonly LaneStatus[];
  readonly closing: ClosingState;
  /** All that `closing` ever was, where corrections are short-lived; else the last only. */
  readonly closings: readonly ClosingState[];
  readonly side: readonly StoredSideEvent[];
  /** `<origin lane>#<origin position>` to the `<lane>#<position>` that was admitted. */
  readonly admissions: ReadonlyMap<string, string>;
  /** Since when nothing that was stored has expired: older side output and pages may be gone. */
  readonly storedSince: number;
  readonly results: readonly Results[];
  readonly closingChanges: readonly RecordedChange[];
  readonly commits: readonly RecordedCommit[];
  /** Everything that was written, oldest first. */
  readonly changes: readonly RecordedChange[];
  /** Events found behind what is stored, over all lanes. */
  readonly expiredEvents: number;
  /** Windows ending up to here may lack content that came too long after they were final. */
  readonly expiredBefore: number;
  readonly clockSkew: number;
  /** When the end of the input was announced, if it was. */
  readonly endedAt: number | undefined;
}

/** More than a run takes before it is revived. */
const RUN_MAX_MS = 4 * 3_600_000;

/** A checker names what is wrong, or finds nothing. */
export type Checker = (evidence: Evidence) => string | undefined;

/** The job's tables of these contents. */
export const resultsWith = ({ results }: Evidence, contents: Contents): readonly Results[] =>
  results.filter((each) => each.contents === contents);

export async function gatherEvidence(world: World, deployment: Deployment): Promise<Evidence> {
  const { id, trial } = deployment;
  const table = openTable(world.state);
  const admissions = admissionsOf(world, id);
  const admitted = new Set(admissions.values());
  const lanes = await readLaneStatuses(id, table);
  const closing = await readClosingState(id, table);
  const side: StoredSideEvent[] = [];
  for await (const event of readSideEvents(id, table)) side.push(event);
  const { changes } = world.history;
  const closingChanges = changes.filter(
    ({ kind, key }) => (kind === 'closing' || kind === 'clock') && key.pk === id,
  );
  const closings = isCorrectable(world) ? [closing] : await closingsOf(id, closingChanges);
  const contents = contentsOf(world, deployment);
  return {
    job: id,
    analysis: trial.analysis,
    stateRetention: trial.stateRetention,
    settings: world.settings,
    streams: trial.streams,
    contents,
    ownShards: ownShardsOf(world, deployment),
    named: world.named.eventsOn(trial.streams),
    closedShards: new Set(
      world.allStreams.flatMap(({ shards }) => shards.filter((s) => s.isClosed).map(nameOfShard)),
    ),
    expected: expectedResults(trial.analysis, {
      job: id,
      lanes: contents,
      isAdmitted: (lane, position) => admitted.has(`${lane}#${position}`),
      idleAfter: world.settings.idleAfter,
      stateRetention: trial.stateRetention,
      inputEnds: deployment.inputEnds,
    }),
    lanes,
    closing,
    side,
    admissions,
    storedSince: world.storedSince,
    results: [...deployment.results].map(([name, store]) => ({
      name,
      contents: store.contents,
      partitionKey: store.description.partitionKey,
      sortKey: store.description.sortKey,
      rows: [...store.items()],
      changes: changes.filter((change) => change.store === store),
    })),
    closingChanges,
    closings,
    commits: world.history.commitsOf(id),
    changes,
    expiredEvents: lanes.reduce((sum, lane) => sum + lane.expired, 0),
    expiredBefore: isCorrectable(world) ? Number.NEGATIVE_INFINITY : closing.expiredBefore,
    clockSkew: world.clockSkew,
    endedAt: world.endedAt,
  };
}

/** What the shards of the job's streams hold, parents before their children. */
function contentsOf({ streams }: World, { trial }: Deployment): LaneContents[] {
  return streams
    .filter(({ name }) => trial.streams.includes(name))
    .flatMap(({ name, shards }) =>
      shards.map((shard) => ({
        lane: nameOfShard(shard),
        low: shard.low,
        high: shard.high,
        openedAt: shard.openedAt,
        parents: shard.parents.map((id) => nameOfShard({ stream: name, id })),
        takes: (partitionKey: string) => takes(shard, partitionKey),
        records: shard.records,
      })),
    );
}

const ownShardsOf = ({ ownStreams }: World, deployment: Deployment): OwnShard[] =>
  ownStreams
    .filter(({ name }) => deployment.reads(name))
    .flatMap((stream) =>
      stream.shards.map((shard) => ({
        ...shard,
        lane: nameOfShard(shard),
        parents: shard.parents.map((id) => nameOfShard({ stream: stream.name, id })),
        shardWith: (range: HashRange) => stream.shardWith(range),
      })),
    );

/** Whether corrections stay possible for longer than any run takes, so that nothing may expire. */
const isCorrectable = (world: World): boolean => world.settings.correctionRetention > RUN_MAX_MS;

function closingsOf(id: string, changes: readonly RecordedChange[]): Promise<ClosingState[]> {
  return Promise.all(
    changes.map(({ store, after }) => {
      const past: Table = {
        ...openTable(store),
        async *query() {
          if (after) yield after;
        },
      };
      return readClosingState(id, past);
    }),
  );
}

/** Who was admitted first, whether or not that is still stored. */
function admissionsOf({ history }: World, job: string): Map<string, string> {
  const admissions = new Map<string, string>();
  for (const { kind, key, after } of history.changes) {
    if (kind !== 'admission' || !after || key.pk !== `${job}#redriven`) continue;
    if (!admissions.has(key.sk)) admissions.set(key.sk, String(after['by']));
  }
  return admissions;
}
