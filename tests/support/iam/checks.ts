/**
 * What makes a role broader than Tidemark's roles are meant to be, as sentences that name role and statement.
 *
 * It knows nothing of how roles are made (`infra/roles`): what a function may touch is said anew in `own`.
 */
import type { PackagedResource, PackagedTemplate } from '../packagedTemplate.ts';
import {
  arnOf,
  indexIn,
  listOf,
  logicalIdOf,
  type RawStatement,
  REGION,
  type Role,
  roleHoldersOf,
  rolesOf,
  textOf,
} from './roles.ts';

/** What a function may touch at all. */
export interface Own {
  /** Logical ids. */
  readonly resources: readonly string[];
  /** Patterns of the partition keys of its items of the state table. */
  readonly items: readonly string[];
  /** Streams that it puts on; what is among the resources it may read as well. */
  readonly puts: readonly string[];
  /** What is done with the customer's key on its behalf, and by which services. */
  readonly keyUses: Readonly<Record<string, readonly string[]>>;
  /** What it does with tables, where that is less than functions do. */
  readonly tableActions?: readonly string[];
}

export interface Expectations {
  /** By the function's key in serverless.yml. */
  own(functionName: string): Own;
  /** Types of resources whose ARN ends in a wildcard by itself, with the reason why that is wanted. */
  readonly wildcards: Readonly<Record<string, string>>;
}

/** Actions that some function may have. Whatever is not here is a new decision, to be made here. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': [
    'dynamodb:BatchGetItem',
    'dynamodb:BatchWriteItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
  ],
  'AWS::Kinesis::Stream': [
    'kinesis:DescribeStream',
    'kinesis:DescribeStreamSummary',
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
  ],
  'AWS::Logs::LogGroup': ['logs:CreateLogStream', 'logs:PutLogEvents'],
  'AWS::SQS::Queue': ['sqs:SendMessage'],
  'AWS::Lambda::Function': ['lambda:InvokeFunction'],
};
/** With a stream that a function puts on. */
const PUTTING = ['kinesis:ListShards', 'kinesis:PutRecords'];
const STATE = 'StateTable';
const STATEMENT_PARTS = ['Sid', 'Effect', 'Action', 'Resource', 'Condition'];
const ROLE_PARTS = ['AssumeRolePolicyDocument', 'Description', 'Policies'];
/** Whatever else could give a role more, or give others access. */
const OTHER_GRANTS = [
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::RolePolicy',
  'AWS::IAM::UserPolicy',
  'AWS::IAM::GroupPolicy',
  'AWS::Kinesis::ResourcePolicy',
];

/** Everything that is too broad; nothing where all is well. */
export function tooBroad(template: PackagedTemplate, expected: Expectations): readonly string[] {
  const holders = roleHoldersOf(template);
  const roles = rolesOf(template);
  return [
    ...holders.flatMap(({ name, role }) => {
      const own = roles.find(({ id }) => id === role);
      if (!own) return [`${name}: its role is none of the stack`];
      const sharing = holders.filter((each) => each.role === role && each.name !== name);
      return [
        ...sharing.map((each) => `${own.id}: is the role of ${name} and of ${each.name}`),
        ...roleProblems(template, own, name, expected),
      ];
    }),
    ...roles
      .filter(({ id }) => !holders.some(({ role }) => role === id))
      .map(({ id }) => `${id}: is the role of no function`),
    ...Object.entries(template.Resources)
      .filter(([, { Type }]) => OTHER_GRANTS.includes(Type))
      .map(([id, { Type }]) => `${id}: grants access beside the roles, as ${Type}`),
  ];
}

function roleProblems(
  template: PackagedTemplate,
  role: Role,
  name: string,
  expected: Expectations,
): readonly string[] {
  const odd = Object.keys(role.properties).filter((part) => !ROLE_PARTS.includes(part));
  const trust = JSON.stringify(
    (role.properties['AssumeRolePolicyDocument'] as { Statement?: unknown } | undefined)?.Statement,
  );
  return [
    ...odd.map((part) => `${role.id}: has ${part}, which is not checked here`),
    ...(trust === ONLY_LAMBDA
      ? []
      : [`${role.id}: may be assumed by others than Lambda: ${trust}`]),
    ...Object.keys(expected.own(name).keyUses)
      .filter((action) => !role.statements.some((each) => listOf(each['Action']).includes(action)))
      .map((action) => `${role.id}: may not ${action} with the key`),
    ...role.statements.flatMap((statement, n) =>
      statementProblems(template, statement, expected, name).map(
        (problem) => `${role.id}, statement ${statement['Sid'] ?? n}: ${problem}`,
      ),
    ),
  ];
}

