/** Result tables that no other panel knows: those of jobs that somebody has added. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { TablesAnswer } from '../../functions/api/contract/answers.ts';
import { printable } from '../../shared/model/printable.ts';
import { nowOf, type Rows, type Scene, sourceOf } from '../scene.ts';
import { select } from './controls.ts';
import { badges, panel } from './frame.ts';

type Table = TablesAnswer['tables'][number];

const KNOWN: ReadonlySet<string> = new Set([
  'hot-items',
  'hot-pages',
  'pvuv',
  'app-promotion',
  'ad-clicks',
  'ad-blacklist',
  'user-profile',
  'user-tags',
  'funnel',
  'login-alerts',
  'order-status',
  'reconciliation',
]);
/** What is said of a window in words is no column. */
const OF_WINDOW = ['windowStart', 'windowEnd', 'revision', 'final'];
const COLUMNS_MAX = 6;

const otherTables = ({ tables }: TablesAnswer): Table[] =>
  tables.filter(({ name }) => !KNOWN.has(name));

export function tableShown(scene: Scene): Table | undefined {
  const { data } = sourceOf(scene, 'tables');
  const others = data ? otherTables(data) : [];
  return others.find(({ name }) => name === scene.view.table) ?? others[0];
}

/** Whether rows can be asked for without a value of the partition key. */
export const needsKey = ({ rows, headline, isListed, problems }: Table): boolean =>
  rows === 'windows' ? headline === undefined : !isListed && problems.length === 0;

export function tablesPanel(scene: Scene): TemplateResult | typeof nothing {
  const { words } = scene;
  const table = tableShown(scene);
  if (!table) return scene.view.panel === 'tables' ? noTables(scene) : nothing;
  const isAsking = needsKey(table) && scene.view.key === undefined;
  const source = isAsking ? sourceOf(scene, 'tables') : sourceOf(scene, 'table');
  return panel<unknown>(scene, {
    name: 'tables',
    title: words.tables.title,
    source,
    tools: tools(scene, table),
    isEmpty: (data) => !isAsking && (data as Rows).rows.length === 0,
    empty: words.tables.empty,
    body: (data) =>
      isAsking
        ? html`<p class="empty">${words.tables.key(table.partitionKey)}</p>`
        : rowsTable(scene, table, data as Rows),
  });
}

const noTables = (scene: Scene): TemplateResult =>
  panel(scene, {
    name: 'tables',
    title: scene.words.tables.title,
    source: sourceOf(scene, 'tables'),
    isEmpty: () => true,
    empty: scene.words.tables.none,
    body: () => html``,
  });

function tools(scene: Scene, table: Table): TemplateResult {
  const { words, view, act } = scene;
  const { data } = sourceOf(scene, 'tables');
  const others = data ? otherTables(data) : [];
  const read = (event: Event) => {
    event.preventDefault();
    const key = new FormData(event.target as HTMLFormElement).get('key');
    act.go({ table: table.name, key: typeof key === 'string' && key !== '' ? key : undefined });
  };
  return html`
    ${select({
      label: words.tables.table,
      options: others.map(({ name }) => [name, printable(name)] as const),
      chosen: table.name,
      choose: (name) => act.go({ table: name, key: undefined }),
    })}
    <form class="key" @submit=${read}>
      <input name="key" aria-label=${words.tables.keyLabel(table.partitionKey)} placeholder=${table.headline ?? table.partitionKey} .value=${view.key ?? ''} />
      <button type="submit" class="button">${words.tables.read}</button>
    </form>
  `;
}

function rowsTable(scene: Scene, table: Table, { rows }: Rows): TemplateResult {
  const { words } = scene;
  const isOfWindows = table.rows === 'windows';
  const columns = columnsOf(table, rows);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${printable(table.name)}>
    <table class="list any">
      <thead>
        <tr>
          ${isOfWindows ? html`<th scope="col">${words.window.of}</th>` : nothing}
          ${columns.map((column) => html`<th scope="col">${printable(column)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr>
            ${isOfWindows ? windowCell(scene, row) : nothing}
            ${columns.map((column) => html`<td class="cut" title=${textOf(row[column])}>${valueText(scene, row[column])}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The keys first, then in the order in which rows have them. */
function columnsOf({ partitionKey, sortKey }: Table, rows: Rows['rows']): string[] {
  const keys = [partitionKey, ...(sortKey === undefined ? [] : [sortKey])];
  const all = [...new Set([...keys, ...rows.flatMap((row) => Object.keys(row))])];
  return all.filter((name) => !OF_WINDOW.includes(name)).slice(0, COLUMNS_MAX);
}

function windowCell(scene: Scene, row: Rows['rows'][number]): TemplateResult {
  const { windowStart, windowEnd, revision, final } = row;
  const times = { windowStart: String(windowStart), windowEnd: String(windowEnd) };
  return html`<td class="time">
    ${scene.formats.window(times, nowOf(scene))}
    ${badges(scene, { revision: Number(revision ?? 0), final: final !== false })}
  </td>`;
}

const textOf = (value: unknown): string =>
  printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

const valueText = ({ formats }: Scene, value: unknown): string =>
  typeof value === 'number' ? formats.number(value) : textOf(value);
