/**
 * `npm start -- --chaos`: a stack is broken while it works.
 *
 * Broken are the functions (faults.ts, victims.ts) and a shard (split.ts); the servers stay up, as AWS's do. At the end
 * nothing is broken any more, what is left gets done, and then every row has to be right (verdict.ts).
 */
import { randomFrom } from '../../../inputs/generate/random.ts';
import type { Job } from '../../../shared/job/job.ts';
import { needsRepartition } from '../../../shared/job/repartition.ts';
import { streamsOf } from '../../../shared/job/spec.ts';
import { isKeyed } from '../../../shared/job/traits.ts';
import type { StreamName } from '../../../shared/model/lane.ts';
import { type Definitions, physicalStreamName } from '../definitions.ts';
import { deployedJobs } from '../deployedJobs.ts';
import { type FunctionsSource, type LocalFunctions, loadFunctions } from '../functions.ts';
import type { ReplayInput } from '../replay.ts';
import { clientsOf } from '../servers.ts';
import type { Stack } from '../stack.ts';
import { disturbed, type Faults } from './faults.ts';
import { splitShard } from './split.ts';
import { emptyTally, type Tally } from './tally.ts';
import { createVictims, type VictimOptions } from './victims.ts';

export interface Chaos {
  readonly seed: number;
  readonly tally: Readonly<Tally>;
  /** A line for each thread of a function that ended without having been killed. */
  readonly crashes: readonly string[];
  /** For the stack: breaks its functions. */
  disturb(functions: LocalFunctions, source: FunctionsSource): Promise<LocalFunctions>;
  /** The inputs, of which one splits a shard of its stream on its way. */
  splitting(stack: Stack, inputs: readonly ReplayInput[]): Promise<readonly ReplayInput[]>;
  /** Breaks nothing any more; resolves when what was begun has ended. */
  calm(): Promise<void>;
}

export function createChaos(
  seed: number,
  onFailure: (functionName: string, error: unknown) => void,
): Chaos {
  const random = randomFrom(seed);
  const tally = emptyTally();
  const crashes: string[] = [];
  const onCrash: VictimOptions['onCrash'] = (error, name) => {
    const where = name ?? 'a function that did nothing';
    crashes.push(`${where}: ${error.message.split('\n', 1)[0]}`);
    // Of an invocation that is under way whoever waits for it tells.
    if (name === undefined) onFailure(where, error);
  };
  let faults: Faults | undefined;
  return {
    seed,
    tally,
    crashes,
    async disturb(functions, source) {
      faults = disturbed({
        functions,
        others: await loadFunctions(source),
        victims: createVictims({ source, random, tally, onCrash }),
        random,
        tally,
        onFailure: (error, name) => onFailure(name, error),
        now: () => performance.now(),
      });
      return faults.functions;
    },
    async splitting(stack, inputs) {
      const able = splittable(stack.definitions);
      const choice = inputs.filter(({ stream }) => able.has(stream));
      const chosen = choice[Math.floor(random() * choice.length)];
      if (!chosen) return inputs;
      const share = SPLIT_SHARE.min + random() * (SPLIT_SHARE.max - SPLIT_SHARE.min);
      const at = Math.floor((await sizeOf(chosen)) * share);
      const split = async () => {
        await splitStream(stack, chosen.stream);
        tally.split += 1;
      };
      return inputs.map((each) => (each === chosen ? interrupted(each, at, split) : each));
    },
    calm: async () => faults?.calm(),
  };
}

/** How much of the input is put when its stream's shard is split. */
const SPLIT_SHARE = { min: 0.25, max: 0.6 } as const;

/**
 * Streams of which no job depends on the order of a key's events: the record that is on its way when a shard is split holds events
 * of both halves, and who of two lanes takes a key's event first is nobody's to say then (`docs/semantics.md`). A job with a repartition
 * stream has no order to depend on.
 */
function splittable(definitions: Definitions): ReadonlySet<StreamName> {
  const jobs = deployedJobs(definitions);
  const isOrdered = (job: Job) => isKeyed(job) && !needsRepartition(job);
  const ordered = new Set(jobs.filter(isOrdered).flatMap(streamsOf));
  return new Set(jobs.flatMap(streamsOf).filter((stream) => !ordered.has(stream)));
}

async function sizeOf(input: ReplayInput): Promise<number> {
  let events = 0;
  for await (const _ of input.events()) events += 1;
  return events;
}

/** The input, with something that is done before its event number `at`. */
function interrupted(input: ReplayInput, at: number, work: () => Promise<void>): ReplayInput {
  async function* events() {
    let n = 0;
    for await (const event of input.events()) {
      if (n === at) await work();
      n += 1;
      yield event;
    }
  }
  return { ...input, events };
}

async function splitStream({ definitions, endpoints }: Stack, name: StreamName): Promise<void> {
  const clients = clientsOf(endpoints, definitions.region);
  try {
    await splitShard(clients.kinesis, physicalStreamName(definitions, name));
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}
