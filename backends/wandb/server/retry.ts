import { setTimeout } from "node:timers/promises";
import { maskSecretValues } from "../../../src/collectors/secrets.js";
import { messageOf } from "../../../src/errors.js";
import type { Http, HttpAnswer, HttpRequest } from "./http.js";

/** How often and when a request is sent again. Numbers of the official client (`core/internal/clients/backoff.go`). */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number;
  readonly minWaitMs: number;
  readonly maxWaitMs: number;
  /** For one attempt; undefined: none. */
  readonly timeoutMs?: number | undefined;
  /** Whether an answer with this status may become a better one. */
  readonly repeats: (status: number) => boolean;
  /** How often a request is sent again that was refused all the same, see {@link persistent}; default never. */
  readonly refusals?: number | undefined;
}

const FINAL = new Set([400, 401, 403, 404, 409, 410, 413, 422, 501]);
const unlessFinal = (status: number): boolean => !FINAL.has(status);

export const GRAPHQL_RETRY: RetryPolicy = {
  retries: 20,
  minWaitMs: 2_000,
  maxWaitMs: 60_000,
  timeoutMs: 30_000,
  repeats: unlessFinal,
};
/** A run's upsert may meet another one of the same run. */
export const UPSERT_RETRY: RetryPolicy = {
  ...GRAPHQL_RETRY,
  repeats: (status) => status === 409 || unlessFinal(status),
};
/** A week. */
export const FILE_STREAM_RETRY: RetryPolicy = { ...GRAPHQL_RETRY, retries: 10_085, timeoutMs: 180_000 };
/** Of uploads and downloads. */
export const TRANSFER_RETRY: RetryPolicy = {
  retries: 20,
  minWaitMs: 2_000,
  maxWaitMs: 60_000,
  repeats: (status) => status === 429 || (status >= 500 && status !== 501),
};

/**
 * A refusal that is about the request itself, which stays what it is: older servers say 400 for a field they do not know.
 * The others have passed before: a key that is being replaced, a proxy in front of the server, a gateway that restarts.
 */
const ABOUT_THE_REQUEST = new Set([400, 422, 501]);
const MOST_REFUSALS = 5;

/** What a user has set of retries; it counts. */
export interface RetryMaxima {
  readonly graphqlRetryMax?: number;
  readonly fileTransferRetryMax?: number;
}

export interface Policies {
  readonly graphql: RetryPolicy;
  readonly fileStream: RetryPolicy;
  readonly transfer: RetryPolicy;
}

/**
 * The policies of a run that is being written. It does not end because its server is away for an hour, nor because it was
 * refused once: everything is as patient as the file stream, and what is refused is sent again for about a minute. A
 * transfer that is refused gets a new address instead.
 */
export const persistent = (policies: Policies, set: RetryMaxima): Policies => {
  const { retries } = FILE_STREAM_RETRY;
  return {
    graphql: { ...policies.graphql, retries: set.graphqlRetryMax || retries, refusals: MOST_REFUSALS },
    fileStream: { ...policies.fileStream, refusals: MOST_REFUSALS },
    transfer: { ...policies.transfer, retries: set.fileTransferRetryMax || retries },
  };
};

/** A server may ask for a longer wait than our own, but not for one that never ends. */
const LONGEST_ASKED_WAIT_MS = 10 * 60_000;

/** A request that was given up. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  /** Status of the last answer; 0 when there was none. */
  readonly status: number;

  constructor(message: string, status: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

export interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told before each wait, with what went wrong; `failure` is what was thrown when there was no answer. */
  readonly onRetry?:
    | ((problem: string, status: number, waitMs: number, failure?: unknown) => void)
    | undefined;
  /** Once aborted, no wait is longer than a second: a run that ends does not sit one out. */
  readonly hurry?: AbortSignal | undefined;
  /** A status whose answer is the caller's to deal with: it is returned as it is. */
  readonly returned?: number | undefined;
  /** What is wrong with an answer of 2xx, if it is none: the page of a proxy. Then the request is sent again. */
  readonly check?: ((answer: HttpAnswer) => string | undefined) | undefined;
}

/** The longest wait of somebody in a hurry. */
const HURRIED_WAIT_MS = 1_000;

/**
 * Sends a request until the server has answered with 2xx, or with the status `returned`.
 *
 * @throws RequestError when the answer is final, or the retries are used up; what the signal was aborted with.
 */
