/** Lets work through one after the other, in the order in which it came. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();

  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    // Whoever asked hears of a failure; who comes after does not.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
