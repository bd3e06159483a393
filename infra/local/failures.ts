/** Failed invocations and reads as the picture tells them: how many, and the last one. */

export interface Failures {
  add(what: string, reason: string): void;
  /** A line; undefined as long as nothing has failed. */
  text(): string | undefined;
}

export function countFailures(): Failures {
  let count = 0;
  let last = '';
  return {
    add(what, reason) {
      count += 1;
      last = `${what}: ${reason.split('\n', 1)[0]}`;
    },
    text: () =>
      count === 0
        ? undefined
        : `${count} ${count === 1 ? 'failure' : 'failures'}, the last: ${last}`,
  };
}

/** Why a function gave its batch back, in part or whole; undefined where it did not. */
export function givenBack(result: unknown): string | undefined {
  const failures: unknown =
    typeof result === 'object' && result !== null
      ? Reflect.get(result, 'batchItemFailures')
      : undefined;
  return Array.isArray(failures) && failures.length > 0
    ? 'gave records back, which come again'
    : undefined;
}
