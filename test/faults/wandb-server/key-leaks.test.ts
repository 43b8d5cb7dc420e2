import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { type Ended, fixture, runScript } from "../../support/run-script.js";
import type { FaultMatch } from "../../support/wandb-server/faults.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { type Place, placeIn, runFolder, sendLog } from "./online-run.js";
import { scene } from "./scene.js";

const CLI = pathToFileURL(fileURLToPath(new URL("../../../dist/bundle/cli.js", import.meta.url)));

/** A secret as it may stand somewhere: as it is, in a URL, in base64 at each of the three positions, in JSON. */
function formsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((before) => {
    const text = Buffer.from("x".repeat(before) + secret).toString("base64");
    // The first and last characters also hold bits of what stands beside it.
    return text.slice(before === 0 ? 0 : 4, -4);
  });
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...inBase64];
  return [...new Set([...forms, ...inBase64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))])];
}

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) yield path;
  }
}

/** Where a secret was found: in a file below the folder, its name, or one of the texts. */
function leaks(
  secret: string,
  folder: string,
  texts: { readonly [where: string]: string | Buffer },
): string[] {
  const found: string[] = [];
  const look = (where: string, bytes: string | Buffer): void => {
    for (const form of formsOf(secret)) if (bytes.includes(form)) found.push(`${where}: ${form}`);
  };
  for (const path of filesBelow(folder)) {
    look(path, readFileSync(path));
    look("a path", path);
  }
  for (const [where, text] of Object.entries(texts)) look(where, text);
  return found;
}

/** What a server was told besides its `Authorization`. */
const told = ({ requests }: WandbServer): string =>
  JSON.stringify(
    requests.map(({ headers: { authorization, ...headers }, ...rest }) => ({ headers, ...rest })),
  );

interface SecretRun {
  readonly ended: Ended;
  readonly listing: string;
}

/** Runs the script that has its key everywhere, and looks at it as `ps` does. */
async function runWithKey(place: Place, env: Readonly<Record<string, string>> = {}): Promise<SecretRun> {
  let listing = "";
  const ended = await runScript(fixture("wandb-secrets.mjs"), {
    env: { ...place.env, SECRETS_MODE: "online", TRACELET_DEADLINE_MS: "4000", ...env },
    cwd: place.dir,
    onLine: (_, child) => {
      listing += readFileSync(`/proc/${child.pid}/cmdline`, "latin1");
      for (const thread of readdirSync(`/proc/${child.pid}/task`))
        listing += readFileSync(`/proc/${child.pid}/task/${thread}/comm`, "latin1");
    },
  });
  return { ended, listing };
}

/** What we say of an error that nobody caught is ours; the error itself is printed by Node. */
const ourWords = ({ said }: Ended): string => said.join("\n");

