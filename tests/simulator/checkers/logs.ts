/** Logs are dense and never rewritten; W, cursors and the job watermark never go back; fences only grow. */
import type { Checker, Evidence } from '../evidence.ts';

export const logs: Checker = (evidence) => commitProblem(evidence) ?? closingProblem(evidence);

function commitProblem({ commits }: Evidence): string | undefined {
  const heads = new Map<string, Evidence['commits'][number]>();
  for (const commit of commits) {
    const { lane, slot, watermark } = commit;
    const head = heads.get(lane);
    if (slot !== (head?.slot ?? -1) + 1) {
      return `${lane}: slot ${slot} was put after slot ${head?.slot}, at ${commit.at}`;
    }
    if (head && watermark < head.watermark) {
      return `${lane}: W went back from ${head.watermark} to ${watermark} in slot ${slot}`;
    }
    heads.set(lane, commit);
  }
  return undefined;
}

function closingProblem({ closingChanges }: Evidence): string | undefined {
  for (const { before, after, at, by } of closingChanges) {
    for (const name of ['version', 'fence', 'watermark']) {
      const [was, is] = [Number(before?.[name] ?? Number.NEGATIVE_INFINITY), after?.[name]];
      const isLost = is === undefined && Number.isFinite(was);
      if (isLost || Number(is) < was)
        return `closing: ${name} went from ${was} to ${is}, ${by} at ${at}`;
    }
  }
  return undefined;
}
