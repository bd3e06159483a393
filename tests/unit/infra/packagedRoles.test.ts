/** The roles as they are packaged for a deployment: nothing broader than a function needs. */
import { beforeAll, describe, expect, it } from 'vitest';
import { WILDCARDS } from '../../../infra/roles/policy.ts';
import { type Expectations, tooBroad } from '../../support/iam/checks.ts';
import { ingesting, own, pascal } from '../../support/iam/own.ts';
import { roleHoldersOf } from '../../support/iam/roles.ts';
import { type PackagedTemplate, packagedTemplate } from '../../support/packagedTemplate.ts';

const EXPECTED: Expectations = { own, wildcards: WILDCARDS };

let template: PackagedTemplate;

beforeAll(async () => {
  template = await packagedTemplate('prod');
}, 60_000);

it('gives every function a role of its own, and no role more than its function needs', () => {
  const names = [...ingesting, 'closeWindows', 'fireTimers', 'api'];
  expect(
    roleHoldersOf(template)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(names.sort());
  expect(tooBroad(template, EXPECTED)).toEqual([]);
});

it('gives every function its log group, and every ingest function its streams and the queue', () => {
  for (const { name } of roleHoldersOf(template)) {
    const { resources, puts } = own(name);
    const needed = [...resources, ...puts].filter((id) => /(LogGroup|Stream|Queue)$/.test(id));
    const granted = JSON.stringify(template.Resources[`${pascal(name)}Role`]);
    expect(needed.filter((id) => !granted.includes(`"${id}"`))).toEqual([]);
  }
});

it('lets the key of the customer be used only where the stack has one', () => {
  const granted = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
  for (const role of granted) {
    const text = JSON.stringify(role);
    expect(text.match(/kms:Decrypt/g)).toHaveLength(1);
    const conditional = text.match(/\{"Fn::If":\["HasEncryptionKey",\{"Sid":"\w+"/g);
    expect(conditional).toHaveLength(text.match(/kms:\w+"\]/g)?.length ?? 0);
  }
  expect(template.Conditions).toHaveProperty('HasEncryptionKey');
});

/** The part of a template that the cases below change. */
interface Draft {
  Resources: Record<
    string,
    {
      Type: string;
      Properties: Record<string, unknown> & {
        Role?: unknown;
        AssumeRolePolicyDocument?: { Statement: { Principal: object }[] };
        Policies?: { PolicyDocument: { Statement: Record<string, unknown>[] } }[];
      };
    }
  >;
}

function statementOf(draft: Draft, role: string, sid: string): Record<string, unknown> {
  const statements = draft.Resources[role]?.Properties.Policies?.[0]?.PolicyDocument.Statement;
  const found = statements
    ?.map((each) => (each['Fn::If'] as Record<string, unknown>[] | undefined)?.[1] ?? each)
    .find((each) => each['Sid'] === sid);
  if (!found) throw new Error(`${role} has no statement ${sid}`);
  return found;
}

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const inHotItems = (sid: string, changed: object) => (draft: Draft) =>
  void Object.assign(statementOf(draft, 'HotItemsRole', sid), changed);
const inForwarder = (sid: string, changed: object) => (draft: Draft) =>
  void Object.assign(statementOf(draft, 'OrderReconcileRole', sid), changed);
const inApi = (sid: string, changed: object) => (draft: Draft) =>
  void Object.assign(statementOf(draft, 'ApiRole', sid), changed);
const latestOf = (table: string) => ({ 'Fn::Sub': `\${${table}.Arn}/index/latest` });
const openTo = (keys: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
});
const viaService = (...services: readonly string[]) => ({
  Condition: {
    StringEquals: {
      'kms:ViaService': services.map((each) => `${each}.us-east-1.amazonaws.com`),
    },
  },
});

describe('a role that', () => {
  it.each<[what: string, change: (draft: Draft) => void, problem: string]>([
    [
      'may do everything with a table',
      inHotItems('UseState1', { Action: ['dynamodb:*'] }),
      'HotItemsRole, statement UseState1: the action dynamodb:* holds a wildcard',
    ],
    [
      'may do more than a few named things',
      inHotItems('UseState1', { Action: ['dynamodb:Batch*'] }),
      'HotItemsRole, statement UseState1: the action dynamodb:Batch* holds a wildcard',
    ],
    [
      'may scan',
      inHotItems('UseState1', { Action: ['dynamodb:Scan'] }),
      'HotItemsRole, statement UseState1: dynamodb:Scan is nothing that a function does with StateTable',
    ],
    [
      'may use any resource',
      inHotItems('PollStreams', { Resource: '*' }),
      'HotItemsRole, statement PollStreams: "*" is no resource of the stack',
    ],
    [
      'may use what a pattern of names matches',
      inHotItems('PollStreams', {
        Resource: [{ 'Fn::Sub': 'arn:aws:kinesis:*:*:stream/tidemark-*' }],
      }),
      'is no resource of the stack',
    ],
    [
      'may do all but something',
      inHotItems('PollStreams', { NotAction: ['kinesis:PutRecord'] }),
      'HotItemsRole, statement PollStreams: NotAction is not checked here',
    ],
    [
      'reads the state of all jobs',
      inHotItems('UseState1', { Condition: undefined }),
      'HotItemsRole, statement UseState1: StateTable is open without a condition on dynamodb:LeadingKeys',
    ],
    [
      'reads the state of another job',
      inHotItems('UseState1', { Condition: openTo(['hot-items@1', 'pvuv@1']) }),
      "HotItemsRole, statement UseState1: items pvuv@1 of StateTable are another function's",
    ],
    [
      'reads the state of jobs whose names begin alike',
      inHotItems('UseState1', { Condition: openTo(['hot-items@1*']) }),
      "HotItemsRole, statement UseState1: items hot-items@1* of StateTable are another function's",
    ],
    [
      'writes the table of another job',
      inHotItems('UseState1', { Resource: [arn('PvuvTable')] }),
      "HotItemsRole, statement UseState1: PvuvTable is not hotItems's to use",
    ],
    [
      'reads another stream',
      inHotItems('PollStreams', { Resource: [arn('LoginsStream')] }),
      "HotItemsRole, statement PollStreams: LoginsStream is not hotItems's to use",
    ],
    [
      'invokes another function',
      inHotItems('Nudge', { Resource: [arn('FireTimersLambdaFunction')] }),
      "HotItemsRole, statement Nudge: FireTimersLambdaFunction is not hotItems's to use",
    ],
    [
      'reads an index of a table that is none of its own',
      inHotItems('UseState1', { Resource: [latestOf('LoginAlertsTable')] }),
      "HotItemsRole, statement UseState1: LoginAlertsTable/latest is not hotItems's to use",
    ],
    [
      'scans an index',
      inApi('UseLists', { Action: ['dynamodb:Scan'] }),
      'ApiRole, statement UseLists: dynamodb:Scan is nothing that a function does with AdBlacklistTable/latest',
    ],
    [
      'reads an index that there is not',
      inApi('UseLists', { Resource: [latestOf('PvuvTable')] }),
      'ApiRole, statement UseLists: PvuvTable/latest is no index of the stack',
    ],
    [
      'is to read, and writes rows',
      inApi('UseResults1', { Action: ['dynamodb:PutItem'] }),
      'ApiRole, statement UseResults1: dynamodb:PutItem is nothing that a function does with HotItemsTable',
    ],
    [
      'is to read, and writes state',
      inApi('UseState1', { Action: ['dynamodb:UpdateItem'] }),
      'ApiRole, statement UseState1: dynamodb:UpdateItem is nothing that a function does with StateTable',
    ],
    [
      'uses the key for anything but what the services ask of it',
      inHotItems('UseEncryptionKey', { Condition: undefined }),
      'HotItemsRole, statement UseEncryptionKey: the key is open without a condition on kms:ViaService',
    ],
    [
      'lets another service use the key',
      inHotItems('UseEncryptionKey', viaService('dynamodb', 'kinesis', 'sns')),
      'HotItemsRole, statement UseEncryptionKey: the key is open to sns.us-east-1.amazonaws.com',
    ],
    [
      'does not let a service that it uses use the key',
      inHotItems('UseEncryptionKey', viaService('dynamodb')),
      'HotItemsRole, statement UseEncryptionKey: the key is closed to kinesis.us-east-1.amazonaws.com',
    ],
    [
      'only reads, and has keys made',
      inHotItems('UseEncryptionKey', { Action: ['kms:GenerateDataKey'] }),
      'HotItemsRole, statement UseEncryptionKey: kms:GenerateDataKey is nothing that a function does with the key',
    ],
    [
      'forwards, and cannot encrypt',
      inForwarder('EncryptRecords', { Action: ['kms:Decrypt'] }),
      'OrderReconcileRole: may not kms:GenerateDataKey with the key',
    ],
    [
      'forwards to a stream of producers',
      inForwarder('PutRecords', { Resource: [arn('OrdersStream')] }),
      'OrderReconcileRole, statement PutRecords: kinesis:PutRecords is nothing that a function does with OrdersStream',
    ],
    [
      'forwards, and reads what it forwarded',
      inForwarder('PutRecords', { Action: ['kinesis:GetRecords'] }),
      'OrderReconcileRole, statement PutRecords: kinesis:GetRecords is nothing that a function does with OrderReconcile2RepartitionStream',
    ],
    [
      'forwards, and writes rows',
      inForwarder('UseState1', { Resource: [arn('ReconciliationTable')] }),
      "OrderReconcileRole, statement UseState1: ReconciliationTable is not orderReconcile's to use",
    ],
    [
      'is used by two functions',
      (draft) => {
        const pvuv = draft.Resources['PvuvLambdaFunction'];
        if (pvuv) pvuv.Properties.Role = arn('HotItemsRole');
      },
      'HotItemsRole: is the role of hotItems and of pvuv',
    ],
    [
      'is used by nobody',
      (draft) => void delete draft.Resources['PvuvLambdaFunction'],
      'PvuvRole: is the role of no function',
    ],
    [
      'has a managed policy',
      (draft) => {
        const policy = 'arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole';
        Object.assign(draft.Resources['PvuvRole']?.Properties ?? {}, {
          ManagedPolicyArns: [policy],
        });
      },
      'PvuvRole: has ManagedPolicyArns, which is not checked here',
    ],
    [
      'others than Lambda may assume',
      (draft) => {
        const trust = draft.Resources['PvuvRole']?.Properties.AssumeRolePolicyDocument;
        Object.assign(trust?.Statement[0] ?? {}, { Principal: { AWS: '*' } });
      },
      'PvuvRole: may be assumed by others than Lambda',
    ],
    [
      'is given more by a policy beside it',
      (draft) => {
        draft.Resources['MorePolicy'] = { Type: 'AWS::IAM::Policy', Properties: {} };
      },
      'MorePolicy: grants access beside the roles, as AWS::IAM::Policy',
    ],
  ])('%s is named', (_, change, problem) => {
    const draft = structuredClone(template) as unknown as Draft;
    change(draft);
    const problems = tooBroad(draft as unknown as PackagedTemplate, EXPECTED);
    expect(problems.join('\n')).toContain(problem);
  });

  it('ends in a wildcard by itself is named, where no reason is given', () => {
    expect(tooBroad(template, { own, wildcards: {} })).toContain(
      'HotItemsRole, statement WriteLogs: the ARN of HotItemsLogGroup ends in a wildcard, and no reason is given',
    );
  });
});
