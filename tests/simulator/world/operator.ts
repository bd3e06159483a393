/**
 * The people who run the system: they mend the job and put its dead letters back on the stream, some of
 * them more than once, and some of them as another event.
 */
import { laneNamed } from '../../../shared/model/lane.ts';
import type { Table } from '../../../shared/ports/table.ts';
import { encodeRedriven } from '../../../shared/records/envelopes.ts';
import { type LoggedSideEvent, readSideEvents } from '../../../shared/state/inspect.ts';
import { editDigest, noteEdits } from '../../../shared/state/lane/letterEdits.ts';
import type { Random } from '../random.ts';
import type { Content, Fact } from '../truth.ts';
import type { Deployment } from './deployment.ts';
import { openTable } from './openTable.ts';
import type { World } from './world.ts';

const REDRIVEN_MAX = 30;
/** Odds of a forged envelope just before a letter is put back. */
const FORGED = 0.3;
/** Odds that a letter comes back edited. */
const EDITED = 0.2;
/** Odds that a letter is put on a shard which is not that of its key, as tools of before did after a resharding. */
const ASTRAY = 0.15;

/** Mends every job and redrives its dead letters. */
export async function redriveDeadLetters(world: World): Promise<void> {
  const random = world.random.fork('operator');
  const editor = world.random.fork('editor');
  for (const deployment of world.deployments) {
    const { dead, late } = await sideOutputOf(world, deployment);
    deployment.mend();
    const chosen = dead.filter(() => random.chance(0.8)).slice(0, REDRIVEN_MAX);
    const left = dead.filter((letter) => !chosen.includes(letter));
    for (const letter of chosen) {
      const forge = forgery(random, { letter, late, left });
      if (random.chance(FORGED) && forge) putForged(world, deployment, forge);
      const edit = editor.chance(EDITED) ? editOf(editor, letter, dead) : undefined;
      await noteEdit(world, deployment, letter, edit);
      await putBackSome(world, deployment, { letter, edit, editor }, random);
    }
  }
}

type SideOutput = Record<'dead' | 'late', LoggedSideEvent[]>;

async function sideOutputOf(world: World, { id }: Deployment): Promise<SideOutput> {
  const side: SideOutput = { dead: [], late: [] };
  for await (const event of readSideEvents(id, openTable(world.state)))
    side[event.kind].push(event);
  return side;
}

/** An event, and what the envelope around it claims to be. */
interface Forgery {
  readonly claimed: LoggedSideEvent;
  readonly raw: Uint8Array;
  readonly form: 'today' | 'of before';
}

/**
 * Somebody would like an event to count that was late, or puts another one in the place of a letter; or an earlier version's
 * envelope comes, without its commit, for a letter that nobody puts back otherwise.
 */
function forgery(
  random: Random,
  { letter, late, left }: { letter: LoggedSideEvent } & Record<'late' | 'left', LoggedSideEvent[]>,
): Forgery | undefined {
  const others = late.filter(({ raw }) => Buffer.compare(raw, letter.raw) !== 0);
  const other = others.length > 0 ? random.pick(others) : undefined;
  const old = left.length > 0 ? random.pick(left) : undefined;
  const forgeries: readonly (Forgery | undefined)[] = [
    other && { claimed: letter, raw: other.raw, form: 'today' },
    other && { claimed: other, raw: other.raw, form: 'today' },
    old && { claimed: old, raw: old.raw, form: 'of before' },
  ];
  return random.pick(forgeries);
}

function putForged(world: World, { id: job }: Deployment, { claimed, raw, form }: Forgery): void {
  const { lane, position, slot, partitionKey } = claimed;
  const origin = { job, lane, position, slot: form === 'today' ? slot : undefined };
  const envelope = JSON.parse(Buffer.from(encodeRedriven(origin, raw)).toString());
  Object.assign(envelope['tidemark:redrive'], { watermark: null });
  const data = Buffer.from(JSON.stringify(envelope));
  const fact: Fact = { kind: 'forged', job, index: 0, raw: data };
  const { stream } = laneNamed(job, lane);
  world.streamNamed(stream).put(partitionKey, world.around.timeline.now, data, [fact]);
  world.around.situations.meet('forged envelope');
}

/** What comes in the letter's place: another dead letter of its stream, mended as all are. */
function editOf(
  random: Random,
  letter: LoggedSideEvent,
  dead: readonly LoggedSideEvent[],
): LoggedSideEvent | undefined {
  const { stream } = laneNamed('', letter.lane);
  const others = dead.filter(
    ({ lane, raw }) =>
      laneNamed('', lane).stream === stream && Buffer.compare(raw, letter.raw) !== 0,
  );
  return others.length > 0 ? random.pick(others) : undefined;
}

async function noteEdit(
  { state, around }: World,
  { id }: Deployment,
  { lane, slot, position, expiresAt }: LoggedSideEvent,
  edit: LoggedSideEvent | undefined,
): Promise<void> {
  if (!edit) return;
  const table: Table = {
    ...openTable(state),
    put: async (item, condition) => state.put(item, condition, around.timeline.now, 'operator'),
  };
  const commit = { lane: laneNamed(id, lane), slot, expiresAt };
  await noteEdits(table, commit, [editDigest(position, edit.raw)]);
  around.situations.meet('edited letter redriven');
}

interface Redriving {
  readonly letter: LoggedSideEvent;
  /** What comes in its place. */
  readonly edit: LoggedSideEvent | undefined;
  readonly editor: Random;
}

/** Once, or by mistake more often; then, where it is edited, the letter itself comes as well. */
async function putBackSome(
  world: World,
  deployment: Deployment,
  { letter, edit, editor }: Redriving,
  random: Random,
): Promise<void> {
  const times = random.chance(0.3) ? random.between(2, 3) : 1;
  if (times > 1) world.around.situations.meet('redriven twice');
  for (let i = 0; i < times; i += 1) {
    await world.around.timeline.sleep(random.between(0, 20_000));
    putBack(world, deployment, letter, (i === 0 && edit) || letter, editor);
  }
}

function putBack(
  world: World,
  deployment: Deployment,
  { lane, position, slot, watermark }: LoggedSideEvent,
  as: LoggedSideEvent,
  editor: Random,
): void {
  const { raw } = as;
  const origin = { job: deployment.id, lane, position, watermark };
  const data = encodeRedriven({ ...origin, slot }, raw);
  const { stream } = laneNamed(origin.job, lane);
  const content = contentOf(world, as);
  const key = deployment.partitionKeyOf(stream, content.raw);
  const isAstray = editor.chance(ASTRAY);
  const partitionKey = isAstray ? `astray ${editor.below(1_000)}` : (key ?? as.partitionKey);
  if (isAstray) world.around.situations.meet('letter put on any shard');
  const fact: Fact = { kind: 'redriven', index: 0, raw: content.raw, origin, content, key };
  world.streamNamed(stream).put(partitionKey, world.around.timeline.now, data, [fact]);
}

/** What the letter holds, as the simulator noted when it was made. */
function contentOf(
  world: World,
  { lane, position }: LoggedSideEvent,
): Content & { raw: Uint8Array } {
  const { stream, shard } = laneNamed('', lane);
  const [sequence, index] = position.split('/');
  const { records = [] } = world.streamNamed(stream).shard(shard) ?? {};
  const record = records.find((each) => each.sequence === sequence);
  const fact = record?.facts[Number(index)];
  if (!fact || fact.kind === 'forged') throw new Error(`no event at ${lane} ${position}`);
  return fact.kind === 'redriven' ? { ...fact.content, raw: fact.raw } : fact;
}
