/** A small JSON document on disk, replaced as a whole: a kill leaves the old one or the new one. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface JsonFile<Content> {
  read(): Content | undefined;
  write(content: Content): void;
}

export function jsonFile<Content>(path: string): JsonFile<Content> {
  return {
    read: () =>
      existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Content) : undefined,
    write(content) {
      const next = `${path}.next`;
      writeFileSync(next, JSON.stringify(content));
      renameSync(next, path);
    },
  };
}
