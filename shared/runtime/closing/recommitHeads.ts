/** Keeps the heads of silent lanes from expiring. */
import { later, type ProcessingTime } from '../../model/time.ts';
import type { Table } from '../../ports/table.ts';
import type { ClosingView } from '../../state/closing/closing.ts';
import { recommittedHead } from '../../state/lane/laneLog.ts';
import { isAging } from '../../state/retention.ts';
import { appendDraft } from '../lanes/commitDraft.ts';
import type { EngineSettings } from '../settings.ts';
import { type LaneTail, readNewest } from './logTail.ts';

/**
 * Appends a recommitted head to lanes whose head has used up half of its time to live. Needs no lease: it is a commit like any
 * other, and whoever else takes the slot keeps the head young as well. Where no reply came, the next run looks again.
 */
export async function recommitHeads(
  table: Table,
  { logRetention }: EngineSettings,
  view: ClosingView,
  tails: ReadonlyMap<string, LaneTail>,
  now: ProcessingTime,
): Promise<void> {
  const until = later(now, logRetention);
  for (const [name, tail] of tails) {
    const merged = view.state.lanes.get(name)?.headExpiresAt;
    const expiresAt = tail.commits.at(-1)?.expiresAt ?? merged;
    if (expiresAt === undefined || tail.hasUnread) continue;
    if (!isAging(expiresAt, logRetention, now)) continue;
    const head = await readNewest(table, tail);
    if (!head || !isAging(head.expiresAt, logRetention, now)) continue;
    await appendDraft(table, tail.lane, { commit: recommittedHead(head, until), chunks: [] });
  }
}
