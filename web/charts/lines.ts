/**
 * Lines over window ends. Solid is final, dashed over a hatched ground is provisional, a ring is a window that was
 * corrected, and a gap is a window that is not there. It is moved through like a slider; the figures stand in a table behind
 * it for who does not see it.
 */
import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit-html';
import { measured } from '../dom/measured.ts';
import type { Scene } from '../scene.ts';
import { countTicks, linear, thinned } from './scale.ts';
import {
  gapsOf,
  isKnown,
  type KnownPoint,
  type Point,
  type Stretch,
  slideOf,
  stretchesOf,
} from './series.ts';

interface Line {
  readonly name: string;
  /** Which of the colours of charts. */
  readonly tone: 1 | 2 | 3;
  readonly points: readonly Point[];
}

export interface LinesChart {
  /** One for each chart of the page. */
  readonly name: string;
  readonly label: string;
  readonly lines: readonly Line[];
  readonly height: number;
  /** What a row without a value means. */
  readonly absent: string;
}

const WIDTH_FIRST = 480;
const MARGIN = { top: 10, right: 10, bottom: 24, left: 46 };
const LABEL_WIDTH = 64;

export function linesChart(scene: Scene, chart: LinesChart): TemplateResult {
  const { passing, act, words, formats } = scene;
  const ends = endsOf(chart);
  const last = ends.length - 1;
  const current = () => Math.min(act.pointedAt(chart.name) ?? last, last);
  const end = ends[current()];
  const move = (to: number) => act.point(chart.name, Math.max(0, Math.min(last, to)));
  const show = () => {
    const shown = ends[current()];
    if (shown !== undefined) act.go({ at: new Date(shown).toISOString() });
  };
  const readout = end === undefined ? '' : readoutOf(scene, chart, end);
  return html`
    <div class="chart" ${measured((width) => act.measure(chart.name, width))}>
      <p class="legend" aria-hidden="true">
        <span class="legend-time">${end === undefined ? '' : formats.time(end, lastOf(ends))}</span>
        ${chart.lines.map((line) => legendOf(scene, chart, line, end))}
      </p>
      <div
        class="plot"
        role="slider"
        tabindex="0"
        title=${words.panel.showTime}
        aria-label=${`${chart.label}. ${words.panel.chartHelp}`}
        aria-valuemin="0"
        aria-valuemax=${Math.max(0, last)}
        aria-valuenow=${Math.max(0, current())}
        aria-valuetext=${readout}
        @keydown=${(event: KeyboardEvent) => moveByKey(event, current(), last, move, show)}
        @pointermove=${(event: PointerEvent) => move(nearest(event, scene, chart, ends))}
        @pointerleave=${() => act.point(chart.name, undefined)}
        @click=${show}
      >
        ${picture(scene, chart, ends, passing.pointed.has(chart.name) ? end : undefined)}
      </div>
      ${figures(scene, chart, ends)}
    </div>
  `;
}

const lastOf = (ends: readonly number[]): string => new Date(ends.at(-1) ?? 0).toISOString();

const endsOf = ({ lines }: LinesChart): number[] =>
  [...new Set(lines.flatMap(({ points }) => points.map(({ t }) => t)))].sort((a, b) => a - b);

const widthOf = ({ passing }: Scene, { name }: LinesChart): number =>
  passing.widths.get(name) ?? WIDTH_FIRST;

function scalesOf(scene: Scene, chart: LinesChart, ends: readonly number[]) {
  const width = widthOf(scene, chart);
  const values = chart.lines.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
  const ticks = countTicks(Math.max(0, ...values));
  const span = { from: ends[0] ?? 0, to: ends.at(-1) ?? 0 };
  const x = linear(span, MARGIN.left, width - MARGIN.right);
  const top = { from: 0, to: ticks.at(-1) ?? 1 };
  const y = linear(top, chart.height - MARGIN.bottom, MARGIN.top);
  return { width, ticks, x, y };
}

