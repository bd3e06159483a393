import { crc32 } from 'node:zlib';

/** In which of four parts of an index a row is listed: by the checksum of its key, so that no list is one partition. */
export const partOf = (key: string): string => String(crc32(key) % 4);
