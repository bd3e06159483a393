/** What a line holds, or why it cannot be read. */
export type Reading =
  | { readonly event: Readonly<Record<string, unknown>> }
  | { readonly reason: string };
