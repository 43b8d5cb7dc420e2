import { createHash } from "node:crypto";
import { PNG } from "pngjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseLooseJson } from "../support/wandb-server/loose-json.js";
import { normalise } from "../support/wandb-server/normalise.js";
import { historyBody, type RawClient, rawClient } from "../support/wandb-server/raw-client.js";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";

let server: WandbServer;
let client: RawClient;
beforeEach(async () => {
  server = await startWandbServer();
  client = rawClient(server);
});
afterEach(() => server.close());

describe("faults", () => {
  const row = () => client.stream(historyBody(0, '{"a":1}'));
  const stored = async () => (await server.snapshot("tester", "p", "r1")).history.length;

  test("status with headers, not applied unless said", async () => {
    await client.upsertRun("r1");
    const status = { kind: "status", status: 429, headers: { "Retry-After": "7" } } as const;
    server.faults.push({ match: { path: /file_stream$/ }, action: status });
    const refused = await row();
    expect([refused.status, refused.headers.get("retry-after"), await stored()]).toEqual([429, "7", 0]);
    server.faults.push({ match: { path: /file_stream$/ }, action: { ...status, applied: true } });
    expect([(await row()).status, await stored()]).toEqual([429, 1]);
    expect((await row()).status).toBe(200);
    expect(server.requests.map((request) => request.status)).toEqual([200, 429, 429, 200]);
  });

  test("drop before and after applying", async () => {
    await client.upsertRun("r1");
    server.faults.push({ match: {}, action: { kind: "drop", when: "before" } });
    await expect(row()).rejects.toThrow();
    expect(await stored()).toBe(0);
    server.faults.push({ match: {}, action: { kind: "drop", when: "after" } });
    await expect(row()).rejects.toThrow();
    expect(await stored()).toBe(1);
  });

  test("half an answer, a page instead of JSON, a delay, no answer", async () => {
    const query = "query Viewer { viewer { id username entity email flags } }";
    const match = { operation: "Viewer" };
    server.faults.push({ match, action: { kind: "half" } });
    await expect(client.graphql(query)).rejects.toThrow();
    server.faults.push({ match, action: { kind: "html" } });
    await expect(client.graphql(query)).rejects.toThrow(SyntaxError);
    server.faults.push({ match, action: { kind: "delay", ms: 200 } });
    const start = performance.now();
    expect((await client.graphql(query)).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(190);
    server.faults.push({ match, action: { kind: "hang" } });
    const hanging = fetch(`${server.url}/graphql`, {
      method: "POST",
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(300),
    });
    await expect(hanging).rejects.toThrow(/timeout/);
  });

  test("rules hit what they match, as often as they say, after those they skip", async () => {
    server.faults.push({
      match: {
        method: "POST",
        host: "api",
        operation: /^Up/,
        where: ({ variables }) => variables?.["name"] === "r2",
      },
      skip: 1,
      times: 2,
      action: { kind: "status", status: 500 },
    });
    const statuses: number[] = [];
    for (const name of ["r1", "r2", "r2", "r1", "r2", "r2"]) statuses.push(await client.upsertRun(name));
    expect(statuses).toEqual([200, 200, 500, 200, 500, 200]);
    expect(server.faults).toEqual([]);
  });
});

describe("normalised snapshots", () => {
  function picture(color: number, level: number): Buffer {
    const png = new PNG({ width: 3, height: 2 });
    png.data.fill(color);
    return PNG.sync.write(png, { deflateLevel: level });
  }

  async function runWith(name: string, image: Buffer, time: number) {
    const sha256 = createHash("sha256").update(image).digest("hex");
    const path = `media/images/img_0_${sha256.slice(0, 20)}.png`;
    const img = { _type: "image-file", sha256, path, size: image.length };
    await client.upsertRun(name);
    await client.upload(path, image, name);
    await client.stream(historyBody(0, JSON.stringify({ img, _step: 0, _timestamp: time })), name);
    const { id, ...rest } = normalise(await server.snapshot("tester", "p", name));
    return rest;
  }

  test("two encodings of one picture are equal, another picture is not", async () => {
    const loose = picture(5, 0);
    const tight = picture(5, 9);
    expect(loose.equals(tight)).toBe(false);
    const first = await runWith("a", loose, Date.now() / 1000);
    expect(await runWith("b", tight, Date.now() / 1000 + 1)).toEqual(first);
    expect(await runWith("c", picture(6, 9), Date.now() / 1000)).not.toEqual(first);
  });

  test("JSON with bare tokens is read, strings that look like them stay", () => {
    expect(parseLooseJson('{"a":[NaN,-Infinity,1],"b":"NaN, \\"Infinity","c":Infinity}')).toEqual({
      a: [NaN, -Infinity, 1],
      b: 'NaN, "Infinity',
      c: Infinity,
    });
    expect(() => parseLooseJson("{NaN}")).toThrow(SyntaxError);
  });
});
