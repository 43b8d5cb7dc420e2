import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keyProblem } from "#backends/wandb/server/api-key.js";
import {
  authorization,
  type GivenCredentials,
  resolveCredentials,
} from "#backends/wandb/server/credentials.js";
import type { HttpAnswer, HttpRequest } from "#backends/wandb/server/http.js";
import { maskSecrets } from "#src/collectors/secrets.js";
import { tempDir } from "../../../../support/temp-dir.js";

const key = (letter: string): string => letter.repeat(40);
const BASE = "https://api.example.com";

let home: string;
beforeEach(() => {
  home = tempDir();
});
const resolve = (given: GivenCredentials, env: NodeJS.ProcessEnv = {}) =>
  resolveCredentials(given, BASE, { HOME: home, ...env });

describe("the form of an API key", () => {
  it.each([
    [key("a")],
    [`${key("a")}bcdef`],
    [`local-${key("0")}`],
    // Only the first dash ends a prefix.
    [`on-prem-${key("0")}`],
    ["header.pay_load.sig-nature"],
  ])("takes %s", (good) => expect(keyProblem(good)).toBeUndefined());

  it.each([
    ["", /empty/],
    [key("a").slice(1), /39 characters/],
    [`local-${key("a").slice(1)}`, /39 characters/],
    [` ${key("a")}`, /blank/],
    [`${key("a")}!`, /characters other/],
    ["a.b.c.d", /characters other/],
  ])("refuses %j without repeating it", (bad, problem) => {
    expect(keyProblem(bad)).toMatch(problem);
    if (bad !== "") expect(keyProblem(bad)).not.toContain(bad);
  });
});

describe("credentials", () => {
  it("come from the settings, the variables, the netrc file, in this order", () => {
    const netrc = join(home, ".netrc");
    expect(resolve({})).toBeUndefined();
    writeFileSync(netrc, `machine api.example.com password ${key("n")}\n`);
    expect(resolve({})).toEqual({ kind: "key", key: key("n"), source: netrc });
    const env = { WANDB_API_KEY: key("e") };
    expect(resolve({}, env)).toEqual({ kind: "key", key: key("e"), source: "WANDB_API_KEY" });
    expect(resolve({ apiKey: key("g") }, env)).toMatchObject({ key: key("g"), source: "the settings" });
    expect(resolve({ identityTokenFile: "/t" }, env)).toMatchObject({ kind: "token", tokenFile: "/t" });
    expect(resolve({}, { WANDB_IDENTITY_TOKEN_FILE: "/jwt" })).toEqual({
      kind: "token",
      source: "WANDB_IDENTITY_TOKEN_FILE",
      tokenFile: "/jwt",
      cacheFile: join(home, ".config", "wandb", "credentials.json"),
      baseUrl: BASE,
    });
  });

  it("take an empty variable as none", () => {
    expect(resolve({}, { WANDB_API_KEY: "", WANDB_IDENTITY_TOKEN_FILE: "" })).toBeUndefined();
  });

  it("of both kinds at once are refused", () => {
    expect(() => resolve({}, { WANDB_API_KEY: key("a"), WANDB_IDENTITY_TOKEN_FILE: "/t" })).toThrow(
      /WANDB_API_KEY and WANDB_IDENTITY_TOKEN_FILE are both set/,
    );
    expect(() => resolve({ apiKey: key("a"), identityTokenFile: "/t" })).toThrow(/not both/);
  });

  it("of a wrong form are refused by the name of their place, and never repeated", () => {
    writeFileSync(join(home, ".netrc"), "machine api.example.com password tooshortkey\n");
    for (const [given, env, place] of [
      [{ apiKey: "tooshortkey" }, {}, "the settings"],
      [{}, { WANDB_API_KEY: "tooshortkey" }, "WANDB_API_KEY"],
      [{}, {}, ".netrc"],
    ] as const) {
      const failing = () => resolve(given, env);
      expect(failing).toThrow(place);
      expect(failing).not.toThrow("tooshortkey");
    }
  });

  it("are masked from then on, the key and its header", async () => {
    const secret = `unguessable${key("x")}`;
    expect(maskSecrets(`it is ${secret}`)).toContain(secret);
    const credentials = resolve({ apiKey: secret });
    expect(maskSecrets(`it is ${secret}`)).toBe("it is ***");
    const header = await authorization(credentials, { post: unused })();
    expect(header).toBe(`Basic ${Buffer.from(`api:${secret}`).toString("base64")}`);
    expect(maskSecrets(`sent ${header}`)).toBe("sent Basic ***");
  });

  it("give no header when there are none", async () => {
    expect(await authorization(undefined, { post: unused })()).toBeUndefined();
  });
});

