/** The zip archive that Lambda takes: a function's bundle and its source map, the same bytes for the same content. */
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { type Bundle, bundlePath } from './bundle.ts';

/** A zip file's oldest time. Times in it would make every deployment a change. */
const NO_TIME = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true } as const;

export function archive(name: string, { code, map }: Bundle): Promise<Buffer> {
  const zip = new ZipFile();
  const path = bundlePath(name);
  zip.addBuffer(Buffer.from(code), path, NO_TIME);
  zip.addBuffer(Buffer.from(map), `${path}.map`, NO_TIME);
  zip.end();
  return buffer(zip.outputStream);
}
