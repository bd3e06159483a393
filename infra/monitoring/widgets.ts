/**
 * Widgets of a CloudWatch dashboard, and how they are laid out: row under row on a grid of 24 columns. The format is
 * CloudWatch's "Dashboard body structure and syntax".
 */
import type { Signal } from './signals.ts';

const COLUMNS = 24;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Widget {
  readonly type: 'alarm' | 'metric' | 'text';
  readonly properties: Readonly<Record<string, unknown>>;
}

export type PlacedWidget = Widget & Place;

export interface Row {
  readonly height: number;
  /** They share the width equally. */
  readonly widgets: readonly Widget[];
}

export interface Line {
  readonly signal: Signal;
  readonly label: string;
}

interface GraphOptions {
  readonly unit: 'bytes' | 'count' | 'milliseconds';
  /** A line to stay under, such as an alarm's threshold. */
  readonly limit?: { readonly label: string; readonly value: number } | undefined;
}

/** A pseudo parameter of CloudFormation's, for its `Fn::Sub` to fill in. */
export const pseudo = (name: 'AccountId' | 'Partition' | 'Region'): string => `\${AWS::${name}}`;

const REGION = pseudo('Region');

export function graph(
  title: string,
  lines: readonly Line[],
  { unit, limit }: GraphOptions,
): Widget {
  return {
    type: 'metric',
    properties: {
      title,
      region: REGION,
      view: 'timeSeries',
      period: 60,
      metrics: lines.map(({ signal, label }) => [
        signal.namespace,
        signal.metric,
        ...Object.entries(signal.dimensions).flat(),
        { stat: signal.statistic, label },
      ]),
      yAxis: { left: { min: 0, showUnits: false, label: unit } },
      ...(limit ? { annotations: { horizontal: [limit] } } : {}),
    },
  };
}

export const text = (markdown: string): Widget => ({
  type: 'text',
  properties: { markdown, background: 'transparent' },
});

/** CloudWatch's limit. */
export const ALARMS_MAX = 100;

/** @param names of the alarms: at most `ALARMS_MAX` */
export const alarmStatus = (title: string, names: readonly string[]): Widget => ({
  type: 'alarm',
  properties: { title, alarms: names.map(alarmArn), sortBy: 'stateUpdatedTimestamp' },
});

const alarmArn = (name: string): string =>
  `arn:${pseudo('Partition')}:cloudwatch:${REGION}:${pseudo('AccountId')}:alarm:${name}`;

/** Throws where the widgets of a row cannot share the width equally. */
export function layOut(rows: readonly Row[]): PlacedWidget[] {
  const placed: PlacedWidget[] = [];
  let y = 0;
  for (const { height, widgets } of rows) {
    const width = COLUMNS / widgets.length;
    if (!Number.isInteger(width)) {
      throw new Error(`${widgets.length} widgets do not share ${COLUMNS} columns equally`);
    }
    placed.push(...widgets.map((widget, i) => ({ ...widget, x: i * width, y, width, height })));
    y += height;
  }
  return placed;
}
