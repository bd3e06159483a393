/** Prints what the functions log, one job and kind of invocation after the other, each behind a line that names it. */
import { JOBS } from '../../functions/jobs.ts';
import { hasTimers } from '../../shared/job/traits.ts';
import { createTelemetry } from '../../shared/lambda/telemetry.ts';
import { watermarkAt } from '../../shared/model/time.ts';
import { HEADING } from './telemetry.ts';

/** Figures of as many digits as a busy lane's. */
const UNITS = { read: 123.5, write: 1_234 };
/** So far behind that the lag has the same digits however long this takes. */
const watermark = watermarkAt((Math.floor(Date.now() / 1_000) - 50) * 1_000);

for (const family of JOBS) {
  const job = family.build();
  const telemetry = createTelemetry(job);
  const heading = (kind: string) => console.log(HEADING + JSON.stringify([job.name, kind]));
  heading('ingest');
  const counts = { accepted: 12_345, filtered: 1_234, late: 12, dead: 1 };
  telemetry.ingested({ commits: 1, counts, watermark, commitBytes: 12_345 }, UNITS);
  if (job.kind === 'window') {
    heading('close');
    telemetry.closed(
      {
        outcome: 'closed',
        watermark,
        windowsClosed: 1,
        rowsWritten: 12,
        commitsRead: 123,
        expired: 0,
        windowsRefused: 0,
        hasMore: false,
      },
      UNITS,
      'schedule',
    );
  }
  if (hasTimers(job)) {
    heading('fire');
    telemetry.fired(
      {
        outcome: 'fired',
        watermark,
        sheetsRead: 12,
        sheetsDeleted: 12,
        timersDue: 1_234,
        rowsWritten: 123,
        lanesAdvanced: 0,
        hasMore: false,
      },
      UNITS,
      'schedule',
    );
  }
}
