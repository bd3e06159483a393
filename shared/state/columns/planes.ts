/**
 * Rows of bytes, stored plane by plane: the first byte of every row, then the second of every row. The bytes of a plane are
 * alike: the high ones of numbers that are close to each other are nearly all the same, whatever the low ones are.
 *
 * Invariants:
 * 1. Planes are in `Uint8Array`s of count × width bytes, plane after plane.
 * 2. From `DENSE_COUNT_MIN` rows on, a bit for each plane says whether it stands among the dense bytes.
 */
import { numberPlanes } from '../../model/wholeNumbers.ts';
import type { Sink, Source } from './sections.ts';

/** With fewer, chance alone makes some bytes rarer than others. */
const DENSE_COUNT_MIN = 256;
/** How far the sum of squared frequencies may be above that of bytes by chance: then a Huffman code wins 1 % or so. */
const DENSE_SQUARES = 1.15;

const frequencies = new Uint32Array(256);

function writePlanes(to: Sink, planes: Uint8Array, count: number, width: number): void {
  if (count < DENSE_COUNT_MIN) {
    to.body.bytes(planes);
    return;
  }
  const dense: boolean[] = [];
  for (let at = 0; at < width; at += 8) {
    let bits = 0;
    for (let p = at; p < Math.min(width, at + 8); p += 1) {
      dense[p] = isDense(planes, p * count, count);
      if (dense[p]) bits |= 1 << (p - at);
    }
    to.body.byte(bits);
  }
  for (let p = 0; p < width; p += 1) {
    const plane = planes.subarray(p * count, (p + 1) * count);
    if (dense[p]) to.dense.push(plane);
    else to.body.bytes(plane);
  }
}

function readPlanes(from: Source, count: number, width: number): Uint8Array {
  if (count < DENSE_COUNT_MIN) return from.body.bytes(count * width);
  const bits = from.body.bytes(Math.ceil(width / 8));
  const parts: Uint8Array[] = [];
  for (let p = 0; p < width; p += 1) {
    const isDensePlane = (((bits[p >> 3] as number) >> (p & 7)) & 1) === 1;
    parts.push((isDensePlane ? from.dense : from.body).bytes(count));
  }
  return Buffer.concat(parts);
}

function isDense(planes: Uint8Array, start: number, count: number): boolean {
  frequencies.fill(0);
  for (let i = start; i < start + count; i += 1) {
    const byte = planes[i] as number;
    frequencies[byte] = (frequencies[byte] as number) + 1;
  }
  let squares = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const n = frequencies[byte] as number;
    squares += n * n;
  }
  return squares <= DENSE_SQUARES * (count + (count * count) / 256);
}

/** Of whole numbers from 0 to 2^53, the first of which is left out. */
export function writeNumberPlanes(
  to: Sink,
  values: Float64Array,
  first: number,
  width: number,
): void {
  const count = values.length - first;
  writePlanes(to, numberPlanes(values, first, width), count, width);
}

/** Into all places but the first ones. */
export function readNumberPlanes(
  from: Source,
  values: Float64Array,
  first: number,
  width: number,
): void {
  const count = values.length - first;
  const planes = readPlanes(from, count, width);
  let scale = 1;
  for (let p = 0; p < width; p += 1) {
    const start = p * count - first;
    for (let i = first; i < values.length; i += 1) {
      values[i] = (values[i] as number) + (planes[start + i] as number) * scale;
    }
    scale *= 256;
  }
}

/** Rows of the given width, one after the other, as planes. */
export function writeRows(to: Sink, rows: Uint8Array, count: number, width: number): void {
  const planes = new Uint8Array(count * width);
  for (let p = 0; p < width; p += 1) {
    const start = p * count;
    for (let i = 0; i < count; i += 1) planes[start + i] = rows[i * width + p] as number;
  }
  writePlanes(to, planes, count, width);
}

export function readRows(from: Source, count: number, width: number): Uint8Array {
  const planes = readPlanes(from, count, width);
  const rows = new Uint8Array(count * width);
  for (let p = 0; p < width; p += 1) {
    const start = p * count;
    for (let i = 0; i < count; i += 1) rows[i * width + p] = planes[start + i] as number;
  }
  return rows;
}
