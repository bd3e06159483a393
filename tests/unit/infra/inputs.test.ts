/** What `npm start` is given to put. */
import { expect, it } from 'vitest';
import { INGEST_JOBS } from '../../../functions/jobs.ts';
import { readDefinitions } from '../../../infra/local/definitions.ts';
import { inputsOf } from '../../../infra/local/inputs.ts';
import { repartitionStreamOf } from '../../../shared/job/repartition.ts';
import { ROOT } from '../../tidy/repository.ts';

const definitions = readDefinitions({ root: ROOT, stage: 'local' });
const own = Object.values(INGEST_JOBS).flatMap(({ usual }) => repartitionStreamOf(usual) ?? []);

it('has samples for the streams of events, and none for those that jobs put on', async () => {
  const { inputs } = await inputsOf([], 'ms', definitions);
  const streams = inputs.map(({ stream }) => stream);
  expect(streams).toContain('receipts');
  expect(streams.filter((stream) => own.includes(stream))).toEqual([]);
});

it.each(own)('puts no file on %s', async (stream) => {
  const refusal = inputsOf([`${stream}=x.jsonl`], 'ms', definitions);
  await expect(refusal).rejects.toThrow(`there is no stream "${stream}"; there are user-behavior`);
  await expect(refusal).rejects.not.toThrow(/there are .*repartition/);
});
