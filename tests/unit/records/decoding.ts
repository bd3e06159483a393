/** Records of one piece of data, decoded. */
import { arrivalTime } from '../../../shared/model/time.ts';
import { decodeRecord } from '../../../shared/records/decode.ts';
import type { Entry } from '../../../shared/records/entry.ts';
import { ANY_FORM, type Effort, type Reading } from '../../../shared/records/forms.ts';

export function decode(
  data: Uint8Array | string,
  reading: Reading = ANY_FORM,
  effort: Effort = { inflated: 0 },
): Entry[] {
  const record = {
    sequence: '49590338271490256608559692538361571095921575989136588898',
    arrival: arrivalTime(1_700_000_000_000),
    partitionKey: 'record key',
    data: typeof data === 'string' ? Buffer.from(data) : data,
  };
  return [...decodeRecord(record, reading, effort)];
}

/** What makes an entry: of a redriven one, but for where it came from, as of the first one. */
export const contentOf = ({ redriven: _redriven, hashKey, raw, ...entry }: Entry) => ({
  ...entry,
  raw: Buffer.from(raw as string),
  hashKey: hashKey?.(),
});
