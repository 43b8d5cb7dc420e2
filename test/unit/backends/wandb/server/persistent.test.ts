import { describe, expect, test } from "vitest";
import { createGraphql, operation } from "#backends/wandb/server/graphql.js";
import type { Http, HttpAnswer } from "#backends/wandb/server/http.js";
import {
  FILE_STREAM_RETRY,
  GRAPHQL_RETRY,
  persistent,
  sendWithRetry,
  TRANSFER_RETRY,
} from "#backends/wandb/server/retry.js";

const REQUEST = { method: "POST", url: "/graphql" } as const;
const QUICK = { minWaitMs: 0, maxWaitMs: 0 };
const { graphql, fileStream, transfer } = persistent(
  {
    graphql: { ...GRAPHQL_RETRY, ...QUICK },
    fileStream: { ...FILE_STREAM_RETRY, ...QUICK },
    transfer: { ...TRANSFER_RETRY, ...QUICK },
  },
  {},
);

/** Answers with these in turn, then with the last one; counts. */
function server(...answers: readonly (readonly [status: number, body: string])[]) {
  const state = { asked: 0 };
  const http: Http = {
    baseUrl: "http://server.test",
    async send(): Promise<HttpAnswer> {
      const [status, body] = answers[Math.min(state.asked++, answers.length - 1)]!;
      return { status, headers: {}, body: Buffer.from(body) };
    },
    open: () => Promise.reject(new Error("not asked for")),
    close: async () => {},
  };
  return { http, state };
}

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

describe("the policies of a run that is being written", () => {
  test.each([401, 403, 404, 409, 413])("%i five times is of a moment, six times is not", async (status) => {
    const passing = server(...times(5, [status, ""] as const), [200, "{}"]);
    expect((await sendWithRetry(passing.http, REQUEST, fileStream)).status).toBe(200);
    const lasting = server([status, ""]);
    await expect(sendWithRetry(lasting.http, REQUEST, fileStream)).rejects.toMatchObject({ status });
    expect(lasting.state.asked).toBe(6);
  });

  test.each([400, 422, 501])("%i is about the request and not sent again", async (status) => {
    const { http, state } = server([status, ""]);
    await expect(sendWithRetry(http, REQUEST, fileStream)).rejects.toMatchObject({ status });
    expect(state.asked).toBe(1);
  });

  test("a server's errors with 200 are of a moment, a field that it does not know is not", async () => {
    const query = operation("query Q { viewer { id } }");
    const away = [200, '{"errors":[{"message":"the database is away"}]}'] as const;
    const passing = server(...times(5, away), [200, '{"data":{"viewer":null}}']);
    expect(await createGraphql(passing.http, {}, graphql).query(query, {})).toEqual({ viewer: null });
    const unknown = server([200, '{"errors":[{"message":"Cannot query field \\"id\\" on type User"}]}']);
    await expect(createGraphql(unknown.http, {}, graphql).query(query, {})).rejects.toThrow(/Cannot query/);
    expect(unknown.state.asked).toBe(1);
  });

  test("they are as patient as the file stream, unless the user says otherwise", () => {
    expect([graphql.retries, fileStream.retries, transfer.retries]).toEqual(
      times(3, FILE_STREAM_RETRY.retries),
    );
    const policies = { graphql: GRAPHQL_RETRY, fileStream: FILE_STREAM_RETRY, transfer: TRANSFER_RETRY };
    const set = persistent(policies, { graphqlRetryMax: 3, fileTransferRetryMax: 4 });
    expect([set.graphql.retries, set.transfer.retries]).toEqual([3, 4]);
    // An address that is refused may have expired: a new one is asked for at once.
    expect(set.transfer.refusals).toBeUndefined();
  });
});
