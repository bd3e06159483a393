/** As much of IAM's evaluation as Tidemark's roles use. What a role does not allow is denied. */
import type { PackagedTemplate } from '../packagedTemplate.ts';
import { arnOf, indexIn, listOf, logicalIdOf, type Role, textOf } from './roles.ts';

/** What AWS would be asked for. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  /** Of the items that a DynamoDB request names. */
  readonly leadingKeys: readonly string[];
}

/** One action on one resource that a role allows, under conditions. */
export interface Grant {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  /** Patterns of the partition keys; absent where any will do. */
  readonly leadingKeys?: readonly string[];
}

/** Throws for a resource or condition whose meaning is not known here. */
export function grantsOf(template: PackagedTemplate, role: Role): readonly Grant[] {
  return role.statements.flatMap((statement) => {
    const condition = conditionOf(statement['Condition']);
    return listOf(statement['Resource']).flatMap((resource) =>
      listOf(statement['Action']).map((action) => ({
        role: role.id,
        action: String(action),
        resource: resourceOf(template, resource),
        ...condition,
      })),
    );
  });
}

function resourceOf(template: PackagedTemplate, resource: unknown): string {
  const parameter = (resource as { readonly Ref?: string }).Ref;
  if (parameter !== undefined) return parameter;
  const index = indexIn(resource);
  const found = template.Resources[index?.table ?? logicalIdOf(resource) ?? ''];
  const arn = found && arnOf(found);
  if (arn === undefined) throw new Error(`${JSON.stringify(resource)} has no ARN here`);
  return index === undefined ? arn : `${arn}/index/${index.index}`;
}

function conditionOf(condition: unknown): Pick<Grant, 'leadingKeys'> {
  const entries = Object.entries((condition ?? {}) as Record<string, Record<string, unknown>>);
  const known: { leadingKeys?: readonly string[] } = {};
  for (const [operator, tests] of entries) {
    for (const [key, values] of Object.entries(tests)) {
      const name = `${operator} ${key}`;
      if (name === 'ForAllValues:StringLike dynamodb:LeadingKeys') {
        known.leadingKeys = listOf(values).map((value) => textOf(value) ?? '');
      } else if (name !== 'StringEquals kms:ViaService') {
        throw new Error(`the condition ${name} is not known here`);
      }
    }
  }
  return known;
}

export const isAllowedBy = (request: Request, grant: Grant): boolean =>
  isLike(request.action, grant.action) &&
  isLike(request.resource, grant.resource) &&
  (grant.leadingKeys === undefined ||
    // True where there are none, as in IAM.
    request.leadingKeys.every((key) => grant.leadingKeys?.some((like) => isLike(key, like))));

/** `*` stands for any characters, `?` for one. */
function isLike(text: string, pattern: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  return new RegExp(`^${expression}$`).test(text);
}
