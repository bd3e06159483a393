/**
 * A new job's entries in the files that are deployed. Text is put in, so that comments and layout stay; that it means what was
 * there and the new entry, and nothing else, is checked by reading the result.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isNode, isScalar, parseDocument, visit } from 'yaml';
import { INDEXES, type IndexName } from '../../shared/ports/rowsReader.ts';
import { CommandFailure } from '../failure.ts';
import type { KindFacts, NewTable } from './kinds.ts';
import type { Names } from './names.ts';

type Tree = Record<string, Record<string, unknown>>;

/** Where an entry goes: in which map of which file, before that key, or behind all. */
interface Entry {
  readonly path: string;
  /** Names of entries and numbers of items that lead there. */
  readonly map: readonly [string, ...(string | number)[]];
  readonly key: string;
  readonly text: string;
  readonly before?: string;
}

function withEntry(file: string, { path, map, key, text, before }: Entry): string {
  const node = parseDocument(file, { merge: true }).getIn(map);
  const items = isMap(node) ? node.items : [];
  const next = items.find((item) => isScalar(item.key) && item.key.value === before)?.key;
  const last = items.at(-1)?.value;
  const at = isNode(next)
    ? lineOf(file, next.range?.[0])
    : lineBehind(file, isNode(last) ? last.range?.[1] : undefined);
  const put = `${file.slice(0, at)}${text}${file.slice(at)}`;
  const [after, entry] = [readable(put), [...map, key]];
  if (after?.hasIn(entry)) {
    after.deleteIn(entry);
    if (isDeepStrictEqual(after.toJS(), treeOf(file))) return put;
  }
  throw new CommandFailure(
    `${key} cannot be put under ${map[0]} of ${path}, which is laid out in another way${whyOf(file, put)}; see docs/jobs.md`,
  );
}

const lineOf = (text: string, at = 0): number => text.lastIndexOf('\n', at) + 1;
const lineBehind = (text: string, at = 1): number => text.indexOf('\n', at - 1) + 1;

/** Undefined for what is no YAML, and for what names an anchor that is not there. */
function readable(text: string): Document | undefined {
  const document = parseDocument(text, { merge: true });
  return document.errors.length > 0 || missingAnchor(document) ? undefined : document;
}

/** Empty for what cannot be read. */
const treeOf = (text: string): Tree => (readable(text)?.toJS() ?? {}) as Tree;

function missingAnchor(document: Document): string | undefined {
  let missing: string | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      missing = alias.source;
      return visit.BREAK;
    },
  });
  return missing;
}

function whyOf(file: string, put: string): string {
  const missing = missingAnchor(parseDocument(put, { merge: true }));
  const isMissing = missing !== undefined && !file.includes(`&${missing}`);
  return isMissing ? ` (it has no anchor &${missing})` : '';
}

/** In serverless.yml. */
export function withFunction(
  file: string,
  {
    job,
    stream,
    batches,
    description,
  }: {
    readonly job: Names;
    readonly stream: Names;
    readonly batches: KindFacts['batches'];
    readonly description: string;
  },
): string {
  const text = `    ${job.camel}:
      handler: functions/${job.camel}/handler.handler
      role: ${job.pascal}Role
      description: ${JSON.stringify(description)}
      timeout: 60
      events:
        - stream:
            <<: [*mapping, *${batches}]
            arn:
              Fn::GetAtt: [${stream.pascal}Stream, Arn]

`;
  const before = 'closeWindows';
  return withEntry(file, {
    path: 'serverless.yml',
    // What is written; behind it, what is generated.
    map: ['functions', 0],
    key: job.camel,
    text,
    before,
  });
}

/** In infra/streams.yml. Kinesis creates five at a time, so it waits for a stream that no other one waits for. */
export function withStream(file: string, { kebab, camel, pascal }: Names): string {
  const { Resources = {} } = treeOf(file);
  const awaited = Object.values(Resources).map(
    (each) => (each as { DependsOn?: string }).DependsOn,
  );
  const free = Object.keys(Resources).find((id) => !awaited.includes(id));
  const text = `
  ${pascal}Stream:
    Type: AWS::Kinesis::Stream
    DependsOn: ${free}
    Properties:
      <<: *stream
      Name: tidemark-\${sls:stage}-${kebab}
      ShardCount: \${param:${camel}Shards, param:shards}
`;
  const path = 'infra/streams.yml';
  return withEntry(file, { path, map: ['Resources'], key: `${pascal}Stream`, text });
}

/** In infra/tables.yml. */
export function withTable(file: string, { names, keys, index }: NewTable): string {
  const id = `${names.pascal}Table`;
  const attributes = [...keys, ...(index ? Object.values(INDEXES[index]) : [])];
  const text = `
  ${id}:
    Type: AWS::DynamoDB::Table
${index ? afterIndexed(file) : ''}    Properties:
      <<: *resultTable
      TableName: tidemark-\${sls:stage}-${names.kebab}
      AttributeDefinitions:
${attributes.map((name) => `        - { AttributeName: ${name}, AttributeType: S }`).join('\n')}
      KeySchema:
${keys.map((name, i) => `        - { AttributeName: ${name}, KeyType: ${i === 0 ? 'HASH' : 'RANGE'} }`).join('\n')}
${index ? indexText(index) : ''}${keys.length > 1 ? '' : EXPIRING_ROWS}`;
  const path = 'infra/tables.yml';
  const withResource = withEntry(file, { path, map: ['Resources'], key: id, text });
  const key = `${id}StreamArn`;
  const output = `  ${key}: { Value: { Fn::GetAtt: [${id}, StreamArn] } }\n`;
  return withEntry(withResource, { path, map: ['Outputs'], key, text: output });
}

const indexText = (index: IndexName): string => `      GlobalSecondaryIndexes:
        - IndexName: ${index}
          KeySchema:
            - { AttributeName: ${INDEXES[index].partitionKey}, KeyType: HASH }
            - { AttributeName: ${INDEXES[index].sortKey}, KeyType: RANGE }
          Projection: { ProjectionType: ALL }
`;

/** Those of a table of one row per key. */
const EXPIRING_ROWS = `      TimeToLiveSpecification:
        AttributeName: expiresAt
        Enabled: true
`;

/** CloudFormation wants tables with indexes to be created one after the other. */
function afterIndexed(file: string): string {
  const { Resources = {} } = treeOf(file);
  const indexed = Object.entries(Resources).filter(([, each]) => {
    const { Properties } = each as { Properties?: object };
    return Properties && 'GlobalSecondaryIndexes' in Properties;
  });
  const last = indexed.at(-1)?.[0];
  return last === undefined ? '' : `    DependsOn: ${last}\n`;
}
