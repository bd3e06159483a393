/** Jobs that keep something per key. */
import { type Canary, canary } from './canary.ts';

/** Where a few events are more than a commit lets go. */
const CUT_SHORT = { job: 'login-fail', limits: 'tight' } as const;

const GATED = { job: 'ad-blacklist' } as const;
const ORDERS = { job: 'order-timeout' } as const;
const CHECKOUTS = { job: 'checkout' } as const;

export const KEYED_CANARIES: readonly Canary[] = [
  canary(
    'alerts of a head that is taken over not put again',
    'runtime/ingest/ingest.ts',
    'await putAnswersOf(context, laneState);\n    remember(laneState);',
    'remember(laneState);',
    GATED,
  ),
  canary(
    'a part of the state behind its commit',
    'runtime/lanes/restoreStore.ts',
    'slot >= coverage.slotOf(hashOf(entry[0]))',
    'slot > coverage.slotOf(hashOf(entry[0]))',
    { ...GATED, limits: 'tight' },
  ),
  {
    name: "a part's name that two writers share",
    ...GATED,
    limits: 'tight',
    patches: [
      {
        file: 'state/lane/blob.ts',
        find: "const id = createHash('sha256').update(packed).digest('hex').slice(0, ID_LENGTH);",
        replace:
          "const hash = createHash('sha256').update(packed).digest('hex').slice(0, ID_LENGTH);\n  const id = partition === chunkPartition(lane) ? hash : 'part';",
      },
      {
        file: 'state/keys.ts',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a piece of source text
        find: '#${slotKey(slot)}#${from}`',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a piece of source text
        replace: '#${slot - slot}#${from - from}`',
      },
    ],
  },
  canary(
    'restored without the commits after a part',
    'runtime/lanes/restoreStore.ts',
    'if (stored.length > 0) store.load(entriesSince(coverage, slot, stored));',
    'if (part || slot === keptFrom) store.load(entriesSince(coverage, slot, stored));',
    { ...GATED, limits: 'tight' },
  ),
  {
    name: 'parts and commits not renewed',
    ...GATED,
    patches: [
      {
        file: 'runtime/timers/silentLane.ts',
        find: 'earliest(expiresAt, earliest(heldExpires, keptExpires))',
        replace: 'earliest(expiresAt, keptExpires > heldExpires ? heldExpires : expiresAt)',
      },
      {
        file: 'runtime/lanes/laneStores.ts',
        find: 'if (isAging(coverage.oldest.expiresAt, logRetention, now)) return true;',
        replace: '',
      },
    ],
  },
  canary(
    'a store not read on after a taken slot',
    'runtime/lanes/laneStores.ts',
    'if (warm && warm.slot === (head?.slot ?? NO_SLOT)) {',
    'if (warm && head) warm.standAt(head.slot, warm.coverage, warm.loggedBytes);\n    if (warm) {',
    GATED,
  ),
  canary(
    'what an attempt passes forgotten by what memory holds',
    'runtime/ingest/windowBatch.ts',
    'const coming = earliestArrival(lastArrivalOf(laneState), streamRetention, ports.clock.now());',
    'const coming = earliestArrival(lastArrivalOf(laneState), streamRetention, ports.clock.now()) + stateRetention as never;',
    { ...GATED, limits: 'tight' },
  ),
  canary(
    'a child that takes all of its parents keys',
    'runtime/lanes/laneStores.ts',
    'if (hashOf(key) >= from && takes(kept.partitionKey)) takeOver(store, entry);',
    'if (hashOf(key) >= from) takeOver(store, entry);',
    CHECKOUTS,
  ),
  canary(
    'a child that takes nothing over',
    'runtime/lanes/laneStores.ts',
    'if (hashOf(key) >= from && takes(kept.partitionKey)) takeOver(store, entry);',
    'if (hashOf(key) < from && takes(kept.partitionKey)) takeOver(store, entry);',
    GATED,
  ),
  canary(
    'taking over not gone on with where it stopped',
    'runtime/lanes/laneStores.ts',
    'const marked = to === HASHES ? commit : { ...commit, adopting: to };',
    'const marked = commit;',
    { ...GATED, limits: 'tight' },
  ),
  canary(
    'a misplaced event counted where it landed',
    'runtime/ingest/admitEntries.ts',
    "return admission.kind === 'event' ? ELSEWHERE : { ...admission, kind: 'elsewhere' };",
    "return admission.kind === 'event' ? admission : { ...admission, kind: 'elsewhere' };",
    GATED,
  ),
  canary(
    'a child lane before its parents ended',
    'runtime/lanes/lanes.ts',
    'isKeyed(job) ? await afterParents(context, lane, direct) : FIRST_LANE',
    'FIRST_LANE',
  ),
  canary(
    'rows of a head that is taken over not put again',
    'runtime/ingest/ingest.ts',
    'await putAnswersOf(context, laneState);\n    remember(laneState);',
    'remember(laneState);',
    ORDERS,
  ),
  canary(
    'status rows without a fence',
    'state/keyed/statusRows.ts',
    "{ kind: 'absentOrAtMost', name: 'fence', value }",
    "{ kind: 'always' }",
    ORDERS,
  ),
  canary(
    'rows read eventually',
    'runtime/ingest/knownKeys.ts',
    "rows.batchGet(some, 'strong')",
    "rows.batchGet(some, 'eventual')",
    { ...ORDERS, limits: 'tight' },
  ),
  canary(
    'a key forgotten by what memory holds',
    'runtime/ingest/knownKeys.ts',
    "if (job.rows.of !== 'all') return",
    'if (job) return',
    { ...ORDERS, limits: 'tight' },
  ),
  canary(
    'a key forgotten by whether a row was put',
    'operators/status/keptStatus.ts',
    'since(kept.seen, clocks.keeping) > rows.remember && !mayBeProblem(job, kept)',
    "since(kept.seen, clocks.keeping) > rows.remember && kept.row !== 'put'",
    ORDERS,
  ),
  canary(
    'a late event that finds no key dropped',
    'operators/status/statusFold.ts',
    'if (!isSame(kept, known)) {',
    "if (lateness === 'onTime' && !isSame(kept, known)) {",
    ORDERS,
  ),
  canary(
    'a late event that begins a key',
    'operators/status/statusFold.ts',
    "const isAlone = known === undefined || known.row === 'withheld';",
    "const isAlone = known?.row === 'withheld';",
    ORDERS,
  ),
  canary(
    'the next timer forgotten',
    'state/lane/storeMarks.ts',
    '...(nextTimer === undefined ? {} : { nextTimer }),',
    '',
    ORDERS,
  ),
  canary(
    'a timer left out of memory with its key',
    'operators/status/keptStatus.ts',
    'kept.ahead === undefined && isOver(kept) && liveTimers(job, kept).length === 0',
    'kept.ahead === undefined && isOver(kept)',
    { ...ORDERS, limits: 'tight' },
  ),
  canary(
    'a key that begins anew before its last life is told',
    'operators/status/statusFold.ts',
    'if (before && !isKnown && this.#isUnsaid(key, before)) {',
    'if (before && !isKnown && key === undefined) {',
    ORDERS,
  ),
  canary(
    'which timers have fired not stored',
    'state/keyed/keptColumns.ts',
    '...(fired === undefined ? {} : { f: fired }),',
    '',
    ORDERS,
  ),
  canary(
    'a timer fired a millisecond early',
    'operators/status/keptStatus.ts',
    'if (hasReached(watermark, at)) fired',
    'if (hasReached((watermark + 1) as Watermark, at)) fired',
    ORDERS,
  ),
  canary(
    'a lane without its stream',
    'model/lane.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a piece of source text
    '`${lane.stream}/${lane.shard}`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a piece of source text
    "`${lane.stream.replace('receipts', 'orders')}/${lane.shard}`",
  ),
  canary(
    'where letting go stopped not stored',
    'state/lane/heldMarks.ts',
    '...(letGo ? { letGo: storedPlace(letGo) } : {}),',
    '',
    CUT_SHORT,
  ),
  canary(
    'later times let go first',
    'runtime/ingest/patternBatch.ts',
    'const next = queue.slice(0, LET_GO_MAX);',
    'const next = queue.slice(-LET_GO_MAX);',
    CUT_SHORT,
  ),
  canary(
    'a lane ended before all is let go',
    'runtime/ingest/patternCommit.ts',
    '...(ended && !marks.letGo ? { ended } : {}),',
    '...(ended ? { ended } : {}),',
    CUT_SHORT,
  ),
  canary(
    'what waits read on from one commit only',
    'runtime/ingest/waiting.ts',
    'if (known.end && comparePlaces(first, known.end) > 0) break;',
    'if (known.end) break;',
    CUT_SHORT,
  ),
];