export async function sendWithRetry(
  http: Pick<Http, "send">,
  request: HttpRequest,
  policy: RetryPolicy,
  options: RetryOptions = {},
): Promise<HttpAnswer> {
  const { signal, onRetry, hurry, check } = options;
  const { timeoutMs, refusals = 0 } = policy;
  let refused = 0;
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    let answer: HttpAnswer | undefined;
    let cause: unknown;
    let flaw: string | undefined;
    try {
      answer = await http.send({ timeoutMs, ...request, ...(signal === undefined ? {} : { signal }) });
      const good = answer.status >= 200 && answer.status <= 299;
      if (good) flaw = check?.(answer);
      if ((good && flaw === undefined) || answer.status === options.returned) return answer;
    } catch (error) {
      signal?.throwIfAborted();
      cause = error;
    }
    const status = answer?.status ?? 0;
    const problem =
      flaw ?? (answer === undefined ? networkProblem(cause) : `${status}: ${errorText(answer)}`);
    const isRefusal = flaw === undefined && answer !== undefined && !policy.repeats(status);
    if (isRefusal && !ABOUT_THE_REQUEST.has(status)) refused++;
    const final = isRefusal
      ? refused === 0 || refused > refusals
      : answer === undefined && isFinalFailure(cause);
    if (final || attempt >= policy.retries) throw new RequestError(problem, status, cause);
    const waitMs = askedWait(answer) ?? backoff(policy, attempt);
    onRetry?.(problem, status, waitMs, cause);
    await sleep(waitMs, signal, hurry);
  }
}

/**
 * Does something again that was refused, as often as the policy has `refusals`.
 *
 * @param mayPass whether what it failed with may be of a moment
 */
export async function insist<Value>(
  work: () => Promise<Value>,
  policy: RetryPolicy,
  { signal, hurry, onRetry }: RetryOptions,
  mayPass: (error: unknown) => boolean,
): Promise<Value> {
  for (let refusals = 0; ; refusals++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (refusals >= (policy.refusals ?? 0) || !mayPass(error)) throw error;
      const waitMs = backoff(policy, refusals);
      onRetry?.(messageOf(error), error instanceof RequestError ? error.status : 0, waitMs);
      await sleep(waitMs, signal, hurry);
    }
  }
}

/** A growing wait with some chance in it, so that many clients do not come back at once. */
export function backoff({ minWaitMs, maxWaitMs }: RetryPolicy, attempt: number): number {
  return Math.min(maxWaitMs, minWaitMs * 2 ** Math.min(attempt, 30) * (1 + Math.random() / 4));
}

/** What `Retry-After` asks for: seconds, or a date. */
function askedWait(answer: HttpAnswer | undefined): number | undefined {
  const text = answer?.headers["retry-after"];
  if (text === undefined || text === "") return undefined;
  const seconds = Number(text);
  const waitMs = Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * 1000;
  return Number.isNaN(waitMs) ? undefined : Math.max(0, Math.min(waitMs, LONGEST_ASKED_WAIT_MS));
}

const FINAL_CODES =
  /^(invalid-option|invalid-file|ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_INVALID_|UND_ERR_INVALID_ARG|ERR_OUT_OF_RANGE|UND_ERR_REQ_CONTENT_LENGTH|EISDIR)/;

/**
 * A certificate that does not fit, an address that is none and credentials that are refused stay so, and so does a file
 * that cannot be read, is shorter than was said or has another content.
 */
export function isFinalFailure(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return syscall === "open" || FINAL_CODES.test(String(code ?? ""));
}

function networkProblem(error: unknown): string {
  if ((error as Error | undefined)?.name === "TimeoutError") return "no answer in time";
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return message || code || String(error);
}

/**
 * The message in the body of a refusal, whichever of the shapes in use it has; at most 500 characters. A server may repeat
 * the key that it refuses.
 */
export function errorText({ status, body, headers }: HttpAnswer): string {
  const { location } = headers;
  // Requests of the API are not sent on: the key is for this address only.
  if (status >= 300 && status <= 399 && location !== undefined) {
    return `it leads to ${URL.canParse(location) ? new URL(location).origin : "another path"}; is that the server's address?`;
  }
  const text = body.subarray(0, 10_000).toString().trim();
  if (/html/.test(headers["content-type"] ?? "") || text.startsWith("<"))
    return "a web page instead of an answer";
  try {
    const { error, errors } = JSON.parse(text) as { error?: unknown; errors?: unknown };
    const messages = (Array.isArray(errors) ? errors : [error]).map((each) =>
      typeof each === "string" ? each : (each as { message?: unknown } | undefined)?.message,
    );
    const found = messages.filter((message) => typeof message === "string");
    if (found.length > 0) return maskSecretValues(found.join("; ")).slice(0, 500);
  } catch {
    // The text itself, then.
  }
  return text === "" ? "no reason given" : maskSecretValues(text).slice(0, 500);
}

/** Waits; the signal ends it with its reason, `hurry` shortens it. */
export async function sleep(ms: number, signal?: AbortSignal, hurry?: AbortSignal): Promise<void> {
  const signals = [signal, hurry?.aborted ? undefined : hurry].filter((each) => each !== undefined);
  try {
    await setTimeout(hurry?.aborted ? Math.min(ms, HURRIED_WAIT_MS) : ms, undefined, {
      signal: AbortSignal.any(signals),
    });
  } catch {
    signal?.throwIfAborted();
  }
}

/** The check of an endpoint that answers with JSON. */
export function isJson({ body }: HttpAnswer): string | undefined {
  try {
    JSON.parse(body.toString());
    return undefined;
  } catch {
    const page = body.subarray(0, 200).toString().trimStart().startsWith("<");
    const found = page ? "a web page" : "no JSON";
    return `the answer is ${found}; is this the address of a W&B server, and no proxy's page in between?`;
  }
}
