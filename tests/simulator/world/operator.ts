/**
 * The people who run the system: they mend the job and put its dead letters back on the stream, some of
 * them twice, some copies damaged or meant for another job.
 */
import { encodeRedriven } from '../../../shared/records/redrive.ts';
import { readSideOutput } from '../../../shared/state/inspect.ts';
import type { StoredSideEvent } from '../../../shared/state/sideOutput.ts';
import type { Content, Fact } from '../truth.ts';
import { openTable } from './openTable.ts';
import type { Deployment } from './deployment.ts';
import type { World } from './world.ts';

/** Mends every job and redrives its dead letters; says how many records it put. */
export async function redriveDeadLetters(world: World): Promise<number> {
  const random = world.random.fork('operator');
  let records = 0;
  for (const deployment of world.deployments) {
    const dead: StoredSideEvent[] = [];
    for await (const event of readSideOutput(deployment.id, openTable(world.state))) {
      if (event.kind === 'dead') dead.push(event);
    }
    deployment.mend();
    for (const letter of dead) {
      if (random.chance(0.2)) continue;
      const times = random.chance(0.3) ? random.between(2, 3) : 1;
      for (let i = 0; i < times; i += 1) {
        await world.around.timeline.sleep(random.between(0, 20_000));
        putBack(world, deployment, letter);
        records += 1;
      }
      if (times > 1) world.around.situations.meet('redriven twice');
    }
  }
  return records;
}

function putBack(world: World, deployment: Deployment, letter: StoredSideEvent): void {
  const { lane, position, watermark, raw, partitionKey } = letter;
  const origin = { job: deployment.id, lane, position, watermark };
  const data = encodeRedriven(origin, raw);
  const fact: Fact = {
    kind: 'redriven',
    index: 0,
    raw: contentOf(world, letter).raw,
    origin,
    content: contentOf(world, letter),
  };
  world.stream.put(partitionKey, world.around.timeline.now, data, [fact]);
}

/** What the letter holds, as the simulator noted when it was made. */
function contentOf(world: World, { lane, position }: StoredSideEvent): Content & { raw: Uint8Array } {
  const [shard, sequence, index] = [lane.split('/')[1], ...position.split('/')];
  const record = world.stream.shard(String(shard))?.records.find((r) => r.sequence === sequence);
  const fact = record?.facts[Number(index)];
  if (!fact) throw new Error(`nothing was put at ${lane} ${position}`);
  return fact.kind === 'redriven' ? { ...fact.content, raw: fact.raw } : fact;
}
