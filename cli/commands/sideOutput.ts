/** `late` and `dead`: what a job keeps beside its results. */
import type { Command } from 'commander';
import { readSideEvents } from '../../shared/state/inspect.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';
import { connect } from '../connect.ts';
import { JOB_ARGUMENT, jobOf, type OutputFormat } from '../options.ts';
import { sideEventLine, sideEventsTables } from '../output/sideEvents.ts';
import { formatOption } from './run.ts';
import { stageOption } from './stage.ts';

interface SideFlags {
  readonly format: OutputFormat;
  readonly stage: string;
}

export function addSideOutput(program: Command): void {
  program
    .command('late')
    .summary("print a job's late events")
    .description("Prints a job's late events that are still stored, shard by shard.")
    .argument('<job>', JOB_ARGUMENT)
    .addOption(formatOption())
    .addOption(stageOption())
    .action((job: string, flags: SideFlags) => print(job, 'late', flags));
  program
    .command('dead')
    .summary("print a job's dead letters")
    .description("Prints a job's dead letters that are still stored, with their reasons.")
    .argument('<job>', JOB_ARGUMENT)
    .addOption(formatOption())
    .addOption(stageOption())
    .action((job: string, flags: SideFlags) => print(job, 'dead', flags));
}

async function print(
  jobName: string,
  kind: StoredSideEvent['kind'],
  { format, stage }: SideFlags,
): Promise<void> {
  const { id } = jobOf(jobName);
  const { state } = connect(stage);
  const shown = ofKind(readSideEvents(id, state), kind);
  if (format === 'json') for await (const side of shown) console.log(sideEventLine(side));
  else for await (const table of sideEventsTables(shown)) console.log(table);
}

async function* ofKind(
  sides: AsyncIterable<StoredSideEvent>,
  kind: StoredSideEvent['kind'],
): AsyncGenerator<StoredSideEvent> {
  for await (const side of sides) if (side.kind === kind) yield side;
}