describe.concurrent("the key of a run that is sent", () => {
  const basic = (key: string): string => Buffer.from(`api:${key}`).toString("base64");
  const echo = (server: WandbServer, match: FaultMatch, times: number, skip = 0) => {
    const text = `not your key: ${server.apiKey}, Authorization: Basic ${basic(server.apiKey)}`;
    const body = JSON.stringify({ error: text, errors: [{ message: text }] });
    server.faults.push({ match, times, skip, action: { kind: "status", status: 401, body } });
  };
  const cases: { readonly [name: string]: (server: WandbServer) => void } = {
    "all is well": () => {},
    "the server refuses it, and repeats it": (server) => echo(server, {}, Number.POSITIVE_INFINITY),
    "it is refused in the middle, and repeated": (server) => echo(server, { path: /file_stream$/ }, 2, 1),
    "its uploads are refused for good": (server) => echo(server, { method: "PUT" }, Number.POSITIVE_INFINITY),
    "errors with status 200 repeat it": (server) => {
      const message = `not your key: ${server.apiKey} (${basic(server.apiKey)})`;
      const body = JSON.stringify({ errors: [{ message }] });
      const match = { operation: "CreateRunFiles" };
      const action = { kind: "status", status: 200, body } as const;
      server.faults.push({ match, times: Number.POSITIVE_INFINITY, action });
    },
  };

  test.for(Object.keys(cases))("%s", async (name, context) => {
    const { server, place } = await scene(context);
    cases[name]!(server);
    const { ended, listing } = await runWithKey(place);
    const folder = runFolder(place);
    const sent = await sendLog(place);
    const inspect = (...args: string[]) =>
      runScript(CLI, { args: ["inspect", folder, ...args], env: place.env, cwd: place.dir });
    const [shown, json] = [await inspect("--all"), await inspect("--json")];
    expect([shown.code, json.code], shown.stderr + json.stderr).toEqual([0, 0]);
    expect(listing.length).toBeGreaterThan(10);
    const texts = {
      "what is said": ourWords(ended),
      // The script prints its own key on stdout; stats() is on stderr, before the error that Node prints.
      "stats()": ended.stderr.split("\n").find((line) => line.startsWith("{")) ?? "",
      "the process listing": listing,
      sync: sent.ended.stderr + sent.ended.stdout,
      inspect: shown.stdout + shown.stderr,
      "inspect --json": json.stdout + json.stderr,
      "the server's records": told(server),
    };
    expect(texts["stats()"]).not.toBe("");
    expect(leaks(server.apiKey, place.dir, texts)).toEqual([]);
    expect(leaks(basic(server.apiKey), place.dir, texts)).toEqual([]);
  });
});

test("an identity token, and the access token it is exchanged for", async (context) => {
  const { server, place } = await scene(context);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const identity = `${part({ alg: "RS256" })}.${part({ sub: "machine-of-the-team" })}.${"s1gN4tuRe".repeat(5)}`;
  const access = `acc3ss-${"0123456789abcdefghij".repeat(2)}`;
  writeFileSync(join(place.dir, "jwt"), identity);
  server.faults.push({
    match: { path: "/oidc/token" },
    times: Number.POSITIVE_INFINITY,
    action: {
      kind: "status",
      status: 200,
      body: JSON.stringify({ access_token: access, expires_in: 3_600 }),
    },
  });
  const text = `who is ${access} with ${identity}?`;
  server.faults.push({
    match: {},
    times: Number.POSITIVE_INFINITY,
    action: { kind: "status", status: 401, body: JSON.stringify({ error: text }) },
  });
  const { WANDB_API_KEY: _, ...env } = place.env;
  const secrets = join(place.dir, "credentials");
  mkdirSync(secrets);
  const inside = join(place.dir, "run");
  mkdirSync(inside);
  const { ended, listing } = await runWithKey(
    { dir: inside, env: { ...env, WANDB_DIR: inside } },
    {
      SECRETS_KEY: access,
      WANDB_IDENTITY_TOKEN_FILE: join(place.dir, "jwt"),
      WANDB_CREDENTIALS_FILE: join(secrets, "credentials.json"),
    },
  );
  expect(ended.said.join("\n")).toMatch(/does not take the run \(401/);
  // Kept there for the next process, for this user only.
  expect(readFileSync(join(secrets, "credentials.json"), "utf8")).toContain(access);
  expect(statSync(join(secrets, "credentials.json")).mode & 0o077).toBe(0);
  const texts = { "what is said": ourWords(ended), "the process listing": listing };
  expect(leaks(access, inside, texts)).toEqual([]);
  expect(leaks(identity, inside, texts)).toEqual([]);
});

test("the password of a proxy, and of a proxy that does not answer", async (context) => {
  const { server, place } = await scene(context);
  const password = "pa55 w%rd/of+the=proxy";
  const proxy = `http://me:${encodeURIComponent(password)}@127.0.0.1:9`;
  const { ended, listing } = await runWithKey(placeIn(place.dir, server, "http://wandb.example.test"), {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
  });
  expect(ended.said.join("\n")).toMatch(/does not take the run/);
  const texts = { "what is said": ourWords(ended), "the process listing": listing };
  expect(leaks(password, place.dir, texts)).toEqual([]);
});
