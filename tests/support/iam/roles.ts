/** The roles of a packaged template, with the ARNs and conditions that AWS would see. */
import type { PackagedResource, PackagedTemplate } from '../packagedTemplate.ts';

/** A statement as it stands in the template. */
export type RawStatement = Readonly<Record<string, unknown>>;

export interface Role {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly statements: readonly RawStatement[];
}

/** A function of serverless.yml, by its key there, and the logical id of its role. */
export interface RoleHolder {
  readonly name: string;
  readonly role: string | undefined;
}

export const REGION = 'us-east-1';
export const ACCOUNT = '123456789012';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
};

export function rolesOf(template: PackagedTemplate): readonly Role[] {
  return Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
    .map(([id, { Properties: properties }]) => {
      const policies = (properties['Policies'] ?? []) as readonly {
        readonly PolicyDocument: { readonly Statement: readonly RawStatement[] };
      }[];
      const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
      return { id, properties, statements: statements.map(underItsCondition) };
    });
}

/** What stands in `Fn::If` is checked as if it were there. */
function underItsCondition(statement: RawStatement): RawStatement {
  const conditional = statement['Fn::If'] as readonly [string, RawStatement] | undefined;
  return conditional ? conditional[1] : statement;
}

export function roleHoldersOf(template: PackagedTemplate): readonly RoleHolder[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => ({
      name: functionNamed(String(Properties['FunctionName'])),
      role: logicalIdOf(Properties['Role']),
    }));
}

/** `tidemark-prod-hotItems` is `hotItems` in serverless.yml. */
export const functionNamed = (physicalName: string): string =>
  physicalName.slice(physicalName.lastIndexOf('-') + 1);

/** Of `{ Fn::GetAtt: [id, Arn] }`. */
export function logicalIdOf(value: unknown): string | undefined {
  const reference = (value as { readonly 'Fn::GetAtt'?: readonly string[] } | undefined)?.[
    'Fn::GetAtt'
  ];
  return reference?.[1] === 'Arn' ? reference[0] : undefined;
}

/** An index of a table: `{ Fn::Sub: ${id.Arn}/index/name }`. */
export function indexIn(
  value: unknown,
): { readonly table: string; readonly index: string } | undefined {
  const text = (value as { readonly 'Fn::Sub'?: unknown } | undefined)?.['Fn::Sub'];
  const [, table, index] = /^\$\{(\w+)\.Arn\}\/index\/(\w+)$/.exec(String(text)) ?? [];
  return table === undefined || index === undefined ? undefined : { table, index };
}

/** What `Fn::GetAtt: [id, Arn]` gives; undefined for a type that is not used with roles. */
export function arnOf({ Type, Properties }: PackagedResource): string | undefined {
  const at = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
  switch (Type) {
    case 'AWS::DynamoDB::Table':
      return at('dynamodb', `table/${Properties['TableName']}`);
    case 'AWS::Kinesis::Stream':
      return at('kinesis', `stream/${Properties['Name']}`);
    case 'AWS::Lambda::Function':
      return at('lambda', `function:${Properties['FunctionName']}`);
    case 'AWS::SQS::Queue':
      return at('sqs', String(Properties['QueueName']));
    case 'AWS::Logs::LogGroup':
      return at('logs', `log-group:${Properties['LogGroupName']}:*`);
    default:
      return undefined;
  }
}

/** A text or `Fn::Sub` of pseudo parameters alone. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const template = (value as { readonly 'Fn::Sub'?: unknown } | undefined)?.['Fn::Sub'];
  return typeof template === 'string'
    ? template.replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => PSEUDO[name] ?? whole)
    : undefined;
}

/** As a policy may give one thing or several. */
export const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
};
