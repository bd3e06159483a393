/** A small JSON document on disk, replaced as a whole: a kill leaves the old one or the new one. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { CommandFailure } from '../../cli/failure.ts';
import { writeFailure } from './writeFailure.ts';

export interface JsonFile<Content> {
  /** Throws CommandFailure where what stands there is broken. */
  read(): Content | undefined;
  /** Throws CommandFailure where the disk is full. */
  write(content: Content): void;
}

/** @param remedy what to do when the file is broken, for whoever reads the message */
export function jsonFile<Content>(
  path: string,
  schema: z.ZodType<Content>,
  remedy: string,
): JsonFile<Content> {
  return {
    read() {
      if (!existsSync(path)) return undefined;
      const { data, success } = schema.safeParse(parsed(readFileSync(path, 'utf8')));
      if (!success) throw new CommandFailure(`${path} is broken: ${remedy}`);
      return data;
    },
    write(content) {
      const next = `${path}.next`;
      try {
        writeFileSync(next, JSON.stringify(content));
        renameSync(next, path);
      } catch (error) {
        throw writeFailure(path, error as Error);
      }
    },
  };
}

/** Undefined, which no document is, where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
