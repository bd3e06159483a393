/** What a named producer wrote, read by the documented form alone: none of the project's own code is asked. */

export interface StampedRecord {
  readonly name: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly lines: readonly { readonly offset: bigint; readonly text: Buffer }[];
}

const NEWLINE = 0x0a;

export function readStamped(data: Uint8Array): StampedRecord {
  const [head, ...lines] = linesOf(Buffer.from(data));
  const { 'tidemark:producer': stamp } = JSON.parse(String(head)) as Record<string, string[]>;
  const [name, range, , begin, steps] = stamp as [string, string, string, string, string];
  const [first, last] = range.split('-').map(BigInt) as [bigint, bigint];
  let offset = BigInt(begin);
  const further = stepsIn(Buffer.from(steps, 'base64'));
  return {
    name,
    first,
    last,
    lines: lines.map((text, i) => {
      if (i > 0) offset += further[i - 1] as bigint;
      return { offset, text };
    }),
  };
}

function linesOf(data: Buffer): Buffer[] {
  const end = data.indexOf(NEWLINE);
  return end === -1 ? [data] : [data.subarray(0, end), ...linesOf(data.subarray(end + 1))];
}

function stepsIn(bytes: Buffer): bigint[] {
  const steps: bigint[] = [];
  let step = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    step += BigInt(byte % 128) << shift;
    shift += 7n;
    if (byte >= 128) continue;
    steps.push(step);
    step = 0n;
    shift = 0n;
  }
  return steps;
}
