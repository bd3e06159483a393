/**
 * The file that the embedded Kinesis saves its streams in, as it has to be left at the end. The server writes over the old one
 * every second, so an end in the middle of it would leave neither the old streams nor the new ones.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { Timing } from './shardSource.ts';

const CHECK_INTERVAL_MS = 50;
/** A save takes its time where the processor is shared; one that is whole is waited for twice as long. */
const SAVE_WAIT_MS_MAX = 60_000;
/** The first save seen after the end was asked for may hold a snapshot from before it. */
const SAVES_AWAITED = 2;

interface Save {
  readonly at: number;
  readonly content: string;
}

/** Waits until everything taken so far is saved, or for its time; leaves the last whole save. */
export async function leaveSaved(file: string, timing: Timing): Promise<void> {
  const start = timing.now();
  let last = saveIn(file);
  const hasPatience = () => timing.now() < start + (last ? 1 : 2) * SAVE_WAIT_MS_MAX;
  for (let saves = 0; saves < SAVES_AWAITED && hasPatience(); ) {
    await timing.sleep(CHECK_INTERVAL_MS, NEVER);
    const now = saveIn(file);
    if (now && now.at !== last?.at) {
      last = now;
      saves += 1;
    }
  }
  if (last) writeWhole(file, last.content);
}

const NEVER = new AbortController().signal;

/** What is renamed last is what stays, whatever a save that has just begun does to the file that it opened. */
function writeWhole(file: string, content: string): void {
  writeFileSync(`${file}.whole`, content);
  renameSync(`${file}.whole`, file);
}

/** Undefined while the file is missing or half written. */
function saveIn(file: string): Save | undefined {
  try {
    const { mtimeMs } = statSync(file);
    const content = readFileSync(file, 'utf8');
    JSON.parse(content);
    return { at: mtimeMs, content };
  } catch {
    return undefined;
  }
}
