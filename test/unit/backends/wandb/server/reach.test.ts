import { createServer } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHttp } from "#backends/wandb/server/http.js";
import { createReach, isUnreached } from "#backends/wandb/server/reach.js";

const refused = Object.assign(new Error(), { code: "ECONNREFUSED" });
const OWN = { url: "/graphql" };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("counts from the first attempt in a row that found no connection", () => {
  const { observe, awayMs } = createReach();
  expect(awayMs()).toBe(0);
  observe(0, 500, OWN, refused);
  vi.advanceTimersByTime(1_000);
  observe(0, 10, OWN, refused);
  expect(awayMs()).toBe(1_500);
  observe(503, 10, OWN, undefined);
  expect(awayMs()).toBe(0);
  observe(0, 0, OWN, refused);
  vi.advanceTimersByTime(1_000);
  // It was taken, and then broke off.
  observe(0, 0, OWN, Object.assign(new Error(), { code: "ECONNRESET" }));
  expect(awayMs()).toBe(0);
  observe(0, 0, { url: "https://store.example.test/x" }, refused);
  vi.advanceTimersByTime(1_000);
  expect(awayMs()).toBe(0);
});

test("knows the errors of Node", async () => {
  vi.useRealTimers();
  const failureOf = async (baseUrl: string): Promise<unknown> => {
    const http = createHttp({ baseUrl, authorization: async () => undefined });
    try {
      return await http.send({ method: "GET", url: "/graphql" }).catch((error: unknown) => error);
    } finally {
      await http.close();
    }
  };
  const cutting = createServer((socket) => socket.destroy());
  await new Promise<void>((done) => cutting.listen(0, "127.0.0.1", done));
  const { port } = cutting.address() as { port: number };
  expect(isUnreached(await failureOf(`http://127.0.0.1:${port}`))).toBe(false);
  await new Promise((done) => cutting.close(done));
  // Of both addresses that the name has, too.
  for (const url of [`http://127.0.0.1:${port}`, `http://localhost:${port}`, "http://no-such-host.invalid"])
    expect(isUnreached(await failureOf(url)), url).toBe(true);
});