function picture(
  scene: Scene,
  chart: LinesChart,
  ends: readonly number[],
  pointed: number | undefined,
): TemplateResult {
  const { width, ticks, x, y } = scalesOf(scene, chart, ends);
  const bottom = chart.height - MARGIN.bottom;
  const labels = thinned(ends, Math.floor((width - MARGIN.left) / LABEL_WIDTH));
  return html`
    <svg width=${width} height=${chart.height} viewBox="0 0 ${width} ${chart.height}" aria-hidden="true">
      <defs>
        <pattern id="hatch-${chart.name}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch" x1="0" y1="0" x2="0" y2="6"></line>
        </pattern>
      </defs>
      ${ground(chart, ends, x, bottom)}
      ${ticks.map(
        (tick) => svg`
          <line class="grid" x1=${MARGIN.left} x2=${width - MARGIN.right} y1=${y(tick)} y2=${y(tick)}></line>
          <text class="axis" x=${MARGIN.left - 8} y=${y(tick) + 4} text-anchor="end">${scene.formats.short(tick)}</text>`,
      )}
      ${labels.map(
        (end) =>
          svg`<text class="axis" x=${x(end)} y=${chart.height - 6} text-anchor=${anchorOf(x(end), width)}>${scene.formats.time(end)}</text>`,
      )}
      ${pointed === undefined ? nothing : svg`<line class="crosshair" x1=${x(pointed)} x2=${x(pointed)} y1=${MARGIN.top} y2=${bottom}></line>`}
      ${gapTexts(scene, ends, x, bottom)} ${chart.lines.map((line) => lineOf(line, x, y, pointed))}
    </svg>
  `;
}

const anchorOf = (at: number, width: number): string =>
  at > width - LABEL_WIDTH / 2 ? 'end' : 'middle';

type Place = (value: number) => number;

/** A hole in a line could be taken for a fault of the picture. */
function gapTexts({ words }: Scene, ends: readonly number[], x: Place, bottom: number) {
  return gapsOf(ends.map((t) => ({ t })))
    .filter(({ from, to }) => x(to) - x(from) > LABEL_WIDTH)
    .map(
      ({ from, to }) =>
        svg`<text class="axis" x=${(x(from) + x(to)) / 2} y=${bottom - 8} text-anchor="middle">${words.window.gap}</text>`,
    );
}

/** Behind windows that may still change. */
function ground({ name, lines }: LinesChart, ends: readonly number[], x: Place, bottom: number) {
  const points = lines[0]?.points ?? [];
  const first = points.find(({ isProvisional }) => isProvisional);
  if (!first || ends.length < 2) return nothing;
  const slide = slideOf(points);
  const from = Math.max(ends[0] ?? 0, first.t - slide);
  const to = ends.at(-1) ?? first.t;
  const width = Math.max(0, x(to) - x(from));
  return svg`<rect class="ground" x=${x(from)} y=${MARGIN.top} width=${width} height=${bottom - MARGIN.top} fill="url(#hatch-${name})"></rect>`;
}

function lineOf({ points, tone }: Line, x: Place, y: Place, pointed: number | undefined) {
  const known = points.filter(isKnown);
  return svg`<g class="line tone-${tone}">
    ${stretchesOf(points).map((stretch) => stretchOf(stretch, x, y))}
    ${known
      .filter((point) => point.corrections > 0 || point.isProvisional || point.t === pointed)
      .map((point) => dotOf(point, x, y, point.t === pointed))}
  </g>`;
}

