/** Everything that a deployment makes, by kind. The emulator was empty before, so what is left is the deployment's. */
import type { Call, Deployment } from './deployment.ts';

interface Kind {
  readonly kind: string;
  readonly call: Call;
  /** Where the answer has them. */
  readonly list: string;
  /** Not those that the answer keeps naming after their end. */
  readonly isLeft?: (found: Readonly<Record<string, unknown>>) => boolean;
}

const KINDS: readonly Kind[] = [
  {
    kind: 'stacks',
    call: ['cloudformation', 'list_stacks'],
    list: 'StackSummaries',
    isLeft: ({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE',
  },
  { kind: 'streams', call: ['kinesis', 'list_streams'], list: 'StreamNames' },
  { kind: 'tables', call: ['dynamodb', 'list_tables'], list: 'TableNames' },
  { kind: 'table streams', call: ['dynamodbstreams', 'list_streams'], list: 'Streams' },
  { kind: 'functions', call: ['lambda', 'list_functions'], list: 'Functions' },
  {
    kind: 'mappings',
    call: ['lambda', 'list_event_source_mappings'],
    list: 'EventSourceMappings',
  },
  { kind: 'rules', call: ['events', 'list_rules'], list: 'Rules' },
  {
    kind: 'log groups',
    call: ['logs', 'describe_log_groups'],
    list: 'logGroups',
    // The emulator makes one anew, without retention, for a function that still runs when its own is deleted.
    isLeft: ({ retentionInDays }) => typeof retentionInDays === 'number',
  },
  { kind: 'queues', call: ['sqs', 'list_queues'], list: 'QueueUrls' },
  { kind: 'topics', call: ['sns', 'list_topics'], list: 'Topics' },
  { kind: 'alarms', call: ['cloudwatch', 'describe_alarms'], list: 'MetricAlarms' },
  { kind: 'dashboards', call: ['cloudwatch', 'list_dashboards'], list: 'DashboardEntries' },
  { kind: 'roles', call: ['iam', 'list_roles'], list: 'Roles' },
  { kind: 'buckets', call: ['s3', 'list_buckets'], list: 'Buckets' },
];

/** What there is of each kind, as texts for a reader. */
export async function resourcesOn(deployment: Deployment): Promise<Map<string, string[]>> {
  const answers = await deployment.calls(...KINDS.map(({ call }) => call));
  return new Map(
    KINDS.map(({ kind, list, isLeft = () => true }, i) => {
      const found = (answers[i]?.[list] ?? []) as Record<string, unknown>[];
      return [kind, found.filter(isLeft).map((each) => JSON.stringify(each))];
    }),
  );
}
