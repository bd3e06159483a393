/** Every late event and every dead letter is in the side output exactly once, as it came. */
import type { Checker, Evidence } from '../evidence.ts';

export const sideOutput: Checker = ({ side, expected, storedSince }) => {
  const left = new Map(expected.side.map((each) => [nameOf(each), each]));
  for (const event of side) {
    const name = nameOf(event);
    const should = left.get(name);
    if (!should) return `${name} is there, though it should not, or twice`;
    left.delete(name);
    if (!Buffer.from(event.raw).equals(Buffer.from(should.raw))) {
      return `${name} holds ${Buffer.from(event.raw)}, should be ${Buffer.from(should.raw)}`;
    }
    if (event.watermark !== should.watermark) {
      return `${name} met W ${event.watermark}, should be ${should.watermark}`;
    }
  }
  const missing = [...left].find(([, { arrival }]) => arrival >= storedSince);
  return missing && `${missing[0]} is missing`;
};

type Side = Pick<Evidence['side'][number], 'kind' | 'lane' | 'position'>;

const nameOf = ({ kind, lane, position }: Side): string => `${kind} ${lane} ${position}`;
