/**
 * What a function reads from its environment, validated once at start: the stage, the functions to wake, the engine's settings and
 * the parameters of jobs. A variable that means nothing is an error, since nobody would hear of it otherwise.
 */
import * as z from 'zod';
import { JobDefinitionError } from '../errors.ts';
import type { Job, JobFamily } from '../job/job.ts';
import { parseDuration } from '../job/parameters.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../runtime/settings.ts';
import { parameterVariable, physicalName } from './contract.ts';

type Variables = Readonly<Record<string, string | undefined>>;

const variablesSchema = z.object({
  TIDEMARK_STAGE: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a stage name such as dev'),
  TIDEMARK_CLOSE_FUNCTION: z.string().optional(),
  TIDEMARK_FIRE_FUNCTION: z.string().optional(),
});

export interface Environment {
  readonly stage: string;
  /** The functions to nudge; without them the schedule alone closes windows and fires timers. */
  readonly closeFunction: string | undefined;
  readonly fireFunction: string | undefined;
  readonly settings: EngineSettings;
  /** The physical name of a stream or table. */
  nameOf(logical: string): string;
  /** The job with the parameters that the environment overrides. */
  build<Built extends Job>(family: JobFamily<Built>): Built;
}

export function readEnvironment(variables: Variables = process.env): Environment {
  const parsed = variablesSchema.safeParse(variables);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new JobDefinitionError(`environment: ${issue?.path.join('.')} ${issue?.message}`);
  }
  const { TIDEMARK_STAGE: stage, TIDEMARK_CLOSE_FUNCTION: closeFunction } = parsed.data;
  const { TIDEMARK_FIRE_FUNCTION: fireFunction } = parsed.data;
  return {
    stage,
    closeFunction,
    fireFunction,
    settings: settingsIn(variables),
    nameOf: (logical) => physicalName(stage, logical),
    build: (family) => buildWith(variables, family),
  };
}

/** The engine's settings with what the variables override. Throws JobDefinitionError. */
export function settingsIn(variables: Variables): EngineSettings {
  const { TIDEMARK_FLUSH_AFTER: flush, TIDEMARK_IDLE_AFTER: idle } = variables;
  const { TIDEMARK_LEASE: lease } = variables;
  return {
    ...DEFAULT_SETTINGS,
    ...(flush === 'never' ? { flushAfter: 'never' } : {}),
    ...(flush && flush !== 'never'
      ? { flushAfter: parseDuration(flush, 'TIDEMARK_FLUSH_AFTER') }
      : {}),
    ...(idle ? { idleAfter: parseDuration(idle, 'TIDEMARK_IDLE_AFTER') } : {}),
    ...(lease ? { lease: parseDuration(lease, 'TIDEMARK_LEASE') } : {}),
  };
}

/** The job with the parameters that the variables override. Throws JobDefinitionError. */
export const buildWith = <Built extends Job>(
  variables: Variables,
  family: JobFamily<Built>,
): Built => family.build(overridesFor(family, variables));

/** Throws JobDefinitionError for a variable of the job that names none of its parameters: nobody would hear of it. */
function overridesFor(family: JobFamily, variables: Variables): Record<string, string> {
  const parameters = Object.keys(family.parameters);
  const names = new Map(parameters.map((each) => [parameterVariable(family.name, each), each]));
  const prefix = parameterVariable(family.name, '');
  const texts: Record<string, string> = {};
  for (const [variable, text] of Object.entries(variables)) {
    if (text === undefined || !variable.startsWith(prefix)) continue;
    const parameter = names.get(variable);
    if (parameter === undefined) {
      throw new JobDefinitionError(
        `environment: ${variable} names no parameter of ${family.name}; there are ${[...names.keys()].join(', ')}`,
      );
    }
    texts[parameter] = text;
  }
  return texts;
}
