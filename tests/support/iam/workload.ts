/**
 * What makes every function ask for everything that it may ever ask for: ordinary batches, and the rare paths, each of which
 * is brought about by something that happens just before a call.
 */
import { fileURLToPath } from 'node:url';
import { type AttributeValue, DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { existingStreamWords, type StreamWords } from '../../../cli/newJob/stream.ts';
import type { TablesAnswer } from '../../../functions/api/contract/answers.ts';
import { ROUTES } from '../../../functions/api/routes.ts';
import type { IngestFunction } from '../../../infra/ingestFunctions.ts';
import { dynamoTable } from '../../../shared/adapters/aws/table.ts';
import { type Job, tablesOf } from '../../../shared/job/job.ts';
import { streamsOf } from '../../../shared/job/spec.ts';
import { scheduledFunctionsOf } from '../../../shared/job/traits.ts';
import { encodeRedriven } from '../../../shared/records/envelopes.ts';
import { readSideEvents } from '../../../shared/state/inspect.ts';
import { stateTable, tableOwnerKey } from '../../../shared/state/keys.ts';
import type { RecordContent } from '../records.ts';
import { askedOf, EVENTS, longIds, noise, questionsOf, START } from './events.ts';
import { childFor } from './shards.ts';
import type { PackagedStage } from './stage.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The clock of the process, which the workload moves. */
export interface WorkloadClock {
  now(): number;
  advance(ms: number): void;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** Minutes in which each silent shard is looked into once. */
const LOOK_EVERY = 10;

/** A job and the functions that ingest it. */
export interface IngestedJob {
  readonly job: Job;
  readonly functions: readonly [IngestFunction, ...IngestFunction[]];
}

export class Workload {
  readonly #stage: PackagedStage;
  readonly #jobs: readonly IngestedJob[];
  readonly #clock: WorkloadClock;
  /** Streams that somebody has added to the project's own, by the events in their READMEs. */
  readonly #others = new Map<string, StreamWords>();

  constructor(stage: PackagedStage, jobs: readonly IngestedJob[], clock: WorkloadClock) {
    this.#stage = stage;
    this.#jobs = jobs;
    this.#clock = clock;
  }

  async run(): Promise<void> {
    for (const stream of this.#jobs.flatMap(({ job }) => streamsOf(job))) {
      const words = EVENTS[stream] ? undefined : await existingStreamWords(stream, ROOT);
      if (words) this.#others.set(stream, words);
    }
    for (const job of this.#jobs) await this.#ordinary(job);
    await this.#blocks();
    await this.#closing();
    await this.#silence();
    await this.#resharding();
    await this.#aging();
    for (const job of this.#jobs) await this.#failures(job);
    await this.#questions();
  }

  /** Of each route, and of each table all that its rows may be asked. */
  async #questions(): Promise<void> {
    // A day ends, which has users.
    await this.#stage.invoke('closeWindows', { source: 'tidemark.flush', job: 'user-profile@1' });
    const { tables } = JSON.parse(await this.#answer('/v1/tables')) as TablesAnswer;
    const ofTables = tables.flatMap((table) =>
      questionsOf(table).map((question) => `/v1/tables/${table.name}?${question}`),
    );
    const routes = ROUTES.map(({ path }) => path).filter((path) => path !== '/v1/tables/{table}');
    for (const path of routes) await this.#answer(askedOf(path));
    for (const target of ofTables) await this.#answer(target);
  }

  /** Also that there is nothing of a name is an answer. */
  async #answer(target: string): Promise<string> {
    const { status, body } = await this.#stage.get(target);
    if (status === 200 || (status === 404 && target.includes('{'))) return body;
    throw new Error(`${target} is answered with ${status}: ${body}`);
  }

  /** Events, events that are none and do not fit the commit, and a dead letter that is put back twice. */
  async #ordinary({ job, functions }: IngestedJob): Promise<void> {
    for (const { name, reads } of functions) {
      await this.#claimsTables(name, job);
      for (const stream of reads) {
        const isSource = streamsOf(job).includes(stream);
        const events = [0, 1, 2].map((n) => this.#event(stream, `k${n}`, n * MINUTE));
        // What stands on the other ones is what is forwarded.
        if (isSource) await this.#ingest(name, stream, events);
        await this.#ingest(name, stream, [noise(30_000, 0)]);
        const again = await this.#deadLetterOf(job, stream);
        for (const _ of ['put back', 'and again']) await this.#ingest(name, stream, [again]);
      }
    }
  }

  /** The function is the first that needs to know whose the job's tables are: of two functions of a job either may be. */
  async #claimsTables(name: string, job: Job): Promise<void> {
    await this.#stage.coldStart(name);
    for (const table of tablesOf(job)) {
      const { pk, sk } = tableOwnerKey(table.name);
      const Key = { pk: { S: pk }, sk: { S: sk } };
      const TableName = this.#stage.nameOf('state');
      await this.#stage.client.send(new DeleteItemCommand({ TableName, Key }));
    }
  }

  /** A user is blocked, in a batch whose changes do not fit its commit. */
  async #blocks(): Promise<void> {
    const others = longIds().map((user) => this.#event('ad-clicks', user, 3 * MINUTE));
    await this.#ingest('adBlacklist', 'ad-clicks', [...this.#clicksOf('u1'), ...others]);
  }

  /** As many as block a user. */
  #clicksOf(user: string): readonly object[] {
    return Array.from({ length: 101 }, () => this.#event('ad-clicks', user, 3 * MINUTE));
  }

  /** Windows close, from pages that the function does not know; others write its rows, and ask for it to run again. */
  async #closing(): Promise<void> {
    const windows = this.#ofKind('window');
    for (const hours of [1, 2]) {
      for (const { job, functions } of windows) {
        const [{ name }] = functions;
        const [stream = ''] = streamsOf(job);
        const events = [0, 20, 40, 59].map((minute) =>
          this.#event(stream, `k${minute}`, (hours * 60 + minute) * MINUTE),
        );
        await this.#ingest(name, stream, events);
        this.#interfereWithClosing(job);
      }
      await this.#stage.coldStart('closeWindows');
      await this.#stage.invoke('closeWindows', {});
    }
  }

  /** Days do not end here. */
  #interfereWithClosing(job: Job): void {
    if (job.kind !== 'window' || job.assign.size >= DAY) return;
    const table = this.#stage.nameOf(job.table.name);
    const place = { functionName: 'closeWindows', table };
    this.#stage.recorder.interfere({
      ...place,
      action: 'PutItem',
      run: async ({ Item }) => {
        const none = { fence: { N: '0' }, revision: { N: '0' } };
        const item = { ...(Item as Record<string, AttributeValue>), ...none };
        await this.#stage.client.send(new PutItemCommand({ TableName: table, Item: item }));
      },
    });
    this.#stage.recorder.interfere({
      ...place,
      action: 'BatchGetItem',
      run: async () => {
        await this.#stage.invoke('closeWindows', { source: 'tidemark.nudge', job: job.id });
      },
    });
  }

  /** Nothing comes any more: events that are held are let go, and timers fire by the clock. */
  async #silence(): Promise<void> {
    const fails = longIds().flatMap((user) => [
      this.#event('logins', user, 10 * MINUTE),
      this.#event('logins', user, 10 * MINUTE + SECOND),
    ]);
    await this.#ingest('loginFail', 'logins', fails);
    const timestamp = START + 10 * MINUTE;
    const creates = longIds().map((orderId) => ({ type: 'create', orderId, timestamp }));
    await this.#ingest('orderTimeout', 'orders', creates);
    const pays = longIds().map((txId) => ({ type: 'pay', orderId: 'o', txId, timestamp }));
    await this.#ingest('orderReconcile', 'orders', pays);
    this.#clock.advance(60 * MINUTE);
    await this.#minutes(LOOK_EVERY);
  }

  /**
   * The first shards of clicks, logins and orders are closed. One of their children begins with a guess at a password; the others get no
   * record, and take over their keys all the same.
   */
  async #resharding(): Promise<void> {
    await this.#crash();
    for (const stream of ['ad-clicks', 'logins', 'orders']) {
      this.#stage.shards.split(this.#stage.nameOf(stream));
    }
    await this.#stage.coldStart('loginFail');
    const after = [0, 1, 60].map((second) =>
      this.#event('logins', 'guessed', 20 * MINUTE + second * SECOND),
    );
    await this.#ingest('loginFail', 'logins', after, childFor('guessed'));
    await this.#minutes(LOOK_EVERY);
    // Parents are retired.
    await this.#stage.invoke('closeWindows', {});
  }

  /** The last batch of a shard ends between its commit and its alerts. */
  async #crash(): Promise<void> {
    this.#stage.recorder.interfere({
      functionName: 'adBlacklist',
      action: 'BatchWriteItem',
      table: this.#stage.nameOf('ad-blacklist'),
      run: () => Promise.reject(new Error('the process ends here')),
    });
    await this.#ingest('adBlacklist', 'ad-clicks', this.#clicksOf('u2')).then(
      () => Promise.reject(new Error('the batch should have failed')),
      () => {},
    );
  }

  /** What is stored and still needed is stored anew: heads, and parts of snapshots. */
  async #aging(): Promise<void> {
    this.#clock.advance(8 * DAY);
    await this.#minutes(1);
  }

  /** So many go by, with a run of the timers at the end of each. */
  async #minutes(count: number): Promise<void> {
    for (let minute = 0; minute < count; minute += 1) {
      this.#clock.advance(MINUTE);
      await this.#stage.invoke('fireTimers', {});
      await this.#passOn();
    }
  }

  /** Each function of the job fails once, because of the state table. */
  async #failures({ job, functions }: IngestedJob): Promise<void> {
    for (const { name, reads } of functions) {
      const [stream = ''] = reads;
      await this.#stage.coldStart(name);
      await this.#fails(name, () => this.#ingest(name, stream, [this.#event(stream, 'k', 0)]));
    }
    for (const scheduled of scheduledFunctionsOf(job)) {
      const request = { source: 'tidemark.nudge', job: job.id };
      await this.#fails(scheduled, () => this.#stage.invoke(scheduled, request));
    }
  }

  async #fails(functionName: string, invoke: () => Promise<unknown>): Promise<void> {
    const refuse = () => Promise.reject(new Error('the table is out of reach'));
    const place = { functionName, table: this.#stage.nameOf('state') };
    this.#stage.recorder.interfere({ ...place, action: 'Query', run: refuse });
    await invoke().then(
      () => Promise.reject(new Error(`${functionName} should have failed`)),
      () => {},
    );
  }

  /** As `tidemark redrive` puts it back. */
  async #deadLetterOf(job: Job, stream: string): Promise<string> {
    const state = dynamoTable(this.#stage.client, stateTable(this.#stage.nameOf('state')));
    for await (const { lane, position, slot, raw } of readSideEvents(job.id, state)) {
      if (!lane.startsWith(`${stream}/`)) continue;
      return Buffer.from(encodeRedriven({ job: job.id, lane, position, slot }, raw)).toString();
    }
    throw new Error(`${job.id} has no dead letter of ${stream}`);
  }

  #ofKind(kind: Job['kind']): readonly IngestedJob[] {
    return this.#jobs.filter(({ job }) => job.kind === kind);
  }

  async #ingest(
    name: string,
    stream: string,
    records: readonly RecordContent[],
    shard = 0,
  ): Promise<void> {
    const arrivalMs = this.#clock.now();
    await this.#stage.ingest(name, { stream, shard, records, arrivalMs });
    await this.#passOn();
  }

  /** Hands on what functions have put: each record to the function that reads it there. */
  async #passOn(): Promise<void> {
    const functions = this.#jobs.flatMap((each) => each.functions);
    for (const { stream, shard, data } of this.#stage.shards.takePut()) {
      const isReader = ({ reads }: IngestFunction) =>
        reads.map(this.#stage.nameOf).includes(stream);
      const { name = '', reads: [logical = ''] = [] } = functions.find(isReader) ?? {};
      const arrivalMs = this.#clock.now();
      await this.#stage.ingest(name, { stream: logical, shard, records: [data], arrivalMs });
    }
  }

  #event(stream: string, key: string, afterMs: number): object {
    const other = this.#others.get(stream);
    const timestamp = START + afterMs;
    if (other) return { ...other.others, [other.key]: key, [other.time]: timestamp };
    return { ...EVENTS[stream]?.(key), timestamp };
  }
}
