/** The zip archive that Lambda takes: a function's package, the same bytes for the same content. */
import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { type Bundle, bundlePath } from './bundle.ts';

/** A zip file's oldest time. Times in it would make every deployment a change. */
const NO_TIME = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true } as const;

/** @param folder of the function, in `functions` */
export function archive(folder: string, { code, map, beside }: Bundle): Promise<Buffer> {
  const zip = new ZipFile();
  const path = bundlePath(folder);
  const add = (content: Uint8Array, at: string) => zip.addBuffer(Buffer.from(content), at, NO_TIME);
  add(code, path);
  add(map, `${path}.map`);
  for (const [file, content] of beside) add(content, posix.join(posix.dirname(path), file));
  zip.end();
  return buffer(zip.outputStream);
}
