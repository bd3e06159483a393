/** Keeps the heads of silent lanes from expiring. */
import { UnknownOutcomeError } from '../../errors.ts';
import { type ProcessingTime, processingTime } from '../../model/time.ts';
import type { Table } from '../../ports/table.ts';
import type { ClosingView } from '../../state/closing/closing.ts';
import { appendCommit, type Commit, restAfter } from '../../state/lane/laneLog.ts';
import type { EngineSettings } from '../settings.ts';
import { type LaneTail, readNewest } from './logTail.ts';

/**
 * Appends a rest entry to lanes whose head has used up half of its time to live. Needs no lease: it is a
 * commit like any other, and whoever else takes the slot keeps the head young as well.
 */
export async function carryHeadsForward(
  table: Table,
  settings: EngineSettings,
  view: ClosingView,
  tails: ReadonlyMap<string, LaneTail>,
  now: ProcessingTime,
): Promise<void> {
  const oldest = now + settings.logRetention / 2;
  const until = processingTime(now + settings.logRetention);
  for (const [name, tail] of tails) {
    const merged = view.state.lanes.get(name)?.headExpiresAt;
    const expiresAt = tail.commits.at(-1)?.expiresAt ?? merged;
    if (expiresAt === undefined || expiresAt > oldest || tail.hasUnread) continue;
    const head = await readNewest(table, tail);
    if (head && head.expiresAt <= oldest) await appendRest(table, tail, restAfter(head, until));
  }
}

async function appendRest(table: Table, tail: LaneTail, rest: Commit): Promise<void> {
  try {
    await appendCommit(table, tail.lane, rest);
  } catch (error) {
    // Whether it stands or not, the next run looks again.
    if (!(error instanceof UnknownOutcomeError)) throw error;
  }
}
