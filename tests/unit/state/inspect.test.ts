/** What people are shown of a job's state. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { collect } from '../../../cli/collect.ts';
import { readSideEvents } from '../../../shared/state/inspect.ts';
import { chunkPartition } from '../../../shared/state/keys.ts';
import { TestEngine } from '../../support/engine.ts';
import { untyped, visitsJob } from '../../support/jobs.ts';
import { streamRecords } from '../../support/records.ts';

it('shows the dead letters that are stored, also when chunks of others have expired before their commit', async () => {
  const engine = new TestEngine(untyped(visitsJob()));
  await engine.ingest(streamRecords([randomBytes(100_000).toString('base64')]));
  await engine.ingest(streamRecords(['broken'], { first: 1 }));
  expect(await collect(readSideEvents(engine.job.id, engine.state))).toHaveLength(2);
  const pk = chunkPartition(engine.lane());
  for (const item of [...engine.state.items()]) {
    if (item['pk'] === pk) engine.state.remove({ pk, sk: String(item['sk']) });
  }
  const left = await collect(readSideEvents(engine.job.id, engine.state));
  expect(left.map(({ raw }) => Buffer.from(raw).toString())).toEqual(['broken']);
});
