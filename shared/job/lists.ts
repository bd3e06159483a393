/**
 * How rows are listed: by time, the keys of the indexes `latest` (`<part>`) and `problems` (`<status>#<part>`); and those of a
 * window that are alike, the keys of `groups` (`<windowEnd>#<value>`), which goes by 4 below.
 *
 * 1. In parts, since a partition of an index takes 1,000 write units/s: four of them take 4,000 rows of up to 1 KB a second.
 *    Above that DynamoDB throttles the writes of the table; writers wait and go on. Few, because the newest rows may be in
 *    any part, so each reading asks all of them.
 * 2. By nothing else: whoever asks for the newest rows does not know when they were.
 * 3. All follows from the row, so it is the same whoever writes it, and how often.
 * 4. A group is not in parts: whoever reads it goes through it to its end, in the order of keys. Rows are written in that order, so
 *    those of all groups take turns, and a group that is a quarter of them takes 1,000 units of 4,000.
 */
import { crc32 } from 'node:zlib';
import { isoTime, timeOfText } from '../model/time.ts';
import { INDEXES } from '../ports/rowsReader.ts';
import type { Item } from '../ports/table.ts';
import type { Problem } from './statusJob.ts';
import type { ResultTable, Row, WindowTable } from './tables.ts';

const PARTS = ['0', '1', '2', '3'] as const;
type Part = (typeof PARTS)[number];

/** A partition of an index: facts have one for each part, problems one for each status and part. */
export type ListPartition = Part | `${string}#${Part}`;

/** Those of `latest`. */
export const LATEST: readonly ListPartition[] = PARTS;

/** Those of `problems` that hold rows with one of these statuses. */
export const problemLists = (statuses: readonly string[]): readonly ListPartition[] =>
  [...new Set(statuses)].flatMap((status) => PARTS.map((part) => `${status}#${part}` as const));

/** By the CRC-32 of the row's key. */
function partOf(pk: string, sk = ''): Part {
  const text = pk + sk;
  return PARTS[crc32(text) % PARTS.length] as Part;
}

/** What lists a row of a status table. */
export const problemAttributes = ({ status, at }: Problem, key: string): Item => ({
  [INDEXES.problems.partitionKey]: `${status}#${partOf(key)}`,
  [INDEXES.problems.sortKey]: isoTime(at),
});

/** What lists a row of an alert table; nothing where the table is not listed, or the row holds no such time. */
export function latestAttributes(table: ResultTable, row: Row): Item {
  const { listedBy, partitionKey, sortKey = '' } = table;
  if (listedBy === undefined) return {};
  const at = row[listedBy];
  if (!isListedTime(at)) return {};
  return {
    [INDEXES.latest.partitionKey]: partOf(String(row[partitionKey]), String(row[sortKey])),
    [INDEXES.latest.sortKey]: at,
  };
}

/** The partition of `groups` that lists a window's rows with this value, or these values, in the attribute that they are grouped by. */
export const groupList = (windowEnd: string, value: string | readonly string[]): string =>
  `${windowEnd}#${typeof value === 'string' ? value : value.join('+')}`;

/**
 * What lists a row of a window's table, in the order of its keys; nothing where the table is not grouped, the row holds no such value, or one
 * that an index cannot hold or that would be taken for several.
 */
export function groupAttributes(
  { groupedBy, partitionKey }: WindowTable,
  row: Row,
  windowEnd: string,
): Item {
  const value = groupedBy === undefined ? undefined : row[groupedBy];
  const isListed = Array.isArray(value) ? value.every(isPlainText) : isText(value);
  if (!isListed) return {};
  const group = groupList(windowEnd, value as string | readonly string[]);
  const member = String(row[partitionKey]);
  const isTooLong =
    Buffer.byteLength(group) > GROUP_BYTES_MAX || Buffer.byteLength(member) > MEMBER_BYTES_MAX;
  return isTooLong
    ? {}
    : { [INDEXES.groups.partitionKey]: group, [INDEXES.groups.sortKey]: member };
}

/** Of an index's keys, as of a table's. */
const GROUP_BYTES_MAX = 2_048;
const MEMBER_BYTES_MAX = 1_024;

const isPlainText = (value: unknown): boolean => isText(value) && !value.includes('+');
const isText = (value: unknown): value is string => typeof value === 'string';

/** `2017-11-26T02:00:00.000Z`, as `isoTime` writes it: such texts of years with four digits go in the order of their times. */
export const isListedTime = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-/.test(value) && timeOfText(value) !== undefined;
