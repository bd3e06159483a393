import { describe, expect, it } from 'vitest';
import { createPlayback } from '../../../web/live/playback.ts';
import { standingOf } from '../../../web/live/standing.ts';
import { preferencesOf } from '../../../web/state/preferences.ts';

const FAILURE = { by: 'server', detail: undefined } as const;
const answered = { wanted: 'a', of: 'a', seenAt: 1_000, failure: undefined };

describe('a panel', () => {
  it('loads while there is neither an answer nor a failure', () => {
    expect(standingOf(undefined, undefined, 0).kind).toBe('loading');
    const asking = { wanted: 'a', of: undefined, seenAt: undefined, failure: undefined };
    expect(standingOf(undefined, asking, 0).kind).toBe('loading');
  });

  it('has failed where it has nothing to show', () => {
    const failed = { wanted: 'a', of: undefined, seenAt: undefined, failure: FAILURE };
    expect(standingOf(undefined, failed, 0)).toEqual({ kind: 'failed', failure: FAILURE });
  });

  it('shows what it had where the server fails, and says how old that is', () => {
    expect(standingOf({}, { ...answered, failure: FAILURE }, 61_000)).toEqual({
      ...{ kind: 'ready', isChanging: false, ageMs: 60_000, isStale: true },
    });
  });

  it('does not show what it had under another choice that failed', () => {
    const other = { ...answered, wanted: 'b', failure: FAILURE };
    expect(standingOf({}, other, 2_000).kind).toBe('failed');
  });

  it('shows what it had while another choice loads', () => {
    expect(standingOf({}, { ...answered, wanted: 'b' }, 2_000)).toMatchObject({ isChanging: true });
  });

  it('is stale where nothing was heard for long, though nothing failed', () => {
    expect(standingOf({}, answered, 91_000)).toMatchObject({ isStale: false });
    expect(standingOf({}, answered, 91_001)).toMatchObject({ isStale: true });
  });

  it('is never of the future, whatever the clock does', () => {
    expect(standingOf({}, answered, 0)).toMatchObject({ ageMs: 0 });
  });
});

describe('a replay', () => {
  it('goes on once the last window is on the screen, and ends after the newest', () => {
    const ticks: (() => void)[] = [];
    let isShown = false;
    let left = 2;
    let isCancelled = false;
    const playback = createPlayback({
      isShown: () => isShown,
      advance: () => --left > 0,
      onChange: () => {},
      every(run) {
        ticks.push(run);
        return () => {
          isCancelled = true;
        };
      },
    });
    playback.start();
    const tick = () => ticks[0]?.();
    tick();
    expect(left).toBe(2);
    isShown = true;
    tick();
    expect([left, playback.isPlaying()]).toEqual([1, true]);
    tick();
    expect([left, playback.isPlaying(), isCancelled]).toEqual([0, false, true]);
  });
});

describe('preferences', () => {
  it('are what was chosen, and else what the browser prefers', () => {
    expect(preferencesOf('{"language":"en","theme":"dark","zone":"shop"}', ['zh-CN'])).toEqual({
      ...{ language: 'en', theme: 'dark', zone: 'shop' },
    });
    expect(preferencesOf(null, ['fr-FR', 'zh-TW', 'en'])).toEqual({
      ...{ language: 'zh', theme: 'auto', zone: 'viewer' },
    });
    expect(preferencesOf(null, ['fr-FR']).language).toBe('en');
  });

  it.each(['', 'nonsense', 'null', '7', '{"language":"fr","theme":1}'])(
    'survive that %j is stored',
    (stored) => {
      expect(preferencesOf(stored, [])).toEqual(preferencesOf(null, []));
    },
  );
});
