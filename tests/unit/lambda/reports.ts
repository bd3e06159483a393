/** Reports of runs in which something of everything happened, and of runs in which nothing did. */
import { NO_WATERMARK, watermarkAt } from '../../../shared/model/time.ts';
import type { CloseReport } from '../../../shared/runtime/closing/closeWindows.ts';
import type { IngestReport } from '../../../shared/runtime/ingest/ingest.ts';
import type { FireReport } from '../../../shared/runtime/timers/fireTimers.ts';

export const NOW = Date.UTC(2026, 2, 2, 10);
export const UNITS = { read: 3, write: 2.5 };
export const NO_UNITS = { read: 0, write: 0 };

export const INGESTED: IngestReport = {
  commits: 1,
  commitBytes: 500,
  counts: { accepted: 40, filtered: 30, late: 20, dead: 10, repeated: 5, unremembered: 2 },
  watermark: watermarkAt(NOW),
  keyedStoreBytes: 4_096,
};

export const CLOSED: CloseReport = {
  outcome: 'closed',
  watermark: watermarkAt(NOW - 90_000),
  windowsClosed: 1,
  rowsWritten: 2,
  commitsRead: 3,
  expired: 4,
  windowsRefused: 5,
  hasMore: false,
};

export const NOTHING_CLOSED: CloseReport = {
  outcome: 'nothingDue',
  watermark: NO_WATERMARK,
  windowsClosed: 0,
  rowsWritten: 0,
  commitsRead: 0,
  expired: 0,
  windowsRefused: 0,
  hasMore: false,
};

export const FIRED: FireReport = {
  outcome: 'fired',
  watermark: watermarkAt(NOW - 90_000),
  lanesAdvanced: 1,
  hasMore: false,
};

export const NOTHING_FIRED: FireReport = {
  outcome: 'nothingDue',
  watermark: NO_WATERMARK,
  lanesAdvanced: 0,
  hasMore: false,
};
