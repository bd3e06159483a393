/** What the functions of a stage have in common: their ports over the SDK's clients, metered. */
import { dynamoClient, kinesisClient } from '../adapters/aws/clients.ts';
import { kinesisSink } from '../adapters/aws/kinesisSink.ts';
import { kinesisShardDirectory } from '../adapters/aws/shardDirectory.ts';
import { kinesisShardReader } from '../adapters/aws/shardReader.ts';
import { dynamoTable } from '../adapters/aws/table.ts';
import { meteredTable, type UnitMeter } from '../adapters/meteredTable.ts';
import { systemClock } from '../adapters/systemClock.ts';
import { type Job, tablesOf } from '../job/job.ts';
import { laneSourceOf } from '../job/repartition.ts';
import { NO_NUDGE, type Ports, resultTables } from '../ports/ports.ts';
import type { Table } from '../ports/table.ts';
import { ANY_FORM } from '../records/forms.ts';
import { stateTable } from '../state/keys.ts';
import type { Environment } from './environment.ts';

/** The ports of a job, with nobody to nudge. */
export type Rim = (job: Job, meter: UnitMeter) => Ports;

export function createRim(environment: Environment): Rim {
  const dynamo = dynamoClient();
  const kinesis = kinesisClient();
  return (job, meter) => {
    const metered = (table: Table) => meteredTable(table, meter, { refusals: 'oneUnit' });
    const tables = new Map(
      tablesOf(job).map((table) => [
        table.name,
        metered(dynamoTable(dynamo, { ...table, name: environment.nameOf(table.name) })),
      ]),
    );
    return {
      state: metered(dynamoTable(dynamo, stateTable(environment.nameOf('state')))),
      results: resultTables(tables),
      clock: systemClock,
      shards: kinesisShardDirectory(kinesis, environment.nameOf),
      reader: kinesisShardReader(
        kinesis,
        environment.nameOf,
        (stream) => laneSourceOf(job, stream)?.reading ?? ANY_FORM,
      ),
      streams: { sinkOf: (stream) => kinesisSink(kinesis, environment.nameOf(stream)) },
      nudge: NO_NUDGE,
    };
  };
}
