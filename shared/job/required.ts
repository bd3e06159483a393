/** What a declaration cannot do without. The compiler says so first, and not everybody asks it before they run a job. */
import { JobDefinitionError } from '../errors.ts';

/** Throws JobDefinitionError, with all that is missing. */
export function requireAll(where: string, declared: object, names: readonly string[]): void {
  const missing = names.filter((name) => Reflect.get(declared, name) === undefined);
  if (missing.length > 0) throw new JobDefinitionError(`${where} lacks ${missing.join(', ')}`);
}
