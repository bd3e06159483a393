/** The stored form of what an ordered job's commit makes true once it is applied. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Lane } from '../../model/lane.ts';
import { arrivalTime } from '../../model/time.ts';
import type { Alert, KeyedState, Redo } from '../../operators/redo.ts';
import type { Table, Value } from '../../ports/table.ts';
import { type BlobReference, readBlob } from './blob.ts';

interface StoredForm {
  readonly states: readonly (readonly [key: string, arrival: number, state?: Value])[];
  readonly alerts: readonly Alert[];
}

export const encodeRedo = ({ states, alerts }: Redo): Uint8Array =>
  deflateRawSync(
    JSON.stringify({
      states: [...states].map(([key, { arrival, state }]) =>
        state === undefined ? [key, arrival] : [key, arrival, state],
      ),
      alerts,
    } satisfies StoredForm),
  );

/** Throws BlobGone. */
export async function readRedo(table: Table, lane: Lane, reference: BlobReference): Promise<Redo> {
  const packed = await readBlob(table, lane, reference);
  const { states, alerts } = JSON.parse(inflateRawSync(packed).toString('utf8')) as StoredForm;
  return { alerts, states: new Map(states.map(([key, ...kept]) => [key, stateOf(kept)])) };
}

function stateOf([arrival, state]: readonly [number, Value?]): KeyedState {
  return { arrival: arrivalTime(arrival), ...(state === undefined ? {} : { state }) };
}
