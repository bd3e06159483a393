/** Lane logs, watermarks and redriven events. */
import { type Canary, canary } from './canary.ts';

const APPEND = "table.put(itemOf(lane, commit), { kind: 'absent' })";
const CREATE_LANE = "if ((await createLane(ports.state, lane, item)) === 'created') {";
const SETTLE = 'const laneState = { ...before, head: draft.commit };';

export const LOG_CANARIES: readonly Canary[] = [
  canary(
    'a blind put on a slot',
    'state/lane/laneLog.ts',
    APPEND,
    APPEND.replace('absent', 'always'),
  ),
  canary(
    'sequence numbers compared as text',
    'model/position.ts',
    'if (a.length !== b.length) return a.length - b.length;',
    '',
  ),
  canary(
    'W not stored',
    'state/lane/laneLog.ts',
    '...(commit.watermark === NO_WATERMARK ? {} : { watermark: commit.watermark }),',
    '',
  ),
  {
    name: 'lateness decided by the closer',
    patches: [
      {
        file: 'operators/intake/lateness.ts',
        find: 'editionFor(sliceOf(at, assign), assign, watermark, allowedLateness)',
        replace: 'editionFor(sliceOf(at, assign), assign, -Infinity, allowedLateness)',
      },
      {
        file: 'runtime/closing/takeIn.ts',
        find: '!endsUpTo(lastWindowEnd(content.slice, this.#job.assign), this.#state.expiredBefore)',
        replace:
          'lastWindowEnd(content.slice, this.#job.assign) + this.#job.allowedLateness > this.#state.watermark',
      },
    ],
  },
  {
    name: 'the lane item after slot 0',
    patches: [
      { file: 'runtime/lanes/lanes.ts', find: CREATE_LANE, replace: 'if (item.parents) {' },
      {
        file: 'runtime/ingest/ingest.ts',
        find: SETTLE,
        replace: `if (draft.commit.slot === 0) await createLane(ports.state, lane, knownItem(before)); ${SETTLE}`,
      },
      {
        file: 'runtime/ingest/ingest.ts',
        find: "import { appendDraft, type CommitDraft, type LaneState } from '../lanes/commitDraft.ts';",
        replace:
          "import { appendDraft, type CommitDraft, knownItem, type LaneState } from '../lanes/commitDraft.ts'; import { createLane } from '../../state/lane/laneItem.ts';",
      },
    ],
  },
  canary(
    'content that expires before every lane has begun',
    'runtime/closing/planClosing.ts',
    'since(startedAt, now) < correctionRetention',
    'now < startedAt',
  ),
  canary(
    'an expired head',
    'runtime/closing/recommitHeads.ts',
    'if (!head || !isAging(head.expiresAt, logRetention, now)) continue;',
    'continue;',
  ),
  canary(
    'the job watermark from the fastest lane',
    'operators/jobWatermark.ts',
    'Math.min(...active.map(',
    'Math.max(...active.map(',
  ),
  canary(
    'a window of entries that forgets the rest of its record',
    'records/entryWindow.ts',
    'this.#entries = this.#decode(position);',
    'this.#rest = [].values(); this.#entries = this.#decode(position);',
    { limits: 'tight' },
  ),
  canary(
    'redriven events filtered that are not decided upon yet',
    'runtime/ingest/admitEntries.ts',
    'return found(i);',
    'return found(most);',
    { limits: 'tight' },
  ),
  canary(
    'every copy of a redriven event admitted',
    'state/lane/admissions.ts',
    "return item['by'] === nameOf(copy) ? letInOf(item) : 'another';",
    'return letInOf(item);',
  ),
];
