import { printLine } from "../../../src/backend/trouble.js";
import { DEFAULT_BASE_URL, normaliseBaseUrl } from "../server/address.js";
import type { Connection } from "../server/connection.js";
import type { Credentials } from "../server/credentials.js";
import { GRAPHQL_RETRY, RequestError, type RetryPolicy } from "../server/retry.js";
import { openServer } from "../server/server.js";
import type { SettingValues } from "../settings/setting-table.js";
import { settingsFromEnvironment, settingsFromFiles } from "../settings/sources.js";

/** What variables and settings files say, and the server they mean. */
export interface Surroundings {
  readonly baseUrl: string;
  readonly values: SettingValues;
}

/**
 * Reads variables and settings files.
 *
 * @param host another server than theirs
 * @throws TraceletError `invalid-option` for a value that its setting does not take, or an address that is none
 */
export function readSurroundings(host: string | undefined): Surroundings {
  const values = {
    ...settingsFromFiles(process.env, process.cwd(), printLine),
    ...settingsFromEnvironment(process.env),
  };
  return { values, baseUrl: normaliseBaseUrl(host ?? values.baseUrl ?? DEFAULT_BASE_URL) };
}

/** A connection for a command, to be closed at its end. */
export type CommandConnection = Connection & { close(): Promise<void> };

export function connect({ baseUrl, values }: Surroundings, credentials: Credentials): CommandConnection {
  const given =
    credentials.kind === "key"
      ? { apiKey: credentials.key, values: { ...values, baseUrl } }
      : { values: { ...values, baseUrl, identityTokenFile: credentials.tokenFile } };
  // Defined, as it is given credentials.
  const server = openServer({ ...given, env: process.env, warn: printLine })!;
  return { ...server.connect(), close: server.close };
}

/** Somebody waits for the answer: one more attempt, and 10 s for each unless `WANDB_HTTP_TIMEOUT` says otherwise. */
export function impatient({ values }: Surroundings): RetryPolicy {
  const seconds = values.graphqlTimeoutSeconds;
  return {
    ...GRAPHQL_RETRY,
    retries: 1,
    minWaitMs: 500,
    maxWaitMs: 2_000,
    timeoutMs: seconds === undefined || seconds <= 0 ? 10_000 : seconds * 1000,
  };
}

/** Whether a server has answered that it does not take these credentials. */
export const isRefused = (error: unknown): boolean =>
  error instanceof RequestError && (error.status === 401 || error.status === 403);
