import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { SyncedRun } from "#src/backend/command-line.js";
import type { SyncReport } from "#src/backend/contract.js";
import { type Ended, fixture, runScript } from "../../support/run-script.js";
import { type NormalisedRun, normalise } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";

/** What `fixtures/wandb-online.mjs` said at its end. */
export interface Result {
  readonly report: SyncReport;
  /** How often a call had to wait, and events lost, by backend and reason. */
  readonly waits: number;
  readonly drops: { readonly [backend: string]: object };
  readonly startMs: number;
  readonly finishMs: number;
}

export interface OnlineEnd {
  readonly ended: Ended;
  /** Undefined when the script did not come to its end. */
  readonly result: Result | undefined;
}

/** The command `tracelet` as it ships. */
export const CLI = new URL("../../../dist/bundle/cli.js", import.meta.url);

/** A place for the runs of one test. */
export interface Place {
  readonly dir: string;
  /** What a script runs with. */
  readonly env: Readonly<Record<string, string>>;
}

/** Waits as short as tests need them; the shares they have of each other are those of the defaults. */
const QUICK = {
  WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL: "0.02",
  WANDB_X_FILE_STREAM_RETRY_WAIT_MIN_SECONDS: "0.02",
  WANDB_X_FILE_STREAM_RETRY_WAIT_MAX_SECONDS: "0.2",
  WANDB_X_GRAPHQL_RETRY_WAIT_MIN_SECONDS: "0.02",
  WANDB_X_GRAPHQL_RETRY_WAIT_MAX_SECONDS: "0.2",
  WANDB_X_FILE_TRANSFER_RETRY_WAIT_MIN_SECONDS: "0.02",
  WANDB_X_FILE_TRANSFER_RETRY_WAIT_MAX_SECONDS: "0.2",
  WANDB_HTTP_TIMEOUT: "1.5",
  WANDB_X_FILE_STREAM_TIMEOUT_SECONDS: "1.5",
  WANDB_FILE_PUSHER_TIMEOUT: "1.5",
  WANDB_INIT_TIMEOUT: "3",
};

/** @param dir an empty folder */
export function placeIn(dir: string, server: WandbServer, url = server.url): Place {
  return {
    dir,
    env: {
      ...QUICK,
      HOME: dir,
      WANDB_DIR: dir,
      WANDB_CACHE_DIR: join(dir, "cache"),
      WANDB_DATA_DIR: join(dir, "data"),
      WANDB_BASE_URL: url,
      WANDB_API_KEY: server.apiKey,
      WANDB_DISABLE_GIT: "true",
      WANDB_X_DISABLE_STATS: "true",
      WANDB_X_DISABLE_META: "false",
    },
  };
}

export interface OnlineOptions {
  readonly rows?: number;
  readonly deadlineMs?: number;
  readonly blockMs?: number;
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** At a `moment` of the script: `begun`, `half`, `logged`. */
  readonly onMoment?: (moment: string, pid: number) => void;
}

/** Runs the script that is the same each time. */
export async function runOnline(place: Place, options: OnlineOptions = {}): Promise<OnlineEnd> {
  const { rows = 10_000, deadlineMs = 20_000, blockMs = 15, nodeArgs = [], onMoment } = options;
  const ended = await runScript(fixture("wandb-online.mjs"), {
    env: {
      ...place.env,
      ROWS: String(rows),
      DEADLINE_MS: String(deadlineMs),
      BLOCK_MS: String(blockMs),
      ...options.env,
    },
    cwd: place.dir,
    nodeArgs,
    onErrorLine: (line, child) => {
      if (line.startsWith("moment ")) onMoment?.(line.slice("moment ".length), child.pid!);
    },
  });
  const said = /^result (.*)$/m.exec(ended.stderr)?.[1];
  return { ended, result: said === undefined ? undefined : (JSON.parse(said) as Result) };
}

/** The folder of the only run of a place. */
export function runFolder({ dir }: Place): string {
  const runs = readdirSync(join(dir, "wandb")).filter((name) => /^(offline-)?run-/.test(name));
  if (runs.length !== 1) throw new Error(`${runs.length} runs in ${dir}`);
  return join(dir, "wandb", runs[0]!);
}

/** What `tracelet sync` said of the run. */
export interface Sent {
  readonly ended: Ended;
  readonly complete: boolean;
  readonly problems: readonly string[];
  /** What can be sent never, or not to this server. */
  readonly leftOut: number;
  readonly warnings: readonly string[];
  readonly rows: number;
}

/** Sends the log of the place's run with `tracelet sync`. */
export async function sendLog(
  place: Place,
  env: Readonly<Record<string, string>> = {},
  onSpawn: (pid: number) => void = () => {},
): Promise<Sent> {
  const ended = await runScript(CLI, {
    args: ["sync", "--json", "--include-synced", runFolder(place)],
    env: { ...place.env, ...env },
    cwd: place.dir,
    onSpawn: (child) => onSpawn(child.pid!),
  });
  const said = ended.stdout.trim().split("\n").at(-1);
  const { state, problems, leftOut, warnings, rows } = {
    state: "none",
    problems: [ended.stderr],
    leftOut: 0,
    warnings: [],
    rows: 0,
    ...(said ? (JSON.parse(said) as Partial<SyncedRun>) : {}),
  };
  return { complete: state === "synced", problems, leftOut, warnings, rows, ended };
}

/** What the server holds of the run, without what differs between two runs of one script. */
export async function stateOf(server: WandbServer): Promise<NormalisedRun> {
  const snapshot = await server.snapshot("tester", "faults", "faulty");
  // Alerts of one title within their `waitDuration` are one at W&B; a repeated request is.
  const alerts = new Map(snapshot.alerts.map((alert) => [alert.title, { ...alert }]));
  return { ...normalise(snapshot), alerts: [...alerts.values()], uploaded: [...snapshot.uploaded] };
}

/** As a sync leaves it: of artifacts it does not say at which step they were logged, as the official one does not. */
export function asSynced(state: NormalisedRun): NormalisedRun {
  const outputArtifacts = (state["outputArtifacts"] as NormalisedRun[]).map((artifact) => ({
    ...artifact,
    historyStep: null,
  }));
  return { ...state, outputArtifacts };
}
