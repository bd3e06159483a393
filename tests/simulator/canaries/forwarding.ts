/** What goes through a job's own stream. */
import { type Canary, canary } from './canary.ts';

const MONEY = { job: 'order-reconcile' } as const;

export const FORWARDING_CANARIES: readonly Canary[] = [
  canary(
    'a commit before what it forwards is stored',
    'runtime/ingest/forwardBatch.ts',
    'await this.#forwarder.put(lane, head?.to, out);',
    'this.#forwarder.put(lane, head?.to, out).catch(() => undefined);',
    MONEY,
  ),
  canary(
    'a give-up that goes on',
    'runtime/forwarding/forwarder.ts',
    'await producer.flushWith(out.progress, last);',
    'await producer.flushWith(out.progress, last).catch(() => undefined);',
    MONEY,
  ),
  canary(
    'offsets without the index in the record',
    'runtime/forwarding/forwarder.ts',
    'const at = BigInt(index);',
    'const at = 0n * BigInt(index);',
    MONEY,
  ),
  canary(
    'forwarding from a warm head',
    'runtime/ingest/ingest.ts',
    'if (warm && isFenced(lane) && since',
    'if (warm && since',
    MONEY,
  ),
  canary(
    'a watermark that ignores a live source',
    'operators/status/sourceClocks.ts',
    'active.reduce(earliest)',
    'active.reduce(latest)',
    MONEY,
  ),
  canary(
    'an idle source that holds time back',
    'operators/status/sourceClocks.ts',
    'this.#heardWithin(this.#lives.idleAfter)',
    'this.#heardWithin(this.#lives.keptFor)',
    MONEY,
  ),
  canary(
    'sources not taken over by a child',
    'runtime/ingest/statusBatch.ts',
    'if (!this.#isForwarded || laneState.head) return undefined;',
    'if (this.#isForwarded) return undefined;',
    MONEY,
  ),
  canary(
    'progress taken from a record that is misplaced',
    'operators/intake/intake.ts',
    "const reached = admission.kind === 'misplaced' ? undefined : progress?.(entry);",
    'const reached = admission && progress?.(entry);',
    MONEY,
  ),
  canary(
    'events taken ahead of what is on its way',
    'operators/status/ahead.ts',
    '!isForgetful(job) || !isAfter(takenFrom(job, kept, arrival), frontier);',
    '!isForgetful(job) || takenFrom(job, kept, arrival) !== frontier;',
    MONEY,
  ),
  canary(
    'target arrival times instead of the sources',
    'operators/status/forwardedIntake.ts',
    'const clocks = { arrival, keeping: arrival };',
    'const clocks = { arrival: entry.arrival, keeping: arrival && entry.arrival };',
    MONEY,
  ),
  canary(
    'lateness judged again where the keys are',
    'operators/status/forwardedIntake.ts',
    "const lateness = isLate ? 'lateAtSource' : 'onTime';",
    "const lateness = isLate || at < watermark ? 'lateAtSource' : 'onTime';",
    MONEY,
  ),
  canary(
    'a frontier that ignores shards without a lane',
    'runtime/timers/frontier.ts',
    "return found === 'drained' ? readUpTo : last;",
    "return found === 'drained' || !head ? readUpTo : last;",
    MONEY,
  ),
  canary(
    'a frontier that ignores what is left in a shard',
    'runtime/timers/frontier.ts',
    "return found === 'drained' ? readUpTo : last;",
    "return found === 'drained' ? readUpTo : found && readUpTo;",
    MONEY,
  ),
  canary(
    'events ahead not taken when the frontier comes',
    'runtime/ingest/statusBatch.ts',
    'if (heard) this.#release(fold, store, heard.frontier ?? NO_FRONTIER);',
    '',
    MONEY,
  ),
];
