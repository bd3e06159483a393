/** Lines of graphs: series of figures with their labels. */
import { errorSignal } from './alarmList.ts';
import { functionSignal, jobSignal } from './signals.ts';
import type { MonitoredFunction, MonitoredJob, MonitoredStage } from './stage.ts';
import type { Line } from './widgets.ts';

export const lagLine = (stage: MonitoredStage, each: MonitoredJob, label: string): Line => ({
  signal: jobSignal(stage, each, 'WatermarkLag', 'Maximum'),
  label,
});

export const ageLine = (each: MonitoredFunction, label: string): Line => ({
  signal: functionSignal(each, 'IteratorAge', 'Maximum'),
  label,
});

export const failureLines = (each: MonitoredFunction): readonly Line[] => [
  { signal: errorSignal(each), label: 'errors' },
  { signal: functionSignal(each, 'Throttles', 'Sum'), label: 'throttles' },
];

export const durationLines = (each: MonitoredFunction): readonly Line[] => [
  { signal: functionSignal(each, 'Duration', 'Average'), label: 'average' },
  { signal: functionSignal(each, 'Duration', 'Maximum'), label: 'longest' },
];

/** Of the functions that ingest; where there are two, a line says whose it is. */
export const ingestLines = (
  { ingest }: MonitoredJob,
  linesOf: (each: MonitoredFunction) => readonly Line[],
): readonly Line[] =>
  ingest.flatMap((each) =>
    linesOf(each).map((line) =>
      ingest.length === 1 ? line : { ...line, label: `${each.name}, ${line.label}` },
    ),
  );
