/** What is read besides lines counts as its events would in lines, once, whichever way it comes. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../../shared/job/job.ts';
import { encodeRedriven } from '../../../../shared/records/envelopes.ts';
import type { Decode, Reading } from '../../../../shared/records/forms.ts';
import { ANY_FORM, FORMS } from '../../../../shared/records/forms.ts';
import { TestEngine } from '../../../support/engine.ts';
import { untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { logEnvelope, streamRecords } from '../../../support/records.ts';

const JOB = untyped(visitsJob());
const readAs = (reading: Reading): Job =>
  ({ ...JOB, sources: JOB.sources.map((source) => ({ ...source, reading })) }) as Job;
const texts = [1, 2, 3].map((second) => JSON.stringify(visit('a', second)));

describe('a record of CloudWatch Logs', () => {
  const envelope = gzipSync(logEnvelope([...texts, 'START']));
  const control = gzipSync(logEnvelope(['CWL CONTROL MESSAGE'], 'CONTROL_MESSAGE'));

  it('counts its messages once, however often it comes, and a control message as filtered', async () => {
    const engine = new TestEngine(JOB);
    const records = streamRecords([control, envelope, control]);
    const { counts } = await engine.ingest(records);
    expect(counts).toEqual({ accepted: 3, filtered: 2, late: 0, dead: 1 });
    engine.coldStart();
    expect(await engine.ingest(records)).toMatchObject({ commits: 0 });
    expect((await engine.commits()).at(-1)?.to).toMatchObject({ sequence: records[2]?.sequence });
  });

  it('comes back as its events, once its source takes it', async () => {
    const engine = new TestEngine(readAs({ forms: new Set(FORMS.slice(3)) }));
    await engine.ingest(streamRecords([envelope]));
    const [letter, ...others] = await engine.side();
    expect(others).toEqual([]);
    expect(letter?.reason).toBe('is gzip of a CloudWatch Logs envelope');
    expect(Buffer.from(letter?.raw ?? [])).toEqual(envelope);
    const mended = new TestEngine(JOB, { state: engine.state });
    const { lane = '', position = '', raw = envelope } = letter ?? {};
    const back = encodeRedriven({ job: JOB.id, lane, position, slot: 0 }, raw);
    const { counts } = await mended.ingest(streamRecords([back, back], { first: 1 }));
    expect(counts).toEqual({ accepted: 3, filtered: 4, late: 0, dead: 1 });
  });
});

describe("a source's own format", () => {
  const decode: Decode = (data) =>
    data[0] === 0xff ? JSON.parse(`[${Buffer.from(data.subarray(1))}]`) : undefined;
  const job = readAs({ ...ANY_FORM, decode });
  const own = (...events: string[]) => Buffer.concat([Buffer.of(0xff), Buffer.from(events.join())]);

  it('counts beside the others, and an event of several comes back alone', async () => {
    const engine = new TestEngine(job);
    const records = streamRecords([
      own(...texts),
      texts.join('\n'),
      own(texts[0] ?? '', '{"page":7}'),
    ]);
    expect((await engine.ingest(records)).counts).toMatchObject({ accepted: 7, dead: 1 });
    const [letter] = await engine.side();
    expect(Buffer.from(letter?.raw ?? []).toString()).toBe('{"tidemark:decoded":{"page":7}}');
    const { lane = '', position = '', raw = own() } = letter ?? {};
    const back = encodeRedriven({ job: JOB.id, lane, position, slot: 0 }, raw);
    const again = await engine.ingest(streamRecords([back], { first: 3 }));
    expect(again.counts).toMatchObject({ accepted: 0, filtered: 0, dead: 1 });
    expect((await engine.side()).map(({ reason }) => reason)).toEqual([
      letter?.reason,
      letter?.reason,
    ]);
  });
});
