/** Ends the input of a local stack: every scheduled function is told so for each of its jobs, until nothing is left. */
import { setTimeout as delay } from 'node:timers/promises';
import type { CloseReport } from '../../shared/runtime/closing/closeWindows.ts';
import type { FireReport } from '../../shared/runtime/timers/fireTimers.ts';
import type { Definitions } from './definitions.ts';
import type { LocalFunctions } from './functions.ts';
import type { LambdaEndpoint } from './lambdaEndpoint.ts';
import type { FlushStep } from './phase.ts';

/** In the order in which they end an input: what a lane lets go may belong to a window. */
const IN_ORDER = ['fireTimers', 'closeWindows'];
const RETRY_MS = 500;

type Flushing = Pick<LocalFunctions, 'invoke'> & Pick<LambdaEndpoint, 'waitUntilIdle'>;

export interface Flushes {
  /**
   * One job after the other, since here they have one processor. One that fails keeps no other from its turn. Rejects when it is
   * stopped.
   * @param onStep hears of each before it begins
   */
  flush(onStep?: (step: FlushStep) => void): Promise<void>;
  /** Begins no further step; resolves when the invocations under way have ended. */
  stop(): Promise<void>;
}

export function createFlushes(
  definitions: Pick<Definitions, 'functions'>,
  flushing: Flushing,
): Flushes {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  return {
    flush(onStep = () => {}) {
      const flushed = flushAll(definitions, { ...flushing, onStep, signal: stopping.signal });
      const ended = flushed.catch(() => {}).finally(() => underWay.delete(ended));
      underWay.add(ended);
      return flushed;
    },
    async stop() {
      stopping.abort(new Error('the stack stops'));
      await Promise.all(underWay);
    },
  };
}

interface Flush extends Flushing {
  readonly onStep: (step: FlushStep) => void;
  readonly signal: AbortSignal;
}

async function flushAll(
  { functions }: Pick<Definitions, 'functions'>,
  flush: Flush,
): Promise<void> {
  const { onStep, signal } = flush;
  const failures: unknown[] = [];
  const steps = IN_ORDER.flatMap((name) =>
    (functions.find((each) => each.name === name)?.schedules ?? []).map(({ input }) => ({
      name,
      input,
    })),
  );
  for (const [done, { name, input }] of steps.entries()) {
    signal.throwIfAborted();
    onStep({ functionName: name, job: String(input['job'] ?? ''), done, of: steps.length });
    const request = { ...input, source: 'tidemark.flush' };
    await flushWith(name, request, flush).catch((failure) => failures.push(failure));
  }
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

/** Another run, or one that was killed, may hold a job's lease: it comes free in time. A long backlog takes calls. */
async function flushWith(
  name: string,
  request: unknown,
  { invoke, waitUntilIdle, signal }: Flush,
): Promise<void> {
  for (;;) {
    await waitUntilIdle();
    signal.throwIfAborted();
    if (!isUnfinished(await invoke(name, request))) return;
    await delay(RETRY_MS, undefined, { signal });
  }
}

/** Whether a job's run gave way to another one or ran out of time, by the function's reports. */
function isUnfinished(reports: unknown): boolean {
  return Object.values((reports ?? {}) as Record<string, CloseReport | FireReport>).some(
    ({ outcome, hasMore }) => outcome === 'leaseTaken' || outcome === 'fenced' || hasMore,
  );
}
