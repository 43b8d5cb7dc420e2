import { once } from "node:events";
import type { NativeRequest } from "../native/native-call.js";
import type { PreparedRun } from "../run/start-run.js";
import { DEFAULT_BASE_URL, normaliseBaseUrl } from "../server/address.js";
import { resolveCredentials } from "../server/credentials.js";
import type { Branch } from "./branch.js";
import type { SendEnd } from "./run-sender.js";
import { senderLink } from "./sender-link.js";
import type { SenderStart } from "./sender-messages.js";

/** The way of a run to its server, by the thread that sends. */
export interface Uplink {
  /** As {@link LiveRun.connected}. */
  readonly connected: Promise<void>;
  /** The log has grown. */
  grown(): void;
  flush(): Promise<void>;
  serve(request: NativeRequest): Promise<unknown>;
  /** As {@link LiveRun.savesCode}; false when the signal ends the wait. */
  savesCode(signal: AbortSignal): Promise<boolean>;
  /** Undefined when nothing was sent at all. */
  finish(deadlineMs: number): Promise<SendEnd | undefined>;
  /** Everything in the log before it has arrived. */
  readonly arrived: () => number;
}

/** What an uplink needs of the run. */
export interface UplinkRun extends Pick<SenderStart, "logFile" | "filesDir" | "folder"> {
  /** Bytes of the log that are with the operating system. */
  readonly written: () => number;
  warn(message: string): void;
  address(url: string): void;
}

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
    return `no API key for ${baseUrl}; run "npx tracelet wandb login", or set WANDB_API_KEY`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Starts what sends, so that it is ready when the run is. */
export const wakeSender = (): void => void senderLink();

/** Asks the server where a run goes on; rejects with why it cannot be told. */
export async function askBranch({ settings, apiKey }: PreparedRun): Promise<Branch | undefined> {
  const found = await senderLink().ask(0, { ask: "branch", prepared: { settings, apiKey } });
  return found as Branch | undefined;
}

/** Begins to send a run; one that is refused already is not sent. */
export function createUplink(
  { settings, apiKey, writer }: PreparedRun,
  { written, warn, address, ...place }: UplinkRun,
  branch: SenderStart["branch"],
  refused?: Error,
): Uplink {
  if (refused !== undefined) return refusedUplink(refused);
  const link = senderLink();
  let arrived = 0;
  const run = link.open({
    warn,
    address,
    arrived(offset) {
      arrived = offset;
    },
  });
  link.say({ type: "start", run, start: { ...place, settings, apiKey, writer, branch } });
  const grown = (): void => link.say({ type: "written", run, size: written() });
  grown();
  return {
    connected: link.ask(run, { ask: "connected" }).then(() => {}),
    grown,
    flush: () => link.ask(run, { ask: "flush" }).then(() => {}, ignored),
    serve: (request) =>
      link.ask(run, { ask: "serve", request }).catch((error: Error) => ({ problem: error.message })),
    savesCode: (signal) =>
      Promise.race([link.ask(run, { ask: "savesCode" }), once(signal, "abort")]).then(
        (saves) => saves === true,
        () => false,
      ),
    finish: (deadlineMs) =>
      link
        .ask(run, { ask: "finish", deadlineMs })
        .then((end) => end as SendEnd, ignored)
        .finally(() => link.close(run)),
    arrived: () => arrived,
  };
}

const ignored = (): undefined => undefined;

function refusedUplink(refused: Error): Uplink {
  return {
    connected: Promise.reject(refused),
    grown() {},
    flush: async () => {},
    serve: async () => ({ problem: refused.message, refused: refused.message }),
    savesCode: async () => false,
    finish: async () => undefined,
    arrived: () => 0,
  };
}
