/**
 * Which of a batch's entries enter their lane: looks up what they claim, before they are folded.
 *
 * 1. An event in an aggregate enters only where its hash key is in the shard's range, and one of a named producer where the range that
 *    its record was planned for is. That is a matter of the shard and the record alone: a range never changes, and a function that
 *    cannot learn it commits nothing.
 * 2. A dead letter that comes back enters once, and only where the commit that it names holds it (`redrivenCopies.ts`).
 * 3. A redriven aggregate is judged by the range of the shard on which it first stood, wherever it comes back: what did not
 *    belong there was put again by its producer, and counts where that came. So nothing is lost, and nothing counts twice.
 * 4. What is no event, such as a control message, never enters.
 * 5. In a job that keeps state for each key on its shard, an event enters on its key's shard alone: two shards that decide on one
 *    key would each know a part of it. One that a producer had packed before it knew of a resharding, or that comes back elsewhere, is
 *    a dead letter, which can be put where it belongs.
 * 6. An envelope that is refused is one dead letter, as it came; what else was read from it is counted as filtered.
 */
import { RetryableError } from '../../errors.ts';
import type { Job } from '../../job/job.ts';
import { isForwarding, laneSourceOf } from '../../job/repartition.ts';
import type { Source } from '../../job/source.ts';
import { isKeyed } from '../../job/traits.ts';
import { containsRange, type HashRange, isWithin, takesKeys } from '../../model/hashRange.ts';
import { laneName } from '../../model/lane.ts';
import type { ProcessingTime } from '../../model/time.ts';
import type { Admission, EntryRange } from '../../operators/intake/intake.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Entry } from '../../records/entry.ts';
import type { Redriven } from '../../records/envelopes.ts';
import { nameLifeOf } from '../../state/retention.ts';
import type { BatchRequest } from '../lanes/commitDraft.ts';
import { LaneMemories } from '../lanes/laneMemories.ts';
import { type LaneRanges, laneRanges } from '../lanes/laneRanges.ts';
import type { EngineSettings } from '../settings.ts';
import { commitName, copyJudge, type RedrivenCopy, type Verdict } from './redrivenCopies.ts';

/** Copies of this job's dead letters in one commit: each costs a put, before anything of it is stored. */
const REDRIVEN_MAX = 1_000;
/** Commits that they name: the side output of each is read for them. */
const ORIGINS_MAX = 50;

/** `to`: entries from there on are left to the next commit. */
export type Admissions = Pick<EntryRange, 'to' | 'admissionOf' | 'producers'>;

/** Decides on `entries[at..most)`, or on fewer. */
export type Admitter = (
  request: BatchRequest,
  most: number,
  now: ProcessingTime,
) => Promise<Admissions>;

const EVENT: Admission = { kind: 'event' };
const SKIPPED: Admission = { kind: 'skipped' };
const MISPLACED: Admission = { kind: 'misplaced' };

/** Who chose the shards of named producers' records. */
export type PlacedBy = 'producers' | 'engine';

export function createAdmitter(
  job: Job,
  ports: Ports,
  settings: EngineSettings,
  placedBy: PlacedBy = 'producers',
): Admitter {
  const rangeOf = laneRanges(ports);
  const judge = copyJudge(job, { ...ports, rangeOf }, settings);
  const memories = new LaneMemories(ports, settings);
  const nameLife = nameLifeOf(settings.streamRetention);
  return async (request, most, now) => {
    const { to, copies, hasAggregated, hasProduced } = survey(job, request, most);
    const range = hasAggregated ? await ownRange(job, request, rangeOf) : undefined;
    const planned = hasProduced ? await laneRange(request, rangeOf) : undefined;
    const memory = planned && (await memories.at(request, planned));
    const keys = await keysOf(job, request, rangeOf, placedBy);
    const verdicts = await judge(request.lane, copies, now);
    return {
      to,
      ...(memory ? { producers: { memory, nameLife } } : {}),
      admissionOf(entry) {
        if (isPlannedElsewhere(planned, entry)) return MISPLACED;
        const { redriven } = entry;
        const admission = redriven
          ? redrivenAdmission(entry, verdicts.get(redriven))
          : ownAdmission(entry, range);
        return inPlace(keys, entry, admission);
      },
    };
  };
}