const ONLY_LAMBDA = JSON.stringify([
  { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
]);

function statementProblems(
  template: PackagedTemplate,
  statement: RawStatement,
  expected: Expectations,
  name: string,
): readonly string[] {
  const parts = Object.keys(statement).filter((part) => !STATEMENT_PARTS.includes(part));
  const actions = listOf(statement['Action']);
  const resources = listOf(statement['Resource']);
  return [
    ...parts.map((part) => `${part} is not checked here`),
    ...(statement['Effect'] === 'Allow' ? [] : ['its effect is not Allow']),
    ...(actions.length > 0 ? [] : ['names no action']),
    ...(resources.length > 0 ? [] : ['names no resource']),
    ...actions.filter(hasWildcard).map((action) => `the action ${action} holds a wildcard`),
    ...resources.flatMap((resource) =>
      isCustomerKey(resource)
        ? keyProblems(statement, expected.own(name))
        : resourceProblems(template, statement, resource, expected, name),
    ),
  ];
}

const hasWildcard = (value: unknown): boolean => typeof value !== 'string' || /[*?]/.test(value);

function resourceProblems(
  template: PackagedTemplate,
  statement: RawStatement,
  resource: unknown,
  expected: Expectations,
  name: string,
): readonly string[] {
  const index = indexIn(resource);
  if (index) return indexProblems(template, statement, index, expected, name);
  const { own, wildcards } = expected;
  const id = logicalIdOf(resource);
  const found = id === undefined ? undefined : template.Resources[id];
  if (id === undefined || !found)
    return [`${JSON.stringify(resource)} is no resource of the stack`];
  const { resources, puts, items } = own(name);
  const isOwn = resources.includes(id) || puts.includes(id);
  const allowed = actionsOn(id, found, own(name));
  const isOpen = arnOf(found)?.includes('*') !== false && wildcards[found.Type] === undefined;
  return [
    ...(isOpen ? [`the ARN of ${id} ends in a wildcard, and no reason is given`] : []),
    ...(isOwn ? [] : [`${id} is not ${name}'s to use`]),
    ...listOf(statement['Action'])
      .filter((action) => !allowed.includes(String(action)))
      .map((action) => `${action} is nothing that a function does with ${id}`),
    ...(id === STATE ? leadingKeyProblems(statement, items) : []),
  ];
}

/** Of a resource that is not the function's, whatever functions do with one. */
function actionsOn(
  id: string,
  { Type }: PackagedResource,
  { resources, puts, tableActions }: Own,
): readonly string[] {
  const isTable = Type === 'AWS::DynamoDB::Table';
  const usual = (isTable ? tableActions : undefined) ?? ACTIONS[Type] ?? [];
  if (!puts.includes(id)) return usual;
  return resources.includes(id) ? [...usual, ...PUTTING] : PUTTING;
}

function indexProblems(
  template: PackagedTemplate,
  statement: RawStatement,
  { table, index }: { readonly table: string; readonly index: string },
  { own }: Expectations,
  name: string,
): readonly string[] {
  const indexes = template.Resources[table]?.Properties['GlobalSecondaryIndexes'] ?? [];
  const names = (indexes as readonly { readonly IndexName: string }[]).map(
    (each) => each.IndexName,
  );
  const id = `${table}/${index}`;
  return [
    ...(names.includes(index) ? [] : [`${id} is no index of the stack`]),
    ...(own(name).resources.includes(id) ? [] : [`${id} is not ${name}'s to use`]),
    ...listOf(statement['Action'])
      .filter((action) => action !== 'dynamodb:Query')
      .map((action) => `${action} is nothing that a function does with ${id}`),
  ];
}

function leadingKeyProblems(statement: RawStatement, items: readonly string[]): readonly string[] {
  const condition = (statement['Condition'] ?? {}) as Record<string, Record<string, unknown>>;
  const keys = listOf(condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']);
  if (keys.length === 0) return [`${STATE} is open without a condition on dynamodb:LeadingKeys`];
  return keys
    .filter((key) => !items.includes(String(key)))
    .map((key) => `items ${key} of ${STATE} are another function's`);
}

const isCustomerKey = (resource: unknown): boolean =>
  (resource as { readonly Ref?: unknown }).Ref === 'EncryptionKey';

function keyProblems(statement: RawStatement, { keyUses }: Own): readonly string[] {
  const condition = (statement['Condition'] ?? {}) as Record<string, Record<string, unknown>>;
  const services = listOf(condition['StringEquals']?.['kms:ViaService']).map(textOf);
  const open = services.length > 0 ? [] : ['the key is open without a condition on kms:ViaService'];
  return listOf(statement['Action']).flatMap((action) => {
    const uses = keyUses[String(action)];
    if (!uses) return [`${action} is nothing that a function does with the key`];
    const wanted = uses.map((service) => `${service}.${REGION}.amazonaws.com`);
    return [
      ...open,
      ...services
        .filter((service) => !wanted.includes(String(service)))
        .map((service) => `the key is open to ${service}`),
      ...wanted
        .filter((service) => !services.includes(service))
        .map((service) => `the key is closed to ${service}`),
    ];
  });
}
