import { messageOf, TraceletError } from "../../../src/errors.js";
import { type Connection, createConnection } from "../server/connection.js";
import { isUnknownField, type Operation, operation } from "../server/graphql.js";
import { GRAPHQL_RETRY, RequestError } from "../server/retry.js";
import { settingsFromEnvironment, settingsFromFiles } from "../settings/sources.js";

const DEFAULT_BASE_URL = "https://api.wandb.ai";
/** For one attempt; that of the official client. */
const DEFAULT_TIMEOUT_MS = 19_000;
/** Somebody waits for the answer: after about a minute of trouble it is said. */
const RETRIES = 5;

/** Where an `Api` reads, and as whom. */
export interface ApiOptions {
  /** Base URL of the server. `WANDB_BASE_URL`; default that of the public cloud. */
  readonly baseUrl?: string | undefined;
  /** `WANDB_API_KEY`. */
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
  /**
   * Asks the server.
   *
   * @throws TraceletError `invalid-option` when the key is refused, `backend-failed` for the rest; its cause is the
   * `RequestError`
   */
  query<Data>(operation: Operation, variables: { readonly [name: string]: unknown }): Promise<Data>;
  /** User or team of paths that name none. */
  entity(): Promise<string>;
  hasFeature(name: string): Promise<boolean>;
}

const VIEWER_ENTITY = operation(`query GetDefaultEntity { viewer { id entity } }`);

/** @throws TraceletError `invalid-option` for a base URL that is none, or a missing key */
export function createSession(
  options: ApiOptions,
  env: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): ApiSession {
  const settings = { ...settingsFromFiles(env, cwd, () => {}), ...settingsFromEnvironment(env) };
  const baseUrl = checkBaseUrl(options.baseUrl ?? settings.baseUrl ?? DEFAULT_BASE_URL);
  const authorization = authorizationOf(options.apiKey, env);
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const given = options.entity ?? settings.entity;
  let connected: Promise<Connection> | undefined;
  let viewed: Promise<string> | undefined;

  const connect = async (): Promise<Connection> => {
    // undici is large, and a script that only logs needs none of it on its own thread.
    const { createHttp } = await import("../server/http.js");
    return createConnection(createHttp({ baseUrl, authorization: async () => authorization }));
  };
  const session: ApiSession = {
    appUrl: appUrlOf(baseUrl, env),
    project: options.project ?? settings.project ?? "uncategorized",
    connection() {
      connected ??= connect();
      return connected;
    },
    async query<Data>(asked: Operation, variables: { readonly [name: string]: unknown }) {
      const { graphql } = await session.connection();
      try {
        return await graphql.query<Data>(asked, variables, {
          policy: { ...GRAPHQL_RETRY, retries: RETRIES, timeoutMs },
        });
      } catch (error) {
        throw explain(error, baseUrl);
      }
    },
    entity() {
      if (given !== undefined) return Promise.resolve(given);
      viewed ??= session
        .query<{ viewer: { entity: string | null } | null }>(VIEWER_ENTITY, {})
        .then(({ viewer }) => {
          if (viewer?.entity) return viewer.entity;
          throw new TraceletError(
            "invalid-option",
            "The key has no default entity. Name one in the path (entity/project/...), or set WANDB_ENTITY.",
            { backend: "wandb" },
          );
        });
      viewed.catch(() => {
        viewed = undefined;
      });
      return viewed;
    },
    async hasFeature(name) {
      return (await session.connection()).hasFeature(name);
    },
  };
  return session;
}

function authorizationOf(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const key = given ?? env["WANDB_API_KEY"];
  if (!key) {
    throw new TraceletError(
      "invalid-option",
      "There is no API key: set WANDB_API_KEY, or give { apiKey }. Keys are made on the settings page of your account.",
      { backend: "wandb" },
    );
  }
  return `Basic ${Buffer.from(`api:${key}`).toString("base64")}`;
}

function checkBaseUrl(text: string): string {
  const scheme = URL.canParse(text) ? new URL(text).protocol : "";
  if (scheme !== "https:" && scheme !== "http:") {
    throw new TraceletError(
      "invalid-option",
      `baseUrl is ${JSON.stringify(text)} and must be an address that begins with https:// or http://.`,
      { backend: "wandb" },
    );
  }
  return text.replace(/\/+$/, "");
}

/** The web pages stand under a host of their own where the API does; a server of one's own has one for both. */
function appUrlOf(baseUrl: string, env: NodeJS.ProcessEnv): string {
  const given = env["WANDB_APP_URL"];
  if (given) return given.replace(/\/+$/, "");
  const pairs = [
    ["://api.wandb.test", "://app.wandb.test"],
    ["://api.wandb.", "://wandb."],
    ["://api.", "://app."],
  ] as const;
  const pair = pairs.find(([api]) => baseUrl.includes(api));
  return pair === undefined ? baseUrl : baseUrl.replace(pair[0], pair[1]);
}

function explain(error: unknown, baseUrl: string): TraceletError {
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
