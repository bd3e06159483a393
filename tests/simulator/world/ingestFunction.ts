/** The ingest function of a simulated job. */
import { createIngest, type Ingest } from '../../../shared/runtime/ingest/ingest.ts';
import { orderedOf } from '../../../shared/runtime/lanes/lanes.ts';
import { SimulatedFunction } from './functions.ts';
import type { Host } from './host.ts';
import type { Premises } from './premises.ts';
import { shardDirectory, shardReader } from './shardPorts.ts';
import { tablesFor } from './simulatedTable.ts';

export function ingestFunction(premises: Premises): SimulatedFunction<Ingest> {
  const { trial, around, random, onBug, nudge } = premises;
  return new SimulatedFunction({
    name: `ingest-${trial.name}`,
    around,
    random: random.fork('ingest'),
    onBug,
    create(host) {
      const ports = {
        ...lanePorts(premises, host),
        nudge: { send: () => host.operate({ label: 'nudge', perform: nudge }) },
      };
      return createIngest(premises.job(), ports, premises.settings);
    },
  });
}

/** What ingest and timer runs have in common. */
export function lanePorts(premises: Premises, host: Host) {
  const { streams, around, random, provoke } = premises;
  const inside = {
    streams,
    host,
    around,
    random: random.fork(`shards for ${host.name}`),
    provoke,
  };
  return {
    ...tablesFor(premises, host),
    clock: host,
    shards: shardDirectory(inside, orderedOf(premises.job()) ? 'known' : 'mayBeForgotten'),
    reader: shardReader(inside),
  };
}
