/** Late events and dead letters of all jobs as two files, as the command line prints them, and what there is to say of them. */
import { join } from 'node:path';
import { familyOf, shortNameOf } from '../../cli/options.ts';
import { sideEventLine } from '../../cli/output/sideEvents.ts';
import { SideFile, whyOf } from '../../cli/output/sideReport.ts';
import { valueText } from '../../cli/output/valueText.ts';
import { readSideEvents } from '../../shared/state/inspect.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import { deployedJobs } from './deployedJobs.ts';
import type { Stack } from './stack.ts';

type SideKind = StoredSideEvent['kind'];

/** Each late event has its own times, so the first one tells as much as three. */
const KINDS: Readonly<Record<SideKind, { one: string; many: string; reasonsMax: number }>> = {
  dead: { one: 'dead letter', many: 'dead letters', reasonsMax: 3 },
  late: { one: 'late event', many: 'late events', reasonsMax: 1 },
};

export interface ExportedSides {
  readonly files: readonly string[];
  /** A line for each job and kind that there are some of: how many, and the first reasons. */
  readonly lines: readonly string[];
}

/** Writes `dead.jsonl` and `late.jsonl`; nothing of a kind makes an empty file. */
export async function exportSides(
  stack: Pick<Stack, 'definitions' | 'table'>,
  folder: string,
): Promise<ExportedSides> {
  const paths = { dead: join(folder, 'dead.jsonl'), late: join(folder, 'late.jsonl') };
  const files = {
    dead: await SideFile.create(paths.dead),
    late: await SideFile.create(paths.late),
  };
  const lines: string[] = [];
  for (const { id } of deployedJobs(stack.definitions)) {
    const job = shortNameOf(familyOf(id));
    const tallies = { dead: new Tally('dead'), late: new Tally('late') };
    for await (const side of readSideEvents(id, stack.table('state'))) {
      tallies[side.kind].add(side);
      await files[side.kind].write(sideEventLine(side, { job }));
    }
    lines.push(...Object.values(tallies).flatMap((tally) => tally.linesFor(job)));
  }
  await files.dead.close();
  await files.late.close();
  return { files: Object.values(paths), lines };
}

/** What is said of a job's events of one kind. */
class Tally {
  readonly #kind: (typeof KINDS)[SideKind];
  readonly #reasons = new Set<string>();
  #count = 0;

  constructor(kind: SideKind) {
    this.#kind = KINDS[kind];
  }

  add(side: StoredSideEvent): void {
    this.#count += 1;
    if (this.#reasons.size <= this.#kind.reasonsMax) this.#reasons.add(whyOf(side));
  }

  linesFor(job: string): string[] {
    if (this.#count === 0) return [];
    const { one, many, reasonsMax } = this.#kind;
    const reasons = [...this.#reasons];
    const shown = reasons.slice(0, reasonsMax).join('; ');
    const more = reasons.length > reasonsMax ? '; …' : '';
    return [
      `${job}: ${valueText(this.#count)} ${this.#count === 1 ? one : many} (${shown}${more})`,
    ];
  }
}
