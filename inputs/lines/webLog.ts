/**
 * Requests as web servers log them, one a line: the reference file's own format; and the common and the combined log format of
 * Apache and nginx, of which what stands behind the request is not read, with or without Apache's virtual host in front.
 */
import type { FileLines } from '../../shared/job/source.ts';
import type { Reading } from './reading.ts';
import { existingTime } from './times.ts';

/** ip, `-`, user, time, zone, method, url. */
const REFERENCE = /^(\S+) \S+ \S+ (\S+) (\S+) (\S+) (\S+)$/;
/** host:port of the server, ip, `-`, user, [time zone], "request". A user's name may have blanks, and a request quotes after `\`. */
const COMMON = /^(?:[^\s:]+:\d+ )?(\S+) \S+ .*? ?\[([^\s[\]]+) ([^[\]]+)\] "((?:[^"\\]|\\.)*)"/;
/** Method, URL and, but for clients of 1991, the protocol. */
const REQUEST = /^([A-Za-z]+) (.+?)(?: HTTP\/\d(?:\.\d)?)?$/;

const REFERENCE_TIME = /^(\d{2})\/(\d{2})\/(\d{4}):(\d{2}:\d{2}:\d{2})$/;
const COMMON_TIME = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2})$/;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const MONTH_LETTERS = 3;

export function fromWebLog(text: string, { columns, time: timeName }: FileLines): Reading {
  const line = commonLine(text) ?? referenceLine(text);
  if (!line) {
    return {
      reason:
        'is neither JSON nor a line of the web log: write IP - USER dd/MM/yyyy:HH:mm:ss +0000 METHOD URL',
    };
  }
  const { ip, at, method, url, problem } = line;
  if (problem !== undefined) return { reason: problem };
  if (at === undefined) {
    return {
      reason: `${timeName}: must be a time that exists, written ${line.written} +0000 (found "${line.time}")`,
    };
  }
  const cells = [withoutBrackets(ip), at, method, url];
  return { event: Object.fromEntries(columns.map((name, i) => [name, cells[i]])) };
}

interface Line {
  readonly ip: string;
  /** As it stands in the line, and how it should be written. */
  readonly time: string;
  readonly written: string;
  readonly at: number | undefined;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly problem?: string;
}

function referenceLine(text: string): Line | undefined {
  const match = REFERENCE.exec(text);
  if (!match) return undefined;
  const [, ip = '', time = '', zone = '', method, url] = match;
  const [, day = '', month = '', year = '', clock = ''] = REFERENCE_TIME.exec(time) ?? [];
  const at = timeOf({ day, month, year, clock, zone });
  return { ip, time: `${time} ${zone}`, written: 'dd/MM/yyyy:HH:mm:ss', at, method, url };
}

function commonLine(text: string): Line | undefined {
  // Most lines of the reference format have no quote, and are not searched for a time in brackets.
  const match = text.includes('"') ? COMMON.exec(text) : undefined;
  if (!match) return undefined;
  const [, ip = '', time = '', zone = '', quoted = ''] = match;
  const [, day = '', name = '', year = '', clock = ''] = COMMON_TIME.exec(time) ?? [];
  const place = MONTHS.indexOf(name);
  const isMonth = name !== '' && place % MONTH_LETTERS === 0;
  const month = isMonth ? String(place / MONTH_LETTERS + 1).padStart(2, '0') : '';
  const at = timeOf({ day, month, year, clock, zone });
  const common = { ip, time: `${time} ${zone}`, written: 'dd/MMM/yyyy:HH:mm:ss', at };
  const [, method, url] = REQUEST.exec(quoted.replaceAll(/\\(["\\])/g, '$1')) ?? [];
  const problem = `the request must be METHOD URL HTTP/1.1 (found "${quoted}")`;
  return method === undefined ? { ...common, problem } : { ...common, method, url };
}

/** As some servers write an address of IPv6. */
const withoutBrackets = (ip: string): string => /^\[([\da-fA-F:.%]+)\]$/.exec(ip)?.[1] ?? ip;

function timeOf(parts: {
  readonly day: string;
  readonly month: string;
  readonly year: string;
  readonly clock: string;
  readonly zone: string;
}): number | undefined {
  const offset = /^([+-]\d{2})(\d{2})$/.exec(parts.zone);
  const date = `${parts.year}-${parts.month}-${parts.day}`;
  return offset ? existingTime(date, parts.clock, `${offset[1]}:${offset[2]}`) : undefined;
}
