/** `late`: events that came behind the watermark, which a job keeps beside its results. */
import type { Command } from 'commander';
import { readSideEvents } from '../../shared/state/inspect.ts';
import { connect } from '../connect.ts';
import { addSideFilter, filtered, isMeant, type SideFilter } from '../letters/filter.ts';
import { JOB_ARGUMENT, jobOf } from '../options.ts';
import { formatOption, type OutputFormat } from '../output/format.ts';
import { printSideEvents } from '../output/sideEvents.ts';
import { stageOption } from './stage.ts';

interface LateFlags extends SideFilter {
  readonly format: OutputFormat;
  readonly stage: string;
}

export function addLate(program: Command): void {
  const command = program
    .command('late')
    .summary("print a job's late events")
    .description("Prints a job's late events that are still stored, shard by shard.")
    .argument('<job>', JOB_ARGUMENT);
  addSideFilter(command).addOption(formatOption()).addOption(stageOption()).action(late);
}

async function late(jobName: string, { format, stage, ...filter }: LateFlags): Promise<void> {
  const job = jobOf(jobName);
  const { state } = connect(stage);
  const events = filtered(
    readSideEvents(job.id, state),
    (side) => side.kind === 'late' && isMeant(job, filter, side),
  );
  await printSideEvents(events, format);
}
