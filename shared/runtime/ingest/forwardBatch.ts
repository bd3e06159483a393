/**
 * A batch of a forwarding lane: finds which of its events the job takes and which key each has, puts those on the job's own stream, and drafts
 * a commit that counts them. Everything is put before the draft is made: whoever appends it may rely on that (`forwarding/forwarder.ts`).
 */
import { InvariantViolation } from '../../errors.ts';
import { repartitionStreamOf } from '../../job/repartition.ts';
import type { StatusJob } from '../../job/statusJob.ts';
import type { Position } from '../../model/position.ts';
import { takeInForwarding } from '../../operators/status/forwardingIntake.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Entry } from '../../records/entry.ts';
import { progressLine } from '../../records/forwarded.ts';
import { Forwarder } from '../forwarding/forwarder.ts';
import {
  type Advance,
  type Batcher,
  type BatchRequest,
  type CommitDraft,
  draftCommit,
  draftQuietCommit,
  type LaneState,
  lastArrivalOf,
  progressOf,
} from '../lanes/commitDraft.ts';
import type { EngineSettings } from '../settings.ts';
import { type Admitter, createAdmitter } from './admitEntries.ts';

export class ForwardBatcher implements Batcher {
  readonly #job: StatusJob;
  readonly #ports: Ports;
  readonly #settings: EngineSettings;
  readonly #admitEntries: Admitter;
  readonly #forwarder: Forwarder;

  /** @param job one that needs a repartition stream */
  constructor(job: StatusJob, ports: Ports, settings: EngineSettings) {
    const stream = repartitionStreamOf(job);
    if (stream === undefined) throw new InvariantViolation(`${job.id} forwards nothing`);
    this.#job = job;
    this.#ports = ports;
    this.#settings = settings;
    this.#admitEntries = createAdmitter(job, ports, settings);
    this.#forwarder = new Forwarder(ports.streams, stream);
  }

  async build(request: BatchRequest): Promise<CommitDraft> {
    const { lane, head, entries, at } = request;
    const now = this.#ports.clock.now();
    const admitted = await this.#admitEntries(request, entries.length, now);
    const { outgoing, lastArrival, past, ...intake } = takeInForwarding(
      this.#job,
      progressOf(request),
      {
        stream: lane.stream,
        entries,
        from: at,
        ...admitted,
        lastArrival: lastArrivalOf(request),
        past: head?.past,
      },
    );
    const { watermark, hasValid } = intake;
    const out = {
      events: outgoing,
      progress: progressLine({
        stream: lane.stream,
        watermark,
        arrival: hasValid ? lastArrival : undefined,
      }),
      at: positionOf(entries[intake.to - 1] as Entry),
    };
    await this.#forwarder.put(lane, head?.to, out);
    const draft = draftCommit(this.#job, this.#settings, { request, to: intake.to, now }, intake);
    const arrived = lastArrival === undefined ? {} : { lastArrival };
    return { ...draft, commit: { ...draft.commit, ...arrived, ...(past ? { past } : {}) } };
  }

  /** Without a record there is nothing to forward. */
  async advance(laneState: LaneState, why: Advance): Promise<CommitDraft> {
    const now = this.#ports.clock.now();
    return draftQuietCommit(this.#job, this.#settings, { laneState, why, now });
  }
}

const positionOf = ({ sequence, index }: Entry): Position => ({ sequence, index });
