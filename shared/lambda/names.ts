/** Names that the deployment, the functions and the command line must agree on. */

const PREFIX = 'tidemark';

/** `tidemark-dev-user-behavior`: a stream or table of a stage. */
export const physicalName = (stage: string, logical: string): string =>
  `${PREFIX}-${stage}-${logical}`;

/** The inverse of `physicalName`; undefined for a name of another stage or project. */
export function logicalName(stage: string, physical: string): string | undefined {
  const prefix = physicalName(stage, '');
  return physical.startsWith(prefix) ? physical.slice(prefix.length) : undefined;
}

/** `TIDEMARK_HOT_ITEMS_OUT_OF_ORDERNESS`: the variable that overrides a job's parameter. */
export function parameterVariable(job: string, parameter: string): string {
  const snake = `${job}-${parameter}`.replaceAll(/([a-z])([A-Z])/g, '$1_$2').replaceAll('-', '_');
  return `${PREFIX}_${snake}`.toUpperCase();
}
