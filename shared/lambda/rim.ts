/** What the functions of a stage have in common: their ports over the SDK's clients, metered. */
import { dynamoClient, kinesisClient, lambdaClient } from '../adapters/aws/clients.ts';
import { lambdaNudge } from '../adapters/aws/nudge.ts';
import { kinesisShardDirectory } from '../adapters/aws/shardDirectory.ts';
import { kinesisShardReader } from '../adapters/aws/shardReader.ts';
import { dynamoTable } from '../adapters/aws/table.ts';
import { meteredTable, type UnitMeter } from '../adapters/meteredTable.ts';
import { systemClock } from '../adapters/systemClock.ts';
import { type Job, tablesOf } from '../job/job.ts';
import type { Nudge } from '../ports/nudge.ts';
import type { Table } from '../ports/table.ts';
import type { LanePorts } from '../runtime/lanes/lanes.ts';
import { tableNamed } from '../runtime/resultTables.ts';
import { stateTable } from '../state/keys.ts';
import type { Environment } from './environment.ts';

export interface Rim {
  portsOf(job: Job, meter: UnitMeter): LanePorts;
  /** Nudges the scheduled function that has work for this kind of job. */
  nudgeOf(job: Job, onProblem: (problem: unknown) => void): Nudge;
}

export function createRim(environment: Environment): Rim {
  const dynamo = dynamoClient();
  const kinesis = kinesisClient();
  return {
    portsOf(job, meter) {
      const metered = (table: Table) => meteredTable(table, meter, { refusals: 'oneUnit' });
      const tables = new Map(
        tablesOf(job).map((table) => [
          table.name,
          metered(dynamoTable(dynamo, { ...table, name: environment.nameOf(table.name) })),
        ]),
      );
      return {
        state: metered(dynamoTable(dynamo, stateTable(environment.nameOf('state')))),
        results: (name) => tableNamed(tables, name),
        clock: systemClock,
        shards: kinesisShardDirectory(kinesis, environment.nameOf),
        reader: kinesisShardReader(kinesis, environment.nameOf),
      };
    },
    nudgeOf(job, onProblem) {
      const { closeFunction, fireFunction } = environment;
      const name = job.kind === 'window' ? closeFunction : fireFunction;
      if (name === undefined) return { send: async () => {} };
      return lambdaNudge(lambdaClient(), name, onProblem);
    },
  };
}
