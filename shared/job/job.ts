/**
 * Declaring a job: a head that settles the types, then one tail.
 *
 * What is declared here is pure and complete: user code never sees a table, a clock or a promise. Nothing
 * that loses data has a default.
 */
import { createHash } from 'node:crypto';
import type { Aggregator } from '../aggregates/aggregator.ts';
import { JobDefinitionError } from '../errors.ts';
import type { JobId } from '../model/lane.ts';
import type { Duration } from '../model/time.ts';
import type { TimeWindow, WindowAssigner } from '../model/window.ts';
import type { Value } from '../ports/table.ts';
import {
  type ParameterSet,
  type ParameterTexts,
  type ParameterValues,
  parseParameters,
} from './parameters.ts';
import type { Source } from './source.ts';

export interface JobHead<Event> {
  /** kebab-case; part of every state key. */
  readonly name: string;
  /** Raise it when stored state would mean something else: the new version starts empty beside the old. */
  readonly version: number;
  readonly source: Source<Event>;
  /** How far the watermark trails the greatest event time. */
  readonly maxOutOfOrderness: Duration;
  /** An event further ahead of its record's arrival than this is a dead letter. */
  readonly maxFutureSkew: Duration;
  /** Events that are not of interest: counted as filtered, but they still advance the watermark. */
  filter?(event: Event): boolean;
}

/** A result table of a window job: its rows' partition key attribute; the sort key is `windowEnd`. */
export interface WindowTable {
  readonly name: string;
  readonly partitionKey: string;
}

/** A result row's own attributes, its table's partition key among them. */
export type Row = { readonly [attribute: string]: Value };

export interface WindowTail<Event, Accumulator, Result> {
  readonly assign: WindowAssigner;
  readonly allowedLateness: Duration;
  /** Late events are kept in the job's side output. The only choice, and stated: nothing is dropped. */
  readonly late: 'sideOutput';
  readonly aggregate: Aggregator<Event, Accumulator, Result>;
  readonly table: WindowTable;
  /** The rows of a window that has content. More content may change rows, but never take one away. */
  result(result: Result, window: TimeWindow): readonly Row[];
}

export interface WindowJob<Event = unknown, Accumulator = unknown, Result = unknown>
  extends JobHead<Event>,
    WindowTail<Event, Accumulator, Result> {
  readonly kind: 'window';
  readonly id: JobId;
  /** Changes whenever stored slices would be cut differently; state of another shape is refused. */
  readonly shape: string;
}

/** Starts a declaration. See `docs/semantics.md` for what each field means for the results. */
export function job<Event>(head: JobHead<Event>) {
  validateHead(head.name, head.version, head.maxOutOfOrderness, head.maxFutureSkew);
  return {
    window<Accumulator, Result>(
      tail: WindowTail<Event, Accumulator, Result>,
    ): WindowJob<Event, Accumulator, Result> {
      const { size, slide, offset, sliceWidth } = tail.assign;
      validateTail(head.name, tail);
      return {
        ...head,
        ...tail,
        kind: 'window',
        id: `${head.name}@${head.version}`,
        shape: shapeOf([
          size,
          slide,
          offset,
          sliceWidth,
          tail.allowedLateness,
          tail.aggregate.codec,
        ]),
      };
    },
  };
}

/** A job whose declaration depends on parameters. */
export interface JobFamily {
  readonly name: string;
  readonly parameters: ParameterSet;
  /** The job with these overrides; throws JobDefinitionError where they make no sense. */
  build(texts?: ParameterTexts): WindowJob;
}

export function parameterized<Set extends ParameterSet>(
  parameters: Set,
  declare: (values: ParameterValues<Set>) => WindowJob,
): JobFamily {
  const build = (texts: ParameterTexts = {}) => declare(parseParameters(parameters, texts));
  return { name: build().name, parameters, build };
}

function validateHead(
  name: string,
  version: number,
  outOfOrderness: Duration,
  skew: Duration,
): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new JobDefinitionError(`job name "${name}" is not kebab-case; write it like hot-items`);
  }
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new JobDefinitionError(`version of ${name} is ${version}; give a whole number from 1 up`);
  }
  if (!(outOfOrderness >= 0) || !(skew >= 0)) {
    throw new JobDefinitionError(
      `${name}: maxOutOfOrderness and maxFutureSkew must be durations of 0 or more`,
    );
  }
}

/** Attributes that the engine writes on every row. */
const ENGINE_ATTRIBUTES = ['windowStart', 'windowEnd', 'revision', 'final', 'fence'];

function validateTail(
  name: string,
  { allowedLateness, table }: Pick<WindowTail<never, never, never>, 'allowedLateness' | 'table'>,
): void {
  if (!(allowedLateness >= 0)) {
    throw new JobDefinitionError(
      `${name}: allowedLateness is ${allowedLateness} ms; give a duration of 0 or more`,
    );
  }
  if (ENGINE_ATTRIBUTES.includes(table.partitionKey)) {
    throw new JobDefinitionError(
      `${name}: the partition key of ${table.name} cannot be ${table.partitionKey}, which the engine writes itself`,
    );
  }
}

const SHAPE_LENGTH = 8;

function shapeOf(parts: readonly (number | string)[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, SHAPE_LENGTH);
}
