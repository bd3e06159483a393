/**
 * Nothing is late: an alert stands before the commit that follows its cause. For what waits for the watermark, the cause is
 * the very first commit that comes so far and does not leave a part of what is due to the next.
 */
import { type Checker, type Evidence, type Results, resultsWith } from '../evidence.ts';
import type { ExpectedEmission } from '../oracle/windows.ts';
import { causeOf, emissionsByTable } from './causes.ts';

export const promptness: Checker = (evidence) => {
  const byTable = emissionsByTable(evidence);
  for (const [i, table] of resultsWith(evidence, 'alerts').entries()) {
    const firstPut = firstPuts(table);
    // The same thing found twice, where a key was forgotten in between, has one row.
    const byName = Map.groupBy(byTable[i] ?? [], ({ alert }) => `${alert.key} ${alert.id}`);
    for (const [name, [emission, ...others]] of byName) {
      if (!emission || others.length > 0) continue;
      const problem = lateBy(evidence, emission, firstPut.get(name));
      if (problem) return `${table.name}: alert ${name} ${problem}`;
    }
  }
  return undefined;
};

function firstPuts({ changes, partitionKey, sortKey }: Results): Map<string, number> {
  const puts = new Map<string, number>();
  for (const { after, at } of changes) {
    const name = after && `${after[partitionKey]} ${after[String(sortKey)]}`;
    if (name !== undefined && !puts.has(name)) puts.set(name, at);
  }
  return puts;
}

function lateBy(
  evidence: Evidence,
  emission: ExpectedEmission,
  putAt: number | undefined,
): string | undefined {
  const isCause = causeOf(evidence, emission);
  const cause = evidence.commits.find((commit) => !commit.isCutShort && isCause(commit));
  if (!cause || putAt === undefined) return undefined;
  const { lane, slot } = cause;
  const next = evidence.commits.find((commit) => commit.lane === lane && commit.slot === slot + 1);
  return next && next.at < putAt
    ? `was put at ${putAt}, after slot ${slot + 1} of ${lane} at ${next.at}`
    : undefined;
}
