/** How long a server may give no answer before somebody who waits for it is told so. */
const LONGEST_SILENCE_MS = 120_000;

export interface PatienceOptions {
  /** Default two minutes. */
  readonly limitMs?: number | undefined;
  /** Nothing has been answered for a while, or something has again. */
  onChange?(isAway: boolean): void;
}

/** Gives up a server that does not answer, for commands that somebody waits for. */
export interface Patience {
  /** Aborted, with an `Error` that says so, when there was no answer for too long. */
  readonly signal: AbortSignal;
  /** To be told how each request went: the status of its answer (0: none), and how long it took. */
  observe(status: number, ms: number): void;
  /** Forgets what it waits for. */
  stop(): void;
}

/**
 * Waits for a server. Any answer counts but those of a server that is not itself (5xx): who is refused, or told to come
 * back later, is not waiting in vain.
 *
 * @example
 * ```ts
 * const patience = createPatience();
 * const server = openServer({ values, env: process.env, warn, onAnswer: patience.observe });
 * ```
 */
export function createPatience({ limitMs = LONGEST_SILENCE_MS, onChange }: PatienceOptions = {}): Patience {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    const seconds = Math.round(limitMs / 1000);
    controller.abort(new Error(`the server gave no answer for ${seconds} s`));
  };
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    signal: controller.signal,
    observe(status, ms) {
      if (controller.signal.aborted) return;
      if (status > 0 && status < 500) {
        if (timer !== undefined) onChange?.(false);
        stop();
      } else if (timer === undefined) {
        // The request that failed may have waited for long already.
        timer = setTimeout(giveUp, Math.max(0, limitMs - ms));
        onChange?.(true);
      }
    },
    stop,
  };
}
