import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { clean } from "../../../src/cli/page.js";
import { maskSecretValues } from "../../../src/collectors/secrets.js";
import { messageOf } from "../../../src/errors.js";
import { dataFolder } from "../artifacts/staging.js";
import { wandbFolderIn } from "../run/run-directory.js";
import { appUrl } from "../server/address.js";
import { type Credentials, resolveCredentials } from "../server/credentials.js";
import { queryViewer } from "../server/viewer.js";
import { settingsFiles } from "../settings/sources.js";
import { findLogFiles, hasArrived } from "../sync/find-runs.js";
import { connect, impatient, readSurroundings, type Surroundings } from "./connect.js";

/** What `tracelet wandb status` tells; never a key. */
interface Status {
  readonly baseUrl: string;
  readonly appUrl: string;
  /** Where the credentials come from; null: there are none. */
  readonly credentials: string | null;
  readonly entity: string | null;
  readonly username: string | null;
  /** Why there is no entity. */
  readonly problem: string | null;
  readonly settingsFiles: readonly string[];
  readonly wandbFolder: string;
  readonly dataFolder: string;
  readonly runs: number;
  readonly notSynced: number;
  /** Folders and logs that cannot be looked at. */
  readonly unreadable: number;
}

/** `tracelet wandb status`. Resolves with the exit code: 0 when the server takes the credentials. */
export async function status({ json }: { readonly json?: true }): Promise<number> {
  const told = await readStatus();
  process.stdout.write(json ? `${maskSecretValues(JSON.stringify(told, null, 2))}\n` : statusPage(told));
  return told.problem === null ? 0 : 1;
}

async function readStatus(): Promise<Status> {
  const server = readSurroundings(undefined);
  const { values, baseUrl } = server;
  const wandbFolder = wandbFolderIn(resolve(values.dir ?? "."), values.useDotWandb);
  const { user, local } = settingsFiles(process.env, process.cwd());
  return {
    baseUrl,
    appUrl: appUrl(baseUrl, process.env["WANDB_APP_URL"]),
    ...(await who(server)),
    settingsFiles: [user, local].filter((path) => existsSync(path)),
    wandbFolder,
    dataFolder: dataFolder(),
    ...countRuns(wandbFolder),
  };
}

async function who(
  server: Surroundings,
): Promise<Pick<Status, "credentials" | "entity" | "username" | "problem">> {
  const nobody = { credentials: null, entity: null, username: null };
  let credentials: Credentials | undefined;
  let warning: string | undefined;
  try {
    credentials = resolveCredentials({}, server.baseUrl, process.env, (message) => {
      warning = message;
    });
  } catch (error) {
    return { ...nobody, problem: messageOf(error) };
  }
  if (credentials === undefined) {
    return { ...nobody, problem: warning ?? "there is no API key; `tracelet wandb login` asks for it" };
  }
  const { source } = credentials;
  const connection = connect(server, credentials);
  try {
    const viewer = await queryViewer(connection.graphql, { policy: impatient(server) });
    if (viewer === undefined)
      return { ...nobody, credentials: source, problem: "the server does not know the key" };
    const { entity, username = null } = viewer;
    return { credentials: source, entity, username, problem: null };
  } catch (error) {
    return { ...nobody, credentials: source, problem: messageOf(error) };
  } finally {
    await connection.close();
  }
}

function countRuns(wandbFolder: string): Pick<Status, "runs" | "notSynced" | "unreadable"> {
  const { logs, unreadable } = findLogFiles([wandbFolder]);
  const notSynced = logs.filter(({ logFile }) => !hasArrived(logFile));
  return { runs: logs.length, notSynced: notSynced.length, unreadable: unreadable.length };
}

function statusPage(told: Status): string {
  const unreadable = told.unreadable === 0 ? "" : `, ${told.unreadable} that cannot be read`;
  const user = [told.username, told.entity].filter((name) => name !== null);
  const rows: (readonly [string, string])[] = [
    ["server", told.baseUrl],
    ["pages", told.appUrl],
    ["key", told.credentials === null ? "none" : `from ${told.credentials}`],
    ["user", user.length === 0 ? "unknown" : `${user[0]}${user[1] === user[0] ? "" : ` (${user[1]})`}`],
    ["settings", told.settingsFiles.length === 0 ? "no files" : told.settingsFiles.join(", ")],
    ["runs", `${told.wandbFolder}: ${told.runs}, ${told.notSynced} not synced${unreadable}`],
    ["data", told.dataFolder],
    ...(told.problem === null ? [] : [["problem", told.problem] as const]),
  ];
  return `${rows.map(([label, text]) => label.padEnd(10) + clean(text)).join("\n")}\n`;
}
