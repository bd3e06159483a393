/** The part of dynalite (an embedded DynamoDB, which ships no types) that this project uses. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Where to keep tables on disk; in memory without it. */
    readonly path?: string;
    /** How long a table stays CREATING, UPDATING, DELETING. */
    readonly createTableMs?: number;
    readonly updateTableMs?: number;
    readonly deleteTableMs?: number;
    readonly maxItemSizeKb?: number;
  }

  /** A server that does not listen yet. Its `close` also closes the tables, once every connection has ended. */
  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}
