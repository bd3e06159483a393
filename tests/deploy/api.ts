/** The API of the stage at the URL of its function. */
import type { TablesAnswer } from '../../functions/api/contract/answers.ts';
import { physicalName } from '../../shared/lambda/contract.ts';
import type { Item } from '../../shared/ports/table.ts';
import type { Answer, Deployment } from './deployment.ts';
import { STAGE } from './deployment.ts';

export interface StageApi {
  /** Unsigned. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** As JSON. Throws for another answer than 200. */
  signed(path: string): Promise<unknown>;
}

export type ShownTable = TablesAnswer['tables'][number];

interface Stacks {
  readonly Stacks: readonly {
    readonly Outputs: readonly { readonly OutputKey: string; readonly OutputValue: string }[];
  }[];
}

/** The emulator answers for `https://<id>.lambda-url.<region>.on.aws` at a path of its own. */
export async function apiOf(deployment: Deployment): Promise<StageApi> {
  const StackName = physicalName(STAGE, '').slice(0, -1);
  const [described] = await deployment.calls(['cloudformation', 'describe_stacks', { StackName }]);
  const outputs = (described as unknown as Stacks).Stacks[0]?.Outputs ?? [];
  const url = outputs.find(({ OutputKey }) => OutputKey === 'ApiUrl')?.OutputValue;
  const [id] = URL.parse(url ?? '')?.hostname.split('.') ?? [];
  if (id === undefined) throw new Error(`the stack's output ApiUrl is ${url}`);
  const at = (path: string) =>
    `${deployment.variables['AWS_ENDPOINT_URL']}/_aws/lambda-url/${id}${path}`;
  return {
    async get(path, headers = {}) {
      const answer = await fetch(at(path), { headers });
      return { status: answer.status, body: await answer.text() };
    },
    async signed(path) {
      const [answer] = await deployment.signed(at(path));
      if (answer?.status === 200) return JSON.parse(answer.body);
      throw new Error(`${path} is answered with ${answer?.status}: ${answer?.body}`);
    },
  };
}

const EVERY_TIME = 'from=1970-01-01T00:00:00Z&to=2100-01-01T00:00:00Z';
const PAGE_ROWS = 100;

/** The key that a table of windows is asked for, where it has no headline: its first row's. */
export const keyAskedFor = (table: ShownTable, stored: readonly Item[]): string | undefined =>
  table.rows === 'windows'
    ? (table.headline ?? String(stored[0]?.[table.partitionKey]))
    : undefined;

/** What the API lists of a table, to its end: windows under a key, problems, facts. */
export async function listedBy(
  api: StageApi,
  { name, rows }: ShownTable,
  key: string | undefined,
): Promise<Item[]> {
  const of = key === undefined ? '' : `&key=${encodeURIComponent(key)}`;
  const limit = rows === 'windows' ? '' : `&limit=${PAGE_ROWS}`;
  const all: Item[] = [];
  let cursor = '';
  do {
    const page = await api.signed(`/v1/tables/${name}?${EVERY_TIME}${of}${limit}${cursor}`);
    const { rows: found, next } = page as { rows: Item[]; next?: string };
    all.push(...found);
    cursor = next === undefined ? '' : `&cursor=${encodeURIComponent(next)}`;
  } while (cursor !== '');
  return all;
}

/** What of the stored rows that has to be, in the form that the API gives it. */
export const toBeListed = (
  table: ShownTable,
  stored: readonly Item[],
  key: string | undefined,
): Item[] =>
  stored
    .filter((row) => table.rows !== 'windows' || row[table.partitionKey] === key)
    .filter((row) => table.rows !== 'statuses' || row['problem'] !== undefined)
    .map(
      ({ problem: _, listed: __, listedAt: ___, windowGroup: ____, groupMember: _____, ...row }) =>
        row,
    );
