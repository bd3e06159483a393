/**
 * Which rows of a closed window a correction may change, where rows follow groups: those of the groups in the content that came
 * since. So what a correction reads and writes goes by what came, and not by what the window holds.
 *
 * The other rows stand as the evaluation before put them. Who else may put one of them, a run that lost its lease, puts what it says
 * already, or what content says that is taken in later: it is looked at then.
 */
import type { WindowJob } from '../../job/windowJob.ts';
import { ByteReader } from '../../model/bytes.ts';
import { type CompactId, compactId, compareCompactIds } from '../../model/ids.ts';
import type { EventTime } from '../../model/time.ts';
import { endsUpTo, hasClosed } from '../../model/window.ts';
import { endsOf } from '../../operators/closing/windowsDue.ts';
import type { Plan } from './planClosing.ts';

/** Undefined where every row may be new. */
export function changedGroups(
  { rowsFollowGroups, aggregate, assign }: WindowJob,
  plan: Plan,
  end: EventTime,
): ChangedGroups | undefined {
  if (rowsFollowGroups !== true || !isOnlyCorrected(plan, end)) return undefined;
  const fresh = aggregate.init();
  for (const content of plan.fresh) {
    const { first, last } = endsOf(content, assign);
    if (first <= end && end <= last) aggregate.decodeInto(new ByteReader(content.bytes), fresh);
  }
  return new ChangedGroups(aggregate.result(fresh) as Iterable<Group>);
}

/** Its rows say all but what this run takes in, and become no more final. */
const isOnlyCorrected = ({ from, goal }: Plan, end: EventTime): boolean =>
  hasClosed(end, from.watermark) &&
  from.goal === undefined &&
  from.pending.length === 0 &&
  endsUpTo(end, from.finalUpTo) === endsUpTo(end, goal.finalUpTo);

interface Group {
  readonly id: CompactId;
}

export class ChangedGroups {
  readonly #groups: Iterator<Group>;
  #next: CompactId | undefined;

  constructor(groups: Iterable<Group>) {
    this.#groups = groups[Symbol.iterator]();
    this.#next = this.#read();
  }

  /** Whether the row of this key may be new. To be asked in the order of keys. */
  has(key: string): boolean {
    const id = compactId(key);
    while (this.#next !== undefined && compareCompactIds(this.#next, id) < 0) {
      this.#next = this.#read();
    }
    return this.#next === id;
  }

  #read(): CompactId | undefined {
    const { done, value } = this.#groups.next();
    return done ? undefined : value.id;
  }
}
