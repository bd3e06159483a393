/**
 * What a failed AWS request means for the engine.
 *
 * | what happened | a read | a write |
 * |---|---|---|
 * | refused for load, or never sent | RetryableError | RetryableError |
 * | no reply, or a reply of 500 and more | RetryableError | UnknownOutcomeError |
 * | refused as wrong: validation, rights, no such table | InvariantViolation | InvariantViolation |
 *
 * A 500 is no proof that a write did not happen: DynamoDB's guide ("Error handling") asks to read the item before
 * repeating a single write. And the SDK repeats requests itself, so what it reports is the fate of the *last*
 * attempt: a write that was refused for load on its second attempt may have been carried out by its first. So a write is
 * called retryable only if it was tried once; the price of the doubt is one read, which tells, or fails as well.
 */
import { InvariantViolation, RetryableError, UnknownOutcomeError } from '../../errors.ts';

export type Effect = 'read' | 'write';

/** The engine's error for a failure of the SDK; `what` says which request: `put to table T, item P / S`. */
export function engineError(failure: unknown, what: string, effect: Effect): Error {
  const kind = kindOf(failure);
  const message = `${what}: ${describe(failure)}`;
  const options = { cause: failure };
  if (kind === 'wrong') return new InvariantViolation(message, options);
  const mayHaveHappened = kind === 'noAnswer' || attemptsOf(failure) > 1;
  if (effect === 'write' && mayHaveHappened) return new UnknownOutcomeError(message, options);
  return new RetryableError(message, options);
}

export const isRefusedCondition = (failure: unknown): boolean =>
  textOf(failure, 'name') === 'ConditionalCheckFailedException';

/** Refused for load or by an expiring credential: the same request may succeed later, and did not happen now. */
const NOT_NOW = new Set([
  'ExpiredNextTokenException',
  'ExpiredToken',
  'ExpiredTokenException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestExpired',
  'RequestLimitExceeded',
  'ResourceInUseException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** No connection was made, or no credentials were found: nothing was sent. */
const NOT_SENT = new Set(['CredentialsProviderError', 'EAI_AGAIN', 'ECONNREFUSED', 'ENOTFOUND']);

type Kind = 'notNow' | 'noAnswer' | 'wrong';

function kindOf(failure: unknown): Kind {
  const name = textOf(failure, 'name');
  const status = numberOf(metadataOf(failure), 'httpStatusCode');
  if (NOT_NOW.has(name) || status === 429) return 'notNow';
  if (NOT_SENT.has(name) || NOT_SENT.has(textOf(failure, 'code'))) return 'notNow';
  return status !== undefined && status >= 400 && status < 500 ? 'wrong' : 'noAnswer';
}

const attemptsOf = (failure: unknown): number => numberOf(metadataOf(failure), 'attempts') ?? 1;

function describe(failure: unknown): string {
  const name = textOf(failure, 'name') || 'failure';
  return `${name}: ${textOf(failure, 'message') || String(failure)}`;
}

const metadataOf = (failure: unknown): unknown => propertyOf(failure, '$metadata');

function textOf(from: unknown, name: string): string {
  const value = propertyOf(from, name);
  return typeof value === 'string' ? value : '';
}

function numberOf(from: unknown, name: string): number | undefined {
  const value = propertyOf(from, name);
  return typeof value === 'number' ? value : undefined;
}

const propertyOf = (from: unknown, name: string): unknown =>
  typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined;
