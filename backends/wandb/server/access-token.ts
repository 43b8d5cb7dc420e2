import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { addSecret, maskSecretValues } from "../../../src/collectors/secrets.js";
import { messageOf, TraceletError } from "../../../src/errors.js";
import type { Http } from "./http.js";
import { replaceFile } from "./netrc.js";
import { RequestError, type RetryPolicy, sendWithRetry } from "./retry.js";

/** What an access token is made of, and where it is kept for the next process. */
export interface AccessTokenSource {
  /** File with a JSON web token; read anew for each exchange, as its issuer replaces it. */
  readonly tokenFile: string;
  readonly cacheFile: string;
  readonly baseUrl: string;
}

/** Numbers of the official client (`core/internal/api/credentials.go`). */
const EXCHANGE_RETRY: RetryPolicy = {
  retries: 3,
  minWaitMs: 1_000,
  maxWaitMs: 5_000,
  timeoutMs: 10_000,
  repeats: (status) => status === 429 || status < 400 || status > 499,
};
const EXCHANGE_TIMEOUT_MS = 60_000;
/** A token with less time left is replaced. */
const LEAST_LEFT_MS = 5 * 60_000;

interface AccessToken {
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * Access tokens for an identity token: the one in memory or in the file as long as it lasts, else a new one. Requests
 * that ask at the same time share one exchange.
 */
export function accessTokens(source: AccessTokenSource, post: Http["send"]): () => Promise<string> {
  let current: AccessToken | undefined;
  let exchanging: Promise<AccessToken> | undefined;
  const lasts = (token: AccessToken | undefined): token is AccessToken =>
    token !== undefined && token.expiresAt - Date.now() > LEAST_LEFT_MS;

  return async () => {
    if (!lasts(current)) current = readCached(source);
    if (!lasts(current)) {
      exchanging ??= exchange(source, post).finally(() => {
        exchanging = undefined;
      });
      current = await exchanging;
    }
    return current.token;
  };
}

async function exchange(source: AccessTokenSource, post: Http["send"]): Promise<AccessToken> {
  const { tokenFile, baseUrl } = source;
  let assertion: string;
  try {
    assertion = readFileSync(tokenFile, "utf8").trim();
  } catch (cause) {
    throw refusal(`the identity token cannot be read: ${messageOf(cause)}`, cause);
  }
  addSecret(assertion);
  const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  const request = {
    method: "POST",
    url: `${baseUrl}/oidc/token`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  } as const;
  let body: Buffer;
  try {
    const signal = AbortSignal.timeout(EXCHANGE_TIMEOUT_MS);
    ({ body } = await sendWithRetry({ send: post }, request, EXCHANGE_RETRY, { signal }));
  } catch (cause) {
    const { status } = cause instanceof RequestError ? cause : { status: 0 };
    // A server may repeat in its refusal what it refuses.
    const reason = maskSecretValues(messageOf(cause));
    const what = `the server does not take the identity token of ${tokenFile}: ${reason}`;
    if (status >= 400 && status <= 499 && status !== 429) throw refusal(what, undefined);
    throw new RequestError(what, status);
  }
  const token = readToken(body);
  addSecret(token.token);
  keep(source, token);
  return token;
}

/** Sending the same again does not help. */
const refusal = (message: string, cause: unknown): TraceletError =>
  new TraceletError("invalid-option", `W&B: ${message}`, { backend: "wandb", cause });

function readToken(body: Buffer): AccessToken {
  let answer: { access_token?: unknown; expires_in?: unknown } = {};
  try {
    answer = JSON.parse(body.toString()) as typeof answer;
  } catch {
    // Told below, without repeating what may hold a token.
  }
  const { access_token: token, expires_in: seconds } = answer;
  if (typeof token !== "string" || token === "" || !Number.isFinite(Number(seconds ?? Number.NaN))) {
    throw new RequestError("the server's answer to the identity token holds no access token", 200);
  }
  return { token, expiresAt: Date.now() + Number(seconds) * 1000 };
}

interface TokenFile {
  credentials?: { [baseUrl: string]: { expires_at?: string; access_token?: string } };
}

function readTokenFile(path: string): TokenFile {
  try {
    const content = JSON.parse(readFileSync(path, "utf8")) as TokenFile | null;
    return typeof content === "object" && content !== null ? content : {};
  } catch {
    // Not there yet, or half written by somebody else: a new token is fetched.
    return {};
  }
}

function readCached({ cacheFile, baseUrl }: AccessTokenSource): AccessToken | undefined {
  const { expires_at: time, access_token: token } = readTokenFile(cacheFile).credentials?.[baseUrl] ?? {};
  if (typeof token !== "string" || typeof time !== "string") return undefined;
  addSecret(token);
  const expiresAt = Date.parse(`${time.replace(" ", "T")}Z`);
  return Number.isNaN(expiresAt) ? undefined : { token, expiresAt };
}

/** Keeps a token for other processes, beside those of other servers. A folder that cannot be written costs them that. */
function keep({ cacheFile, baseUrl }: AccessTokenSource, { token, expiresAt }: AccessToken): void {
  const content = readTokenFile(cacheFile);
  const time = new Date(expiresAt).toISOString().slice(0, "YYYY-MM-DDTHH:MM:SS".length).replace("T", " ");
  const credentials = { ...content.credentials, [baseUrl]: { expires_at: time, access_token: token } };
  try {
    mkdirSync(dirname(cacheFile), { recursive: true, mode: 0o700 });
    replaceFile(cacheFile, JSON.stringify({ ...content, credentials }, null, 2));
  } catch {
    // The token is good all the same.
  }
}
