/** Requests that may go at once after a pause. */
const BURST = 10;
const LEAST_PER_SECOND = 0.1;
const MOST_PER_SECOND = 65_536;
/** Weight of a new measurement in the estimate. */
const SMOOTHING = 0.2;
/** Requests for one measurement. */
const REQUESTS_TO_MEASURE = 5;
/** A window that ends sooner says nothing about the rate. */
const LEAST_RESET_SECONDS = 1;

/**
 * Holds requests to the rate a server grants in `RateLimit-Remaining` and `RateLimit-Reset`: what remains is spread over
 * the time until the reset. What a request costs of it is not said anywhere, so it is measured. The numbers are the
 * official client's (`core/internal/api/ratelimit.go`); who sends a request every 15 seconds never notices.
 */
export interface RateLimit {
  /** @param now milliseconds */
  observe(headers: { readonly [name: string]: string | undefined }, now: number): void;
  /** How long the next request must wait, in milliseconds. Call it once a request: it counts it. */
  take(now: number): number;
}

export function createRateLimit(): RateLimit {
  let perSecond = MOST_PER_SECOND;
  let tokens = BURST;
  let filledAt = 0;
  /** What the window had when the measurement began. */
  let begin: number | undefined;
  let requests = 0;
  let cost: number | undefined;

  return {
    observe(headers, now) {
      const remaining = readNumber(headers["ratelimit-remaining"]);
      const reset = readNumber(headers["ratelimit-reset"]);
      if (remaining === undefined || reset === undefined) return;
      requests += 1;
      if (begin === undefined || remaining > begin) {
        // A new window.
        begin = remaining;
        requests = 0;
      }
      if (requests < REQUESTS_TO_MEASURE || reset <= LEAST_RESET_SECONDS) return;
      const measured = (begin - remaining) / requests;
      cost = cost === undefined ? measured : SMOOTHING * measured + (1 - SMOOTHING) * cost;
      begin = remaining;
      requests = 0;
      refill(now);
      perSecond =
        cost > 0
          ? Math.min(MOST_PER_SECOND, Math.max(LEAST_PER_SECOND, remaining / reset / cost))
          : MOST_PER_SECOND;
    },
    take(now) {
      refill(now);
      tokens -= 1;
      return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000;
    },
  };

  function refill(now: number): void {
    tokens = Math.min(BURST, tokens + (Math.max(0, now - filledAt) / 1000) * perSecond);
    filledAt = now;
  }
}

function readNumber(text: string | undefined): number | undefined {
  const number = Number(text ?? "");
  return text === undefined || text === "" || Number.isNaN(number) ? undefined : number;
}
