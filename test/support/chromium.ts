import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** One page of a headless Chromium. */
export interface Page {
  goto(url: string): Promise<void>;
  /** Value of an expression, awaited if it is a promise; it must be JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** The window as a PNG file's bytes. */
  screenshot(): Promise<Buffer>;
  /** Messages of `console.error` and uncaught exceptions so far. */
  readonly errors: readonly string[];
}

export interface Browser {
  readonly page: Page;
  close(): Promise<void>;
}

const FLAGS = [
  ...["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"],
  ...[
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
  ],
  ...["--window-size=1400,1800", "--force-device-scale-factor=1"],
];

/** Path of Debian's Chromium, or an error that says how to get it. */
export function chromiumPath(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter).concat("/usr/bin");
  for (const path of folders.map((folder) => join(folder, "chromium"))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // look in the next folder
    }
  }
  throw new Error("the page tests need Chromium: apt-get install -y --no-install-recommends chromium");
}

/** Messages of the DevTools protocol over the browser's pipes: JSON texts, each ended by a zero byte. */
class Connection {
  readonly #output: Writable;
  readonly #waiting = new Map<number, { done: (value: unknown) => void; fail: (error: Error) => void }>();
  readonly #listeners: ((method: string, params: Record<string, unknown>) => void)[] = [];
  #lastId = 0;
  #rest = "";

  constructor(child: ChildProcess) {
    this.#output = child.stdio[3] as Writable;
    const input = child.stdio[4] as Readable;
    this.#output.on("error", () => {}); // told by the end of the process
    input.setEncoding("utf8").on("data", (chunk: string) => {
      const texts = (this.#rest + chunk).split("\0");
      this.#rest = texts.pop() ?? "";
      for (const text of texts) this.#receive(text);
    });
    child.once("close", (code) => {
      for (const { fail } of this.#waiting.values()) fail(new Error(`Chromium ended with code ${code}`));
    });
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as {
      id?: number;
      method?: string;
      params?: Record<string, unknown>;
      result?: unknown;
      error?: { message: string };
    };
    if (message.id === undefined) {
      for (const listener of this.#listeners) listener(message.method ?? "", message.params ?? {});
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) waiting?.fail(new Error(message.error.message));
    else waiting?.done(message.result);
  }

  send<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    const id = ++this.#lastId;
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done: done as (value: unknown) => void, fail });
      this.#output.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    });
  }

  listen(listener: (method: string, params: Record<string, unknown>) => void): void {
    this.#listeners.push(listener);
  }
}

/** Starts a headless Chromium with an empty profile and one blank page. */
export async function startChromium(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "tracelet-chromium-"));
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : []; // Chromium refuses its sandbox to root
  const args = [...FLAGS, ...sandbox, "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"];
  const child = spawn(chromiumPath(), args, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const connection = new Connection(child);
  const { targetId } = await connection.send<{ targetId: string }>("Target.createTarget", {
    url: "about:blank",
  });
  const { sessionId } = await connection.send<{ sessionId: string }>("Target.attachToTarget", {
    targetId,
    flatten: true,
  });
  const send = <T>(method: string, params: object = {}) => connection.send<T>(method, params, sessionId);
  const errors: string[] = [];
  connection.listen((method, params) => {
    const isError = method === "Runtime.consoleAPICalled" && params["type"] === "error";
    if (isError || method === "Runtime.exceptionThrown") errors.push(JSON.stringify(params).slice(0, 1000));
  });
  await send("Runtime.enable");
  await send("Page.enable");
  return {
    page: {
      errors,
      async goto(url) {
        const { errorText } = await send<{ errorText?: string }>("Page.navigate", { url });
        if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
      },
      async evaluate(expression) {
        const answer = await send<{ result: { value?: unknown }; exceptionDetails?: { exception?: object } }>(
          "Runtime.evaluate",
          { expression, awaitPromise: true, returnByValue: true },
        );
        if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails).slice(0, 2000));
        return answer.result.value;
      },
      async screenshot() {
        const { data } = await send<{ data: string }>("Page.captureScreenshot", { format: "png" });
        return Buffer.from(data, "base64");
      },
    },
    async close() {
      await connection.send("Browser.close").catch(() => {});
      const insist = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(insist);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