/** Of an entry of the stream itself. */
function ownAdmission(entry: Entry, range: HashRange | undefined): Admission {
  if ('isControl' in entry) return SKIPPED;
  return isOutside(range, entry) ? MISPLACED : EVENT;
}

/** Of an entry of a copy. */
function redrivenAdmission(entry: Entry, verdict: Verdict | undefined): Admission {
  if (verdict?.kind === 'refused') {
    return entry.index === entry.redriven?.first ? verdict : SKIPPED;
  }
  if (verdict?.kind !== 'redriven' || 'isControl' in entry) return SKIPPED;
  return isOutside(verdict.range, entry) ? MISPLACED : verdict;
}

/** Which keys a lane decides on; absent where any lane may take any key. */
interface LaneKeys {
  takes(partitionKey: string): boolean;
  /** What the engine itself planned for a shard belongs there. */
  readonly placedBy: PlacedBy;
  readonly source: Source<unknown> | undefined;
}

const ELSEWHERE: Admission = { kind: 'elsewhere' };

function inPlace(keys: LaneKeys | undefined, entry: Entry, admission: Admission): Admission {
  if (!keys || !('value' in entry)) return admission;
  if (keys.placedBy === 'engine' && entry.produced) return admission;
  if (admission.kind !== 'event' && admission.kind !== 'redriven') return admission;
  const { value } = entry;
  const key =
    typeof value === 'object' && value !== null ? keys.source?.partitionKeyIn(value) : undefined;
  if (key === undefined || keys.takes(key)) return admission;
  return admission.kind === 'event' ? ELSEWHERE : { ...admission, kind: 'elsewhere' };
}

const isOutside = (range: HashRange | undefined, { hashKey }: Entry): boolean =>
  range !== undefined && hashKey !== undefined && !isWithin(range, hashKey());

const isPlannedElsewhere = (range: HashRange | undefined, { produced }: Entry): boolean =>
  range !== undefined && produced !== undefined && !containsRange(range, produced.stamp.planned);

interface Survey {
  readonly to: number;
  readonly copies: readonly RedrivenCopy[];
  /** Whether some events stood in an aggregate. */
  readonly hasAggregated: boolean;
  /** Whether some are a named producer's. */
  readonly hasProduced: boolean;
}

function survey(job: Job, { entries, at }: BatchRequest, most: number): Survey {
  const copies = new Map<Redriven, RedrivenCopy>();
  const origins = new Set<string>();
  let hasAggregated = false;
  let hasProduced = false;
  const found = (to: number) => ({ to, copies: [...copies.values()], hasAggregated, hasProduced });
  for (let i = at; i < most; i += 1) {
    const entry = entries[i] as Entry;
    const { redriven } = entry;
    hasProduced ||= entry.produced !== undefined;
    if (!redriven) hasAggregated ||= entry.hashKey !== undefined;
    else if (redriven.origin.job === job.id && !copies.has(redriven)) {
      origins.add(commitName(redriven.origin));
      if (copies.size === REDRIVEN_MAX || origins.size > ORIGINS_MAX) {
        return found(i);
      }
      const { sequence, index } = entry;
      copies.set(redriven, { redriven, sequence, begins: index === redriven.first });
    }
  }
  return found(most);
}

/** Undefined where the source has aggregates whose producers put nothing again. */
async function ownRange(
  job: Job,
  request: BatchRequest,
  rangeOf: LaneRanges,
): Promise<HashRange | undefined> {
  return laneSourceOf(job, request.lane.stream)?.aggregates === 'mixed'
    ? undefined
    : laneRange(request, rangeOf);
}

async function keysOf(
  job: Job,
  request: BatchRequest,
  rangeOf: LaneRanges,
  placedBy: PlacedBy,
): Promise<LaneKeys | undefined> {
  const { stream } = request.lane;
  if (!isKeyed(job) || isForwarding(job, stream)) return undefined;
  const range = await laneRange(request, rangeOf);
  return { takes: takesKeys(range), placedBy, source: laneSourceOf(job, stream) };
}

async function laneRange({ lane, item }: BatchRequest, rangeOf: LaneRanges): Promise<HashRange> {
  const range = item?.range ?? (await rangeOf(lane));
  if (range) return range;
  throw new RetryableError(
    `${laneName(lane)} is listed no more, so which events belong there cannot be told; its records are about to expire`,
  );
}
