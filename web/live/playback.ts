/** Plays the stored windows: from one place to the next, as soon as the one before has been seen. */

export interface Playback {
  start(): void;
  stop(): void;
  isPlaying(): boolean;
}

export interface Player {
  /** Whether what was asked for last is on the screen. */
  readonly isShown: () => boolean;
  /** Goes one place on, and says whether there is one after it. */
  readonly advance: () => boolean;
  readonly onChange: () => void;
  readonly every: (run: () => void, ms: number) => () => void;
}

const FRAME_MS = 900;

export function createPlayback({ isShown, advance, onChange, every }: Player): Playback {
  let cancel: (() => void) | undefined;
  const stop = () => {
    cancel?.();
    cancel = undefined;
    onChange();
  };
  return {
    start() {
      cancel?.();
      cancel = every(() => {
        if (isShown() && !advance()) stop();
      }, FRAME_MS);
      onChange();
    },
    stop,
    isPlaying: () => cancel !== undefined,
  };
}
