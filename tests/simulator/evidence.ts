/** What checkers look at: what a job stored, what it should have, and everything that was written on the way. */

import type { Item, Table } from '../../shared/ports/table.ts';
import type { ClosingState } from '../../shared/state/closing.ts';
import {
  type LaneStatus,
  readClosingState,
  readLanes,
  readSideOutput,
} from '../../shared/state/inspect.ts';
import type { StoredSideEvent } from '../../shared/state/sideOutput.ts';
import type { Analysis } from './analyses.ts';
import { type Expected, expectedResults, type LaneContents } from './oracle.ts';
import type { Deployment } from './world/deployment.ts';
import type { RecordedChange, RecordedCommit } from './world/history.ts';
import { openTable } from './world/openTable.ts';
import type { World } from './world/world.ts';

export interface Evidence {
  readonly job: string;
  readonly analysis: Analysis;
  readonly settings: World['settings'];
  readonly contents: readonly LaneContents[];
  readonly expected: Expected;
  readonly lanes: readonly LaneStatus[];
  readonly closing: ClosingState;
  /** All that `closing` ever was, where corrections are short-lived; else the last only. */
  readonly closings: readonly ClosingState[];
  readonly side: readonly StoredSideEvent[];
  /** `<origin lane>#<origin position>` to the `<lane>#<position>` that was admitted. */
  readonly admissions: ReadonlyMap<string, string>;
  /** Since when nothing that was stored has expired: older side output and pages may be gone. */
  readonly storedSince: number;
  readonly rows: readonly Item[];
  readonly partitionKey: string;
  /** Writes of rows, oldest first. */
  readonly rowChanges: readonly RecordedChange[];
  readonly closingChanges: readonly RecordedChange[];
  readonly commits: readonly RecordedCommit[];
  /** Events found behind what is stored, over all lanes. */
  readonly expiredEvents: number;
  /** Windows ending up to here may lack content that came too long after they were final. */
  readonly expiredBefore: number;
  readonly clockSkew: number;
  /** When the end of the input was announced, if it was. */
  readonly endedAt: number | undefined;
}

const ONE_DAY = 86_400_000;

/** A checker names what is wrong, or finds nothing. */
export type Checker = (evidence: Evidence) => string | undefined;

export async function gatherEvidence(world: World, deployment: Deployment): Promise<Evidence> {
  const { id, trial, results } = deployment;
  const table = openTable(world.state);
  const admissions = admissionsOf(world, id);
  const admitted = new Set(admissions.values());
  const contents = world.stream.shards.map((shard) => ({
    lane: `${world.stream.name}/${shard.id}`,
    records: shard.records,
  }));
  const lanes = await readLanes(id, table);
  const closing = await readClosingState(id, table);
  const side: StoredSideEvent[] = [];
  for await (const event of readSideOutput(id, table)) side.push(event);
  const { changes } = world.history;
  const closingChanges = changes.filter(({ kind, key }) => kind === 'closing' && key.pk === id);
  const closings = isCorrectable(world) ? [closing] : await closingsOf(id, closingChanges);
  return {
    job: id,
    analysis: trial.analysis,
    settings: world.settings,
    contents,
    expected: expectedResults(id, trial.analysis, contents, (lane, position) =>
      admitted.has(`${lane}#${position}`),
    ),
    lanes,
    closing,
    side,
    admissions,
    storedSince: world.storedSince,
    rows: [...results.items()],
    partitionKey: results.description.partitionKey,
    rowChanges: changes.filter(({ store }) => store === results),
    closingChanges,
    closings,
    commits: world.history.commitsOf(id),
    expiredEvents: [...closing.lanes.values()].reduce((sum, lane) => sum + lane.expired, 0),
    expiredBefore: isCorrectable(world) ? Number.NEGATIVE_INFINITY : closing.expiredBefore,
    clockSkew: world.clockSkew,
    endedAt: world.endedAt,
  };
}

/** Whether corrections stay possible for longer than any run takes, so that nothing may expire. */
const isCorrectable = (world: World): boolean => world.settings.correctionRetention > ONE_DAY;

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
