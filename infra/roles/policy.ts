/**
 * What a function may do, as statements of an IAM policy.
 *
 * 1. Every resource is named by its logical id in this stack, so a name that is not in the stack fails the deployment.
 * 2. No action and no resource holds a wildcard, apart from what `WILDCARDS` lists.
 * 3. Items of the state table are open by partition key: a function's own jobs', and none else.
 */
import type {
  FunctionAccess,
  IndexAccess,
  ResultAccess,
  StateAccess,
  TableAction,
} from './access.ts';

/** The ARN of a resource of this stack. */
interface OwnArn {
  readonly 'Fn::GetAtt': readonly [logicalId: string, attribute: 'Arn'];
}

type Text = string | { readonly 'Fn::Sub': string };

interface Condition {
  readonly [operator: string]: { readonly [key: string]: readonly Text[] };
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly (
    | OwnArn
    | { readonly Ref: string }
    | { readonly 'Fn::Sub': string }
  )[];
  readonly Condition?: Condition;
}

/** A statement that is there only where the stack has a key of the customer's own. */
interface WithKeyOnly {
  readonly 'Fn::If': readonly ['HasEncryptionKey', Statement, { readonly Ref: 'AWS::NoValue' }];
}

/** Resources that are granted with a wildcard, by type, because AWS allows nothing else. */
export const WILDCARDS: Readonly<Record<string, string>> = {
  'AWS::Logs::LogGroup':
    'Its ARN ends in ":*", which stands for its log streams. Lambda makes one for each environment and names it itself.',
};

/** What Lambda's poller does with a stream, by the role of the function that it polls for. */
const POLLING = ['DescribeStream', 'DescribeStreamSummary'];
/** What both the poller and the engine do: which shards there are, and what is in one. */
const READING = ['GetRecords', 'GetShardIterator', 'ListShards'];

/** What the engine does where it puts: it places records by the shards that there are. */
const PUTTING = ['ListShards', 'PutRecords'];

export function statementsOf(access: FunctionAccess): readonly (Statement | WithKeyOnly)[] {
  const { name, polls, looksInto, puts, state, results, lists, nudges } = access;
  return [
    allow('WriteLogs', actions('logs', ['CreateLogStream', 'PutLogEvents']), [
      arnOf(`${pascal(name)}LogGroup`),
    ]),
    ...ifAny(polls, () => [
      allow('PollStreams', actions('kinesis', [...POLLING, ...READING]), polls.map(streamArn)),
      allow('ReportUndelivered', actions('sqs', ['SendMessage']), [arnOf('UndeliveredQueue')]),
    ]),
    ...ifAny(looksInto, () => [
      allow('LookIntoShards', actions('kinesis', READING), looksInto.map(streamArn)),
    ]),
    ...ifAny(puts, () => [allow('PutRecords', actions('kinesis', PUTTING), puts.map(streamArn))]),
    ...state.filter(({ items }) => items.length > 0).map(stateStatement),
    ...results.filter(({ tables }) => tables.length > 0).map(resultStatement),
    ...ifAny(lists, () => [allow('UseLists', dynamoActions(['Query']), lists.map(indexArn))]),
    ...(nudges === undefined
      ? []
      : [allow('Nudge', actions('lambda', ['InvokeFunction']), [functionArn(nudges)])]),
    ...keyStatements(access),
  ];
}

/**
 * `ForAllValues` also holds where a request has no partition key at all. None of the actions allowed can be asked without:
 * Query, GetItem, PutItem and UpdateItem name one, the batches one per item. (Scan, and PartiQL without a key, are other
 * actions, which nobody has.)
 */
const stateStatement = ({ items, actions: tableActions }: StateAccess, n: number): Statement => ({
  ...allow(`UseState${n + 1}`, dynamoActions(tableActions), [arnOf('StateTable')]),
  Condition: {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': items },
  },
});

const resultStatement = ({ tables, actions: tableActions }: ResultAccess, n: number): Statement =>
  allow(`UseResults${n + 1}`, dynamoActions(tableActions), tables.map(tableArn));

/**
 * Records and items are decrypted by Kinesis and DynamoDB on behalf of whoever asks for them; DynamoDB decrypts its table
 * key for a write, too, and encrypts with that. So nothing but Decrypt is needed, and only through these two services. For records that are
 * put, Kinesis has keys made, on behalf of whoever puts them.
 */
function keyStatements({ polls, looksInto, puts }: FunctionAccess): readonly WithKeyOnly[] {
  const reading = polls.length + looksInto.length > 0 ? ['dynamodb', 'kinesis'] : ['dynamodb'];
  return [
    withKey('UseEncryptionKey', 'Decrypt', reading),
    ...ifAny(puts, () => [withKey('EncryptRecords', 'GenerateDataKey', ['kinesis'])]),
  ];
}

function withKey(sid: string, action: string, services: readonly string[]): WithKeyOnly {
  const endpoints = services.map((service) => ({
    'Fn::Sub': `${service}.\${AWS::Region}.\${AWS::URLSuffix}`,
  }));
  const statement: Statement = {
    ...allow(sid, actions('kms', [action]), [{ Ref: 'EncryptionKey' }]),
    Condition: { StringEquals: { 'kms:ViaService': endpoints } },
  };
  return { 'Fn::If': ['HasEncryptionKey', statement, { Ref: 'AWS::NoValue' }] };
}

const allow = (
  Sid: string,
  Action: readonly string[],
  Resource: Statement['Resource'],
): Statement => ({ Sid, Effect: 'Allow', Action, Resource });

const actions = (service: string, names: readonly string[]): readonly string[] =>
  names.map((name) => `${service}:${name}`).sort();
const dynamoActions = (names: readonly TableAction[]) => actions('dynamodb', names);

const ifAny = <T>(things: readonly unknown[], make: () => readonly T[]): readonly T[] =>
  things.length > 0 ? make() : [];

const arnOf = (logicalId: string): OwnArn => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const tableArn = (table: string) => arnOf(`${pascal(table)}Table`);
/** `Fn::Sub` refuses an id that is not in the stack, too. */
const indexArn = ({ table, index }: IndexAccess) => ({
  'Fn::Sub': `\${${pascal(table)}Table.Arn}/index/${index}`,
});
const streamArn = (stream: string) => arnOf(`${pascal(stream)}Stream`);
const functionArn = (name: string) => arnOf(`${pascal(name)}LambdaFunction`);

/** `hot-items` and `hotItems` are `HotItems` in logical ids: ours by custom, those of osls by its rule. */
export const pascal = (name: string): string =>
  name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