const unused = async (): Promise<HttpAnswer> => {
  throw new Error("no request is needed");
};

describe("an identity token", () => {
  const start = Date.parse("2026-01-02T03:04:05Z");
  let sent: HttpRequest[];
  let answers: (Partial<HttpAnswer> & { status: number })[];
  beforeEach(() => {
    sent = [];
    answers = [];
    vi.useFakeTimers({ now: start, toFake: ["Date"] });
    writeFileSync(join(home, "jwt"), "  first-assertion\n");
  });
  afterEach(() => vi.useRealTimers());

  const post = async (request: HttpRequest): Promise<HttpAnswer> => {
    sent.push(request);
    const { status, body, headers = {} } = answers.shift()!;
    return { status, headers, body: body ?? Buffer.from("{}") };
  };
  const grants = (token: string, seconds = 3600) => ({
    status: 200,
    body: Buffer.from(JSON.stringify({ access_token: token, expires_in: seconds })),
  });
  const header = (baseUrl = BASE) =>
    authorization(resolveCredentials({ identityTokenFile: join(home, "jwt") }, baseUrl, { HOME: home }), {
      post,
    });
  const cache = () => join(home, ".config", "wandb", "credentials.json");

  it("is exchanged for an access token, which is kept for others", async () => {
    answers.push(grants("access-token-1"));
    const authorize = header();
    expect(await Promise.all([authorize(), authorize()])).toEqual([
      "Bearer access-token-1",
      "Bearer access-token-1",
    ]);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      method: "POST",
      url: `${BASE}/oidc/token`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=first-assertion",
      timeoutMs: 10_000,
    });
    expect(readFileSync(cache(), "utf8")).toBe(
      '{\n  "credentials": {\n    "https://api.example.com": {\n      "expires_at": "2026-01-02 04:04:05",\n' +
        '      "access_token": "access-token-1"\n    }\n  }\n}',
    );
    expect(statSync(cache()).mode & 0o777).toBe(0o600);
    // Another process.
    expect(await header()()).toBe("Bearer access-token-1");
    expect(sent).toHaveLength(1);
  });

  it("is exchanged again when the access token has five minutes left, from the file as it is then", async () => {
    answers.push(grants("access-token-1"), grants("access-token-2"));
    const authorize = header();
    await authorize();
    writeFileSync(join(home, "jwt"), "second-assertion");
    vi.setSystemTime(start + 54 * 60_000);
    expect(await authorize()).toBe("Bearer access-token-1");
    vi.setSystemTime(start + 55 * 60_000);
    expect(await authorize()).toBe("Bearer access-token-2");
    expect(sent[1]!.body).toContain("assertion=second-assertion");
  });

  it("keeps the access tokens of other servers", async () => {
    answers.push(grants("access-token-1"), grants("access-token-2"));
    await header()();
    await header("https://other.example.com")();
    const { credentials } = JSON.parse(readFileSync(cache(), "utf8")) as { credentials: object };
    expect(Object.keys(credentials)).toEqual([BASE, "https://other.example.com"]);
  });

  it("is tried again when the server is busy, and not when it refuses", async () => {
    answers.push(
      { status: 429, headers: { "retry-after": "0" } },
      { status: 503, headers: { "retry-after": "0" } },
    );
    answers.push(grants("access-token-1"));
    expect(await header()()).toBe("Bearer access-token-1");
    expect(sent).toHaveLength(3);

    vi.setSystemTime(start + 3_600_000);
    answers.push({ status: 400, body: Buffer.from('{"error":"bad first-assertion"}') });
    const refused = header()();
    await expect(refused).rejects.toMatchObject({ name: "TraceletError", code: "invalid-option" });
    await expect(refused).rejects.toThrow(/does not take the identity token of .*jwt: 400: bad \*\*\*/);
    expect(sent).toHaveLength(4);
  });

  it("whose file is gone says so", async () => {
    const credentials = resolve({ identityTokenFile: join(home, "gone") });
    await expect(authorization(credentials, { post })()).rejects.toThrow(/cannot be read.*gone/);
  });

  it("works where the cache cannot be read or written", async () => {
    mkdirSync(join(home, ".config", "wandb"), { recursive: true });
    writeFileSync(cache(), "{ half");
    answers.push(grants("access-token-1"), grants("access-token-2"));
    expect(await header()()).toBe("Bearer access-token-1");
    writeFileSync(join(home, "file"), "");
    const credentials = resolve({
      identityTokenFile: join(home, "jwt"),
      credentialsFile: join(home, "file", "below"),
    });
    expect(await authorization(credentials, { post })()).toBe("Bearer access-token-2");
  });
});
