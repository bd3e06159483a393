/** Of what scripts generate for the deployment (`infra/generated.js`), what the local stack acts on. */
import { z } from 'zod';
import { keyedFunctionsOf, repartitionStreamsOf } from '../repartition.ts';
import { generatedSchedules } from '../schedules.ts';

const functionMap = z.record(z.string(), z.unknown());
const written = z.object({ functions: z.tuple([functionMap], z.unknown()) });

/**
 * What `${file(infra/generated.js):name}` stands for, by name. Some of it has variables in it.
 * @param self the parsed `serverless.yml`
 */
export function generatedFor(self: unknown): Readonly<Record<string, unknown>> {
  const { data } = written.safeParse(self);
  const [functions] = data?.functions ?? [{}];
  return {
    ...generatedSchedules(),
    keyedFunctions: keyedFunctionsOf(functions),
    repartitionStreams: repartitionStreamsOf(),
  };
}
