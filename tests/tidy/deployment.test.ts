/** `serverless.yml` and the jobs say the same. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { JOBS } from '../../functions/jobs.ts';
import { FILES, filesIn, textOf } from './repository.ts';

interface StreamEvent {
  readonly stream: { readonly arn: { readonly 'Fn::GetAtt': readonly [string, string] } } & Record<
    string,
    unknown
  >;
}
interface Deployment {
  readonly functions: Record<
    string,
    { handler: string; events: readonly (StreamEvent | { schedule: string })[] }
  >;
}
interface Resources {
  readonly Resources: Record<
    string,
    {
      readonly Type: string;
      readonly Properties: {
        readonly Name?: string;
        readonly TableName?: string;
        readonly KeySchema?: { AttributeName: string }[];
      };
    }
  >;
}

const { functions } = parse(textOf('serverless.yml'), { merge: true }) as Deployment;
const resources = Object.assign(
  {},
  ...filesIn('infra/', '.yml').map((path) => (parse(textOf(path)) as Resources).Resources),
) as Resources['Resources'];

const functionOf = (job: string) =>
  job.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
const streamsOf = (name: string) =>
  (functions[name]?.events ?? []).flatMap((event) => ('stream' in event ? [event.stream] : []));

describe.each(JOBS.map((family) => [family.name, family.build()] as const))('%s', (name, job) => {
  const streams = streamsOf(functionOf(name));

  it('reads the stream of its source, and no other', () => {
    const names = streams.map(({ arn }) => resources[arn['Fn::GetAtt'][0]]?.Properties.Name);
    expect(names).toEqual([`tidemark-\${sls:stage}-${job.source.stream}`]);
  });

  it('is mapped as the engine needs it: in order, batches returned in part, one at a time per shard', () => {
    expect(streams).toMatchObject([
      {
        functionResponseType: 'ReportBatchItemFailures',
        parallelizationFactor: 1,
        startingPosition: 'TRIM_HORIZON',
      },
    ]);
    for (const stream of streams) {
      expect(stream).not.toHaveProperty('maximumRetryAttempts');
      expect(stream).not.toHaveProperty('maximumRecordAgeInSeconds');
      expect(stream).not.toHaveProperty('filterPatterns');
    }
  });

  it('has a result table with the keys of its rows', () => {
    const tables = Object.values(resources).filter(
      ({ Properties }) => Properties.TableName === `tidemark-\${sls:stage}-${job.table.name}`,
    );
    const keys = tables.map(({ Properties }) =>
      Properties.KeySchema?.map(({ AttributeName }) => AttributeName),
    );
    expect(keys).toEqual([[job.table.partitionKey, 'windowEnd']]);
  });
});

it('deploys a handler for every folder of functions, and nothing else', () => {
  const folders = FILES.flatMap(
    (path) => /^functions\/([^/]+)\/handler\.ts$/.exec(path)?.[1] ?? [],
  );
  expect(Object.keys(functions).sort()).toEqual([...folders].sort());
  for (const [name, { handler }] of Object.entries(functions)) {
    expect(handler).toBe(`functions/${name}/handler.handler`);
  }
});

it('closes windows on a schedule', () => {
  expect(functions['closeWindows']?.events).toEqual([{ schedule: 'rate(1 minute)' }]);
});