function stretchOf({ points, isProvisional }: Stretch, x: Place, y: Place): SVGTemplateResult {
  const kind = isProvisional ? 'provisional' : 'final';
  const [first] = points;
  if (points.length === 1 && first) {
    return svg`<circle class="alone ${kind}" cx=${x(first.t)} cy=${y(first.value)} r="4"></circle>`;
  }
  const places = points.map(({ t, value }) => `${x(t).toFixed(1)},${y(value).toFixed(1)}`);
  const [start, end] = [points[0]?.t ?? 0, points.at(-1)?.t ?? 0];
  return svg`
    <path class="area ${kind}" d="M${x(start).toFixed(1)},${y(0)}L${places.join('L')}L${x(end).toFixed(1)},${y(0)}Z"></path>
    <path class="stroke ${kind}" d="M${places.join('L')}"></path>`;
}

function dotOf(point: KnownPoint, x: Place, y: Place, isPointed: boolean) {
  const kind = `${point.isProvisional ? 'provisional' : 'final'}${point.corrections > 0 ? ' corrected' : ''}`;
  return svg`<circle class="dot ${kind}${isPointed ? ' pointed' : ''}" cx=${x(point.t)} cy=${y(point.value)} r=${isPointed ? 5 : 3.5}></circle>`;
}

const pointAt = ({ points }: Line, end: number): Point | undefined =>
  points.find(({ t }) => t === end);

function valueText({ formats, words }: Scene, { absent }: LinesChart, point: Point | undefined) {
  if (!point) return words.window.gap;
  return point.value === undefined ? absent : formats.number(point.value);
}

function marksText({ words }: Scene, point: Point | undefined): string[] {
  if (!point) return [];
  const { isProvisional, corrections } = point;
  return [
    ...(isProvisional ? [words.window.provisional] : []),
    ...(corrections > 0 ? [words.window.corrected(corrections)] : []),
  ];
}

function legendOf(scene: Scene, chart: LinesChart, line: Line, end: number | undefined) {
  const point = end === undefined ? undefined : pointAt(line, end);
  return html`<span class="legend-item tone-${line.tone}">
    <i class="swatch"></i>${line.name}
    <b>${valueText(scene, chart, point)}</b>
    ${line === chart.lines[0] ? marksText(scene, point).map((mark) => html`<em>${mark}</em>`) : nothing}
  </span>`;
}

function readoutOf(scene: Scene, chart: LinesChart, end: number): string {
  const values = chart.lines.map(
    (line) => `${line.name} ${valueText(scene, chart, pointAt(line, end))}`,
  );
  const [first] = chart.lines;
  const marks = first ? marksText(scene, pointAt(first, end)) : [];
  return [scene.formats.time(end, lastOf(endsOf(chart))), ...values, ...marks].join(', ');
}

function figures(scene: Scene, chart: LinesChart, ends: readonly number[]): TemplateResult {
  const [first] = chart.lines;
  return html`<table class="unseen">
    <caption>${chart.label}</caption>
    <thead>
      <tr>
        <th scope="col">${scene.words.hero.window}</th>
        ${chart.lines.map(({ name }) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${ends.map(
        (end) => html`<tr>
          <th scope="row">
            ${scene.formats.time(end, lastOf(ends))}
            ${first ? marksText(scene, pointAt(first, end)).join(', ') : nothing}
          </th>
          ${chart.lines.map((line) => html`<td>${valueText(scene, chart, pointAt(line, end))}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table>`;
}

function nearest(
  event: PointerEvent,
  scene: Scene,
  chart: LinesChart,
  ends: readonly number[],
): number {
  const { x } = scalesOf(scene, chart, ends);
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const distances = ends.map((end) => Math.abs(x(end) - (event.clientX - box.left)));
  return distances.indexOf(Math.min(...distances));
}

function moveByKey(
  event: KeyboardEvent,
  index: number,
  last: number,
  move: (to: number) => void,
  show: () => void,
): void {
  const places: Readonly<Record<string, number>> = {
    ...{ ArrowLeft: index - 1, ArrowDown: index - 1, ArrowRight: index + 1, ArrowUp: index + 1 },
    ...{ Home: 0, End: last },
  };
  const to = places[event.key];
  if (to !== undefined) move(to);
  else if (event.key === 'Enter') show();
  else return;
  event.preventDefault();
}
