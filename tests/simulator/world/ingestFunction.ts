/** The ingest function of a simulated job. */
import { createEngine } from '../../../shared/engine.ts';
import { isKeyed } from '../../../shared/job/traits.ts';
import { NO_NUDGE, type Ports } from '../../../shared/ports/ports.ts';
import type { Ingest } from '../../../shared/runtime/ingest/ingest.ts';
import { ownStreams } from './forwarding.ts';
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
      const ports = portsOf(premises, host);
      const send = () => host.operate({ label: 'nudge', perform: nudge });
      return createEngine(premises.job(), { ...ports, nudge: { send } }, premises.settings).ingest;
    },
  });
}

/** A child takes over from its parents, in a keyed job its keys, in any job what named producers put. */
const mustKnowParents = ({ job, hasNamed }: Premises): boolean => hasNamed || isKeyed(job());

/** With nobody to nudge. */
export function portsOf(premises: Premises, host: Host): Ports {
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
    shards: shardDirectory(inside, mustKnowParents(premises) ? 'known' : 'mayBeForgotten'),
    reader: shardReader(inside),
    streams: ownStreams(premises, host),
    nudge: NO_NUDGE,
  };
}
