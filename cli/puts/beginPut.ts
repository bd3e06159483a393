/** The beginning of a put: what earlier ones make worth a word, by which name it puts, and the note that it leaves for later ones. */
import { resolve } from 'node:path';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { listShards } from '../../shared/adapters/aws/shardDirectory.ts';
import { systemClock } from '../../shared/adapters/systemClock.ts';
import type { ProducerName } from '../../shared/records/stamp.ts';
import { say } from '../output/say.ts';
import { type BeginningPut, knownContent, knownName } from './knownPuts.ts';
import type { PutReport, PutTarget } from './putEvents.ts';
import { digestOf, forgetPut, notePut, type PutRecord, readPuts } from './putRecords.ts';
import { finishText, type PutCall, resumeLine } from './resuming.ts';

export interface BegunPut {
  /** Notes how it ends; where it throws, nothing was put. */
  until(putting: Promise<PutReport>): Promise<PutReport>;
}

/** Throws where the server does not answer, or has no such stream. */
export async function beginPut(
  call: PutCall,
  name: ProducerName,
  { kinesis, nameOf }: PutTarget,
): Promise<BegunPut> {
  const origin = await originOf(kinesis, nameOf(call.stream));
  // What comes through a pipe is known once it is put.
  const put = call.kind === 'file' ? await beginning(call, name, origin) : undefined;
  const known = put ? readPuts() : [];
  if (put) for (const line of warningsOf(put, call, known)) say(line);
  say(`putting as ${name}; should this break off, ${finishText(call, name)}`);
  if (!put) return { until: (putting) => putting };
  const before = known.find((each) => each.name === name && each.origin === origin);
  return noted({ ...put, fromLine: before?.fromLine ?? put.fromLine }, before);
}

async function beginning(call: PutCall, name: ProducerName, origin: string): Promise<BeginningPut> {
  const { stream, flags } = call;
  const file = resolve(call.file);
  const [digest, at] = [await digestOf(file), new Date(systemClock.now()).toISOString()];
  return { name, stream, origin, file, digest, fromLine: flags.fromLine, at };
}

function warningsOf(put: BeginningPut, call: PutCall, known: readonly PutRecord[]): string[] {
  const { flags } = call;
  if (flags.resume !== undefined) return knownName(put, known);
  return knownContent(put, known, ({ name, fromLine }) =>
    resumeLine({ ...call, flags: { ...flags, fromLine } }, name),
  );
}

function noted(put: BeginningPut, before: PutRecord | undefined): BegunPut {
  notePut({ ...put, isFinished: false });
  return {
    async until(putting) {
      try {
        const report = await putting;
        if (report.ending === 'whole') notePut({ ...put, isFinished: true });
        return report;
      } catch (error) {
        if (before) notePut(before);
        else forgetPut({ ...put, isFinished: false });
        throw error;
      }
    },
  };
}

/** A stream that was made anew begins with other numbers. One whose oldest shard is forgotten is known no more, and nothing is said. */
async function originOf(kinesis: KinesisClient, physicalName: string): Promise<string> {
  const shards = [...(await listShards(kinesis, physicalName)).values()];
  const starts = shards.map((each) =>
    BigInt(each.SequenceNumberRange?.StartingSequenceNumber ?? 0),
  );
  const [first = 0n] = starts.sort((a, b) => (a < b ? -1 : 1));
  return `${physicalName} ${first}`;
}
