/** Runs `rate(…)` schedules in real time, each with its input, as EventBridge does. */
import type { Definitions } from './definitions.ts';

export interface Schedules {
  /** Starts nothing more; waits for what is under way. */
  stop(): Promise<void>;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** How often a schedule runs, in ms. Other forms than `rate(…)` are refused. */
export function rateMs(schedule: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  const unitMs = UNIT_MS[unit ?? ''];
  if (count === undefined || unitMs === undefined) {
    throw new Error(
      `the local stack does not know the schedule ${schedule}; it knows rate(1 minute)`,
    );
  }
  return Number.parseInt(count, 10) * unitMs;
}

export function startSchedules(options: {
  definitions: Pick<Definitions, 'functions'>;
  invoke: (functionName: string, event: unknown) => Promise<unknown>;
  onFailure: (error: unknown, functionName: string) => void;
}): Schedules {
  const { definitions, invoke, onFailure } = options;
  const underWay = new Set<Promise<unknown>>();
  const run = (name: string, input: unknown) => {
    const invocation = invoke(name, input)
      .catch((error) => onFailure(error, name))
      .finally(() => underWay.delete(invocation));
    underWay.add(invocation);
  };
  const timers = definitions.functions.flatMap(({ name, schedules }) =>
    schedules.map(({ rate, input }) => setInterval(() => run(name, input), rateMs(rate))),
  );
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}
