/**
 * How each stream's events are written in files: the columns of its reference file and the JSON that the
 * stream carries. Knows nothing of which of them are valid: that is the jobs' business.
 */
import type { StreamName } from '../shared/model/lane.ts';

export type TimeUnit = 's' | 'ms';

export interface StreamFormat {
  /** Attributes of the JSON event, in the column order of the reference file. */
  readonly columns: readonly string[];
  readonly partitionKey: string;
  /** How a line that is not JSON is cut: at commas, or as the web log writes it. */
  readonly lines: 'csv' | 'webLog';
}

/** Every stream's event time, in epoch milliseconds. */
export const TIME_ATTRIBUTE = 'timestamp';

export const STREAM_FORMATS: Readonly<Record<StreamName, StreamFormat>> = {
  'user-behavior': {
    columns: ['userId', 'itemId', 'categoryId', 'behavior', TIME_ATTRIBUTE],
    partitionKey: 'itemId',
    lines: 'csv',
  },
  'page-views': {
    columns: ['ip', TIME_ATTRIBUTE, 'method', 'url'],
    partitionKey: 'url',
    lines: 'webLog',
  },
  'app-marketing': {
    columns: ['userId', 'channel', 'behavior', TIME_ATTRIBUTE],
    partitionKey: 'channel',
    lines: 'csv',
  },
  'ad-clicks': {
    columns: ['userId', 'adId', 'province', 'city', TIME_ATTRIBUTE],
    partitionKey: 'userId',
    lines: 'csv',
  },
  logins: {
    columns: ['userId', 'ip', 'outcome', TIME_ATTRIBUTE],
    partitionKey: 'userId',
    lines: 'csv',
  },
  orders: {
    columns: ['orderId', 'type', 'txId', TIME_ATTRIBUTE],
    partitionKey: 'orderId',
    lines: 'csv',
  },
  receipts: {
    columns: ['txId', 'channel', TIME_ATTRIBUTE],
    partitionKey: 'txId',
    lines: 'csv',
  },
};
