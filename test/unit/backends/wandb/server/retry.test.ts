import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { HttpAnswer } from "#backends/wandb/server/http.js";
import { GRAPHQL_RETRY, sendWithRetry, UPSERT_RETRY } from "#backends/wandb/server/retry.js";

// The table of the reference, 1.7.

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ["Date"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The waits that a client chooses when it is answered like this, until it stops. */
async function waitsAfter(
  answers: readonly { readonly status: number; readonly headers?: HttpAnswer["headers"] }[],
  policy = GRAPHQL_RETRY,
): Promise<{ readonly waits: number[]; readonly asked: number }> {
  const waits: number[] = [];
  const hurry = new AbortController();
  let asked = 0;
  const http = {
    async send(): Promise<HttpAnswer> {
      const { status, headers = {} } = answers[Math.min(asked++, answers.length - 1)]!;
      return { status, headers, body: Buffer.from("{}") };
    },
  };
  const stop = new AbortController();
  await sendWithRetry(http, { method: "POST", url: "/graphql" }, policy, {
    hurry: hurry.signal,
    signal: stop.signal,
    onRetry(_problem, _status, waitMs) {
      waits.push(waitMs);
      if (waits.length === answers.length) stop.abort();
      // Not sat out: each wait is cut off by being in a hurry only now.
      else setImmediate(() => hurry.abort());
    },
  }).catch(() => {});
  return { waits, asked };
}

const once = (status: number, retryAfter?: string) =>
  waitsAfter([{ status, ...(retryAfter === undefined ? {} : { headers: { "retry-after": retryAfter } }) }]);

describe("the waits", () => {
  test.each([408, 418, 429, 500, 503, 599])(
    "after %i: from 2 s, with up to a quarter more",
    async (status) => {
      vi.spyOn(Math, "random").mockReturnValue(0);
      expect((await once(status)).waits).toEqual([2_000]);
      vi.spyOn(Math, "random").mockReturnValue(1);
      expect((await once(status)).waits).toEqual([2_500]);
    },
  );

  test("double, up to 60 s", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const quick = { ...GRAPHQL_RETRY, minWaitMs: 2, maxWaitMs: 60 };
    const { waits } = await waitsAfter(
      Array.from({ length: 8 }, () => ({ status: 500 })),
      quick,
    );
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test.each([408, 429, 500, 503])(
    "`Retry-After` of a %i counts: seconds, fractions, a date",
    async (status) => {
      expect((await once(status, "7")).waits).toEqual([7_000]);
      expect((await once(status, "0.5")).waits).toEqual([500]);
      expect((await once(status, new Date(NOW + 90_000).toUTCString())).waits).toEqual([90_000]);
    },
  );

  test("one that asks for more than 10 minutes, or for a time that is over, is not obeyed to the letter", async () => {
    expect((await once(503, "31536000")).waits).toEqual([600_000]);
    expect((await once(503, "-5")).waits).toEqual([0]);
    expect((await once(503, new Date(NOW - 90_000).toUTCString())).waits).toEqual([0]);
    vi.spyOn(Math, "random").mockReturnValue(0);
    expect((await once(503, "soon")).waits).toEqual([2_000]);
  });
});

describe("what is not sent again", () => {
  test.each([400, 401, 403, 404, 409, 410, 413, 422, 501])("%i", async (status) => {
    expect(await once(status)).toEqual({ waits: [], asked: 1 });
  });

  test("409 of an upsert is", async () => {
    expect((await waitsAfter([{ status: 409 }], UPSERT_RETRY)).waits).toHaveLength(1);
    for (const status of [400, 401, 403, 404, 410, 422])
      expect((await waitsAfter([{ status }], UPSERT_RETRY)).waits, String(status)).toEqual([]);
  });
});
