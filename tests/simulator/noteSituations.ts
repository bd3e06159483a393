/** Situations that only show when a run is looked at as a whole. */
import type { Evidence } from './evidence.ts';
import type { ExpectedWindows } from './oracle/windows.ts';
import type { Situations } from './situations.ts';

export function noteSituations(evidence: Evidence, situations: Situations): void {
  noteCommon(evidence, situations);
  const { expected } = evidence;
  for (const [name, times] of expected.edges.counts) situations.meet(name, times);
  if (expected.kind === 'window') noteWindows(evidence, expected, situations);
  if (expected.kind === 'pattern') {
    situations.meet('alert of a pattern', expected.alerts.length);
    situations.meet('match timed out', expected.timeOuts.length);
    const dues = new Set(expected.timeOuts.map(({ due }) => due));
    const reached = evidence.commits.filter(({ watermark }) => dues.has(watermark));
    situations.meet('W just at a time-out', reached.length);
    situations.meet('idle jump between records', expected.idleJumps);
    situations.meet('event dead once it was released', expected.buried);
  }
  if (expected.kind === 'status') {
    for (const { content } of expected.rows.values()) {
      situations.meet(`status ${content['status']}`);
    }
    situations.meet('status judged just at its time', judgedOnTheDot(evidence));
  }
}

function noteCommon(evidence: Evidence, situations: Situations): void {
  const { side } = evidence;
  situations.meet('late event', side.filter(({ kind }) => kind === 'late').length);
  situations.meet('dead letter', side.filter(({ kind }) => kind === 'dead').length);
  situations.meet('copy of a redriven event refused', copiesRefused(evidence));
  const lanes = [...evidence.expected.lanes.values()];
  situations.meet(
    'misplaced event dropped',
    lanes.reduce((sum, { misplaced }) => sum + misplaced, 0),
  );
  noteCopies(evidence, situations);
  situations.meet('idle lane returned', lanesReturned(evidence));
}

function noteCopies({ expected, contents, lanes }: Evidence, situations: Situations): void {
  const children = new Set(
    contents.filter(({ parents }) => parents.length > 0).map(({ lane }) => lane),
  );
  for (const [lane, { repeated }] of expected.lanes) {
    situations.meet('copy of a named producer dropped', repeated);
    if (children.has(lane)) situations.meet("copy dropped by a child's lane", repeated);
  }
  const unremembered = lanes.map(({ counts }) => counts.unremembered ?? 0);
  situations.meet(
    'name that is not remembered',
    unremembered.reduce((sum, each) => sum + each, 0),
  );
}

function noteWindows(
  { closing, closingChanges, expiredEvents, endedAt }: Evidence,
  expected: ExpectedWindows,
  situations: Situations,
): void {
  const watermarks = [...expected.lanes.values()].map(({ watermark }) => watermark);
  const isFlushed = endedAt === undefined && closing.watermark > Math.max(...watermarks);
  const stored = closingChanges.map(({ after }) => Number(after?.['watermark']));
  const just = stored.filter((watermark) => expected.windows.has(watermark));
  const early = stored.filter((watermark) => expected.windows.has(watermark + 1));
  situations.meet('job watermark just at the end of a window', just.length);
  situations.meet('job watermark a millisecond before the end of a window', early.length);
  situations.meet('event in an edition', expected.inEditions);
  situations.meet('event expired', expiredEvents);
  situations.meet('flushed by the clock', isFlushed ? 1 : 0);
  situations.meet('roll-up', closing.pages.filter(({ level }) => level > 0).length);
  situations.meet('alert of a gate', expected.alerts.length);
}

/** A lane's own watermark judges. */
function judgedOnTheDot({ analysis, results, commits }: Evidence): number {
  if (analysis.kind !== 'status') return 0;
  const changes = results.flatMap((table) => table.changes);
  const reached = new Set(commits.map(({ watermark }) => watermark));
  return changes.filter(({ after }) => {
    const due = after && analysis.dueAt(after);
    if (due === undefined) return false;
    return reached.has(due);
  }).length;
}

function copiesRefused({ contents, admissions, job }: Evidence): number {
  const facts = contents.flatMap(({ records }) => records.flatMap((record) => record.facts));
  const copies = facts.filter((fact) => fact.kind === 'redriven' && fact.origin.job === job);
  return copies.length - admissions.size;
}

/** Commits with valid events on lanes that had been silent long enough to be left out. */
function lanesReturned({ commits, settings }: Evidence): number {
  const lastValid = new Map<string, number>();
  let returned = 0;
  for (const { lane, lastValidAt } of commits) {
    if (lastValidAt === undefined) continue;
    const before = lastValid.get(lane);
    if (before !== undefined && lastValidAt - before > settings.idleAfter) returned += 1;
    lastValid.set(lane, lastValidAt);
  }
  return returned;
}
