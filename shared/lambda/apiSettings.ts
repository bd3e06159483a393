/** What the API reads from its environment, beside what every function reads: validated once, where it starts. */
import * as z from 'zod';
import { JobDefinitionError } from '../errors.ts';
import { type Duration, seconds } from '../model/time.ts';
import { SECRET, SECRET_RULE } from './contract.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface ApiSettings {
  /** That of the event source mappings: what a batch may wait for is no lag. */
  readonly batchWindow: Duration;
  /** Turns personal data into pseudonyms; without it they are shown as they are. */
  readonly pseudonymKey?: string;
  /** What every request to /v1 has to bring along, where the URL is public. */
  readonly token?: string;
}

/** The longest that is usual, that of stage prod. */
const BATCH_WINDOW_SECONDS = 10;

/** serverless.yml gives an empty text where there is none. */
const secret = z
  .string()
  .refine((text) => text === '' || SECRET.test(text), SECRET_RULE)
  .default('');

const variablesSchema = z.object({
  TIDEMARK_BATCH_WINDOW_SECONDS: z
    .string()
    .regex(/^\d{1,3}$/, 'give a whole number of seconds')
    .default(`${BATCH_WINDOW_SECONDS}`),
  TIDEMARK_PSEUDONYM_KEY: secret,
  TIDEMARK_API_TOKEN: secret,
});

/** Throws JobDefinitionError for a variable that means nothing; it never says what a secret is. */
export function readApiSettings(variables: Variables = process.env): ApiSettings {
  const parsed = variablesSchema.safeParse(variables);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new JobDefinitionError(`environment: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { TIDEMARK_BATCH_WINDOW_SECONDS: batchWindow } = parsed.data;
  const { TIDEMARK_PSEUDONYM_KEY: pseudonymKey, TIDEMARK_API_TOKEN: token } = parsed.data;
  return {
    batchWindow: seconds(Number(batchWindow)),
    ...(pseudonymKey === '' ? {} : { pseudonymKey }),
    ...(token === '' ? {} : { token }),
  };
}
