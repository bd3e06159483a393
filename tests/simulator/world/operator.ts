/**
 * The people who run the system: they mend the job and put its dead letters back on the stream, some of
 * them more than once.
 */
import { laneNamed } from '../../../shared/model/lane.ts';
import { encodeRedriven } from '../../../shared/records/redrive.ts';
import { readSideOutput } from '../../../shared/state/inspect.ts';
import type { StoredSideEvent } from '../../../shared/state/sideOutput.ts';
import type { Random } from '../random.ts';
import type { Content, Fact } from '../truth.ts';
import type { Deployment } from './deployment.ts';
import { openTable } from './openTable.ts';
import type { World } from './world.ts';

const REDRIVEN_MAX = 30;

/** Mends every job and redrives its dead letters. */
export async function redriveDeadLetters(world: World): Promise<void> {
  const random = world.random.fork('operator');
  for (const deployment of world.deployments) {
    const dead = await deadLettersOf(world, deployment);
    deployment.mend();
    const chosen = dead.filter(() => random.chance(0.8)).slice(0, REDRIVEN_MAX);
    for (const letter of chosen) await putBackSome(world, deployment, letter, random);
  }
}

async function deadLettersOf(world: World, { id }: Deployment): Promise<StoredSideEvent[]> {
  const dead: StoredSideEvent[] = [];
  for await (const event of readSideOutput(id, openTable(world.state))) {
    if (event.kind === 'dead') dead.push(event);
  }
  return dead;
}

/** Once, or by mistake more often. */
async function putBackSome(
  world: World,
  deployment: Deployment,
  letter: StoredSideEvent,
  random: Random,
): Promise<void> {
  const times = random.chance(0.3) ? random.between(2, 3) : 1;
  if (times > 1) world.around.situations.meet('redriven twice');
  for (let i = 0; i < times; i += 1) {
    await world.around.timeline.sleep(random.between(0, 20_000));
    putBack(world, deployment, letter);
  }
}

function putBack(world: World, deployment: Deployment, letter: StoredSideEvent): void {
  const { lane, position, watermark, raw, partitionKey } = letter;
  const origin = { job: deployment.id, lane, position, watermark };
  const data = encodeRedriven(origin, raw);
  const { stream } = laneNamed(origin.job, lane);
  const fact: Fact = {
    kind: 'redriven',
    index: 0,
    raw: contentOf(world, letter).raw,
    origin,
    content: contentOf(world, letter),
  };
  world.streamNamed(stream).put(partitionKey, world.around.timeline.now, data, [fact]);
}

/** What the letter holds, as the simulator noted when it was made. */
function contentOf(
  world: World,
  { lane, position }: StoredSideEvent,
): Content & { raw: Uint8Array } {
  const { stream, shard } = laneNamed('', lane);
  const [sequence, index] = position.split('/');
  const { records = [] } = world.streamNamed(stream).shard(shard) ?? {};
  const record = records.find((each) => each.sequence === sequence);
  const fact = record?.facts[Number(index)];
  if (!fact) throw new Error(`nothing was put at ${lane} ${position}`);
  return fact.kind === 'redriven' ? { ...fact.content, raw: fact.raw } : fact;
}
