/** Puts the rows of a commit of a status job on one stream. */
import { InvariantViolation } from '../../errors.ts';
import type { StatusJob } from '../../job/statusJob.ts';
import { type Lane, laneName } from '../../model/lane.ts';
import type { Changes } from '../../operators/keyed/keyedState.ts';
import { hasRow } from '../../operators/status/keptStatus.ts';
import type { Ports } from '../../ports/ports.ts';
import { inTurns } from '../../state/inTurns.ts';
import { decodeKept } from '../../state/keyed/keptColumns.ts';
import { fenceOf, putRow, rowItem } from '../../state/keyed/statusRows.ts';
import { readBlob } from '../../state/lane/blob.ts';
import { type Commit, readHead } from '../../state/lane/laneLog.ts';
import type { EngineSettings } from '../settings.ts';
import { knownItem, type LaneState } from './commitDraft.ts';

interface RowsOf {
  readonly job: StatusJob;
  readonly ports: Pick<Ports, 'state' | 'results'>;
  readonly settings: EngineSettings;
  /** What the commit changed, where that is known. */
  readonly changes: Changes | undefined;
}

/** Throws BlobGone. */
export async function putRows(
  { job, ports, settings: { streamRetention }, changes }: RowsOf,
  laneState: LaneState,
): Promise<void> {
  const { lane, head } = laneState;
  if (!head?.changes) return;
  const changed = changes ?? (await readChanges(ports, lane, head.changes));
  const fence = fenceOf(knownItem(laneState).generation, head.slot);
  const table = ports.results(job.table.name);
  const shown = [...changed].filter(([, kept]) => hasRow(job, kept));
  let refused: string | undefined;
  await inTurns(shown, async ([key, kept]) => {
    const item = rowItem(job, key, kept, { fence, streamRetention });
    if (item && (await putRow(table, item)) === 'refused') refused ??= key;
  });
  if (refused !== undefined) await checkOvertaken(ports, job, laneState, refused);
}

/** A later commit wrote the row, or somebody did who cannot be told from one: then this one's would be lost in silence. */
async function checkOvertaken(
  { state }: Pick<Ports, 'state'>,
  job: StatusJob,
  { lane, head }: LaneState,
  key: string,
): Promise<void> {
  const now = await readHead(state, lane);
  if (now?.slot !== head?.slot) return;
  throw new InvariantViolation(
    `${job.id} on ${laneName(lane)}: the row of ${key} in ${job.table.name} is from a later commit than the lane's last. ` +
      'Its state was deleted and its rows were not, or events of one key come with several partition keys',
  );
}

const readChanges = async (
  { state }: Pick<Ports, 'state'>,
  lane: Lane,
  changes: NonNullable<Commit['changes']>,
): Promise<Changes> => new Map(decodeKept(await readBlob(state, lane, changes)));
