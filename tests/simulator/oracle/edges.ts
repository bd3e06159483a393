/** How often something lay exactly on a boundary, or one millisecond beside it: a test that never does proves nothing about it. */
export class Edges {
  readonly counts = new Map<string, number>();

  /** @param distance to the boundary, in milliseconds; the names say what 0 and -1 mean. */
  note(distance: number, names: { readonly on?: string; readonly before?: string }): void {
    const name = distance === 0 ? names.on : distance === -1 ? names.before : undefined;
    if (name !== undefined) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
