import { TraceletError } from "../../../src/errors.js";
import type { NativeRequest } from "../native/native-call.js";
import type { PreparedRun } from "../run/start-run.js";
import { DEFAULT_BASE_URL, normaliseBaseUrl } from "../server/address.js";
import { resolveCredentials } from "../server/credentials.js";
import type { Branch } from "./branch.js";
import type { LiveRun, LiveRunOptions } from "./live-run.js";
import type { SendEnd } from "./run-sender.js";

/** The way of a run to its server, also while what sends is still being loaded. */
export interface Uplink {
  /** As {@link LiveRun.connected}. */
  readonly connected: Promise<void>;
  grown(): void;
  flush(): Promise<void>;
  serve(request: NativeRequest): Promise<unknown>;
  /** As {@link LiveRun.savesCode}. */
  savesCode(signal: AbortSignal): Promise<boolean>;
  /** Undefined when nothing was sent at all. */
  finish(deadlineMs: number): Promise<SendEnd | undefined>;
  readonly arrived: () => number;
}

/** What an uplink needs of the run. */
export type UplinkRun = Pick<
  LiveRunOptions,
  "logFile" | "filesDir" | "folder" | "artifactStep" | "written" | "warn" | "address"
>;

/**
 * Says why a run cannot be sent; undefined when it can.
 *
 * @throws never: a key of a wrong form is a reason, too
 */
export function missingCredentials({ settings: { values }, apiKey }: PreparedRun): string | undefined {
  try {
    const baseUrl = normaliseBaseUrl(values.baseUrl ?? DEFAULT_BASE_URL);
    const { identityTokenFile, credentialsFile } = values;
    const found = resolveCredentials({ apiKey, identityTokenFile, credentialsFile }, baseUrl, process.env);
    if (found !== undefined) return undefined;
    return `no API key for ${baseUrl}; run "tracelet wandb login", or set WANDB_API_KEY`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Asks the server where a run goes on; rejects with why it cannot be told. */
export async function askBranch(prepared: PreparedRun): Promise<Branch | undefined> {
  const { findLiveBranch } = await import("./live-branch.js");
  return findLiveBranch(prepared);
}

/** Begins to send a run, as soon as what sends is loaded; a run that is refused already is not sent. */
export function createUplink(
  prepared: PreparedRun,
  run: UplinkRun,
  branch: Branch | undefined,
  refused?: Error,
): Uplink {
  let live: LiveRun | undefined;
  const loading = refused === undefined ? load() : Promise.reject(refused);
  loading.catch(() => {});

  async function load(): Promise<LiveRun> {
    const [{ startLiveRun }, { openServer }] = await Promise.all([
      import("./live-run.js"),
      import("../server/server.js"),
    ]);
    const { values } = prepared.settings;
    const server = openServer({ values, apiKey: prepared.apiKey, env: process.env, warn: run.warn });
    if (server === undefined) throw new TraceletError("backend-failed", "no API key", { backend: "wandb" });
    live = startLiveRun({ ...run, server, values, writer: prepared.writer, branch });
    return live;
  }

  return {
    connected: loading.then(({ connected }) => connected),
    grown: () => live?.grown(),
    flush: () =>
      loading.then(
        (sending) => sending.flush(),
        () => {},
      ),
    serve: (request) =>
      loading.then(
        (sending) => sending.serve(request),
        (error: Error) => ({ problem: error.message, ...(refused && { refused: refused.message }) }),
      ),
    savesCode: (signal) =>
      loading.then(
        (sending) => sending.savesCode(signal),
        () => false,
      ),
    finish: (deadlineMs) =>
      loading.then(
        (sending) => sending.finish(deadlineMs),
        () => undefined,
      ),
    arrived: () => live?.arrived() ?? 0,
  };
}
