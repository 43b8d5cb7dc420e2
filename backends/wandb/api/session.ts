import { messageOf, TraceletError } from "../../../src/errors.js";
import { appUrl, DEFAULT_BASE_URL, normaliseBaseUrl } from "../server/address.js";
import type { Connection } from "../server/connection.js";
import { resolveCredentials } from "../server/credentials.js";
import { isUnknownField, type Operation, operation, type QueryOptions } from "../server/graphql.js";
import { GRAPHQL_RETRY, RequestError, type RetryPolicy } from "../server/retry.js";
import { settingsFromEnvironment, settingsFromFiles } from "../settings/sources.js";

/** For one attempt; that of the official client. */
const DEFAULT_TIMEOUT_MS = 19_000;
/** Somebody waits for the answer: after about a minute of trouble it is said. */
const RETRIES = 5;

/** Where an `Api` reads, and as whom. */
export interface ApiOptions {
  /** Base URL of the server. `WANDB_BASE_URL`; default that of the public cloud. */
  readonly baseUrl?: string | undefined;
  /** `WANDB_API_KEY`; default: the key in the netrc file, which `wandb login` writes. */
  readonly apiKey?: string | undefined;
  /** User or team of paths that name none. `WANDB_ENTITY`; default: the one of the key. */
  readonly entity?: string | undefined;
  /** Project of paths that name none. `WANDB_PROJECT`; default `uncategorized`. */
  readonly project?: string | undefined;
  /** Milliseconds for one attempt of a request; failed ones are tried again. Default 19,000. */
  readonly timeoutMs?: number | undefined;
}

/** What everything that an `Api` gives works with. */
export interface ApiSession {
  /** Address of the web pages, without a slash at its end. */
  readonly appUrl: string;
  readonly project: string;
  /** Made with the first request. */
  connection(): Promise<Connection>;
  /** How often transfers of files are tried again. */
  transferPolicy(): Promise<RetryPolicy>;
  /**
   * Does something with the server, with the patience of somebody who waits for it.
   *
   * @throws TraceletError `invalid-option` when the key is refused, `backend-failed` for the rest; its cause is the
   * `RequestError`
   */
  ask<Result>(work: (connection: Connection, options: QueryOptions) => Promise<Result>): Promise<Result>;
  /** Asks one query, as `ask` does. */
  query<Data>(operation: Operation, variables: { readonly [name: string]: unknown }): Promise<Data>;
  /** User or team of paths that name none. */
  entity(): Promise<string>;
}

const VIEWER_ENTITY = operation(`query GetDefaultEntity { viewer { id entity } }`);

/** @throws TraceletError `invalid-option` for a base URL that is none, or when there is no key */
export function createSession(
  options: ApiOptions,
  env: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): ApiSession {
  const settings = { ...settingsFromFiles(env, cwd, () => {}), ...settingsFromEnvironment(env) };
  const baseUrl = normaliseBaseUrl(options.baseUrl ?? settings.baseUrl ?? DEFAULT_BASE_URL);
  const { apiKey = settings.apiKey, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { identityTokenFile, credentialsFile } = settings;
  if (resolveCredentials({ apiKey, identityTokenFile, credentialsFile }, baseUrl, env) === undefined) {
    throw new TraceletError(
      "invalid-option",
      `There is no API key for ${baseUrl}: set WANDB_API_KEY, log in with "npx tracelet wandb login", or give { apiKey }.`,
      { backend: "wandb" },
    );
  }
  const given = options.entity ?? settings.entity;
  const patience: QueryOptions = { policy: { ...GRAPHQL_RETRY, retries: RETRIES, timeoutMs } };

  const open = async () => {
    // undici is large, and a script that only logs needs none of it on its own thread.
    const { openServer } = await import("../server/server.js");
    const server = openServer({ values: { ...settings, baseUrl }, apiKey, env, warn() {} })!;
    return { connection: server.connect(), transfer: server.policies.transfer };
  };
  let opened: ReturnType<typeof open> | undefined;
  let viewed: Promise<string> | undefined;
  const server = () => {
    opened ??= open();
    return opened;
  };
  const viewEntity = async (): Promise<string> => {
    const { viewer } = await session.query<{ viewer: { entity: string | null } | null }>(VIEWER_ENTITY, {});
    if (viewer?.entity) return viewer.entity;
    throw new TraceletError(
      "invalid-option",
      "The key has no default entity. Name one in the path (entity/project/...), or set WANDB_ENTITY.",
      { backend: "wandb" },
    );
  };
  const session: ApiSession = {
    appUrl: appUrl(baseUrl, env["WANDB_APP_URL"]),
    project: options.project ?? settings.project ?? "uncategorized",
    connection: async () => (await server()).connection,
    transferPolicy: async () => (await server()).transfer,
    async ask(work) {
      const { connection } = await server();
      try {
        return await work(connection, patience);
      } catch (error) {
        throw explain(error, baseUrl);
      }
    },
    query: <Data>(asked: Operation, variables: { readonly [name: string]: unknown }) =>
      session.ask(({ graphql }, how) => graphql.query<Data>(asked, variables, how)),
    entity() {
      if (given !== undefined) return Promise.resolve(given);
      viewed ??= viewEntity().catch((error: unknown) => {
        viewed = undefined;
        throw error;
      });
      return viewed;
    },
  };
  return session;
}

function explain(error: unknown, baseUrl: string): TraceletError {
  if (error instanceof TraceletError) return error;
  const status = error instanceof RequestError ? error.status : 0;
  const details = { backend: "wandb", cause: error };
  if (status === 401) {
    return new TraceletError(
      "invalid-option",
      `${baseUrl} refuses the API key (${messageOf(error)}). Check WANDB_API_KEY, and that the key is of this server.`,
      details,
    );
  }
  const what = status === 0 ? `No answer from ${baseUrl}` : `${baseUrl} refuses`;
  return new TraceletError("backend-failed", `${what}: ${messageOf(error)}.`, details);
}

/** The error for something that a path names and the server does not have. */
export function notFound(what: string): TraceletError {
  return new TraceletError("invalid-value", `There is no ${what}, or the key has no access to it.`, {
    backend: "wandb",
  });
}

/** Whether a query failed because the server is older than one of its fields. */
export function isRefusedField(error: unknown): boolean {
  return error instanceof TraceletError && isUnknownField(error.cause);
}
