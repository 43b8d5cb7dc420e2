import { hideSecretHeaders } from "../settings/given-settings.js";
import type { SettingValues } from "../settings/setting-table.js";
import { appUrl, DEFAULT_BASE_URL, normaliseBaseUrl } from "./address.js";
import { type Connection, createConnection } from "./connection.js";
import { authorization, resolveCredentials } from "./credentials.js";
import { createHttp, type Http, type HttpRequest } from "./http.js";
import {
  FILE_STREAM_RETRY,
  GRAPHQL_RETRY,
  type Policies,
  type RetryPolicy,
  TRANSFER_RETRY,
} from "./retry.js";

/** A W&B server with the credentials and settings to use it. */
export interface Server {
  readonly baseUrl: string;
  /** Where its pages are. */
  readonly appUrl: string;
  /**
   * @param headers of every GraphQL request: those of shared mode, and who runs it
   * @param policy of GraphQL requests; default that of the settings
   */
  connect(headers?: { readonly [name: string]: string }, policy?: RetryPolicy): Connection;
  readonly policies: Policies;
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly values: SettingValues;
  /** A key given by the script; over those of the environment. */
  readonly apiKey?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  warn(message: string): void;
  /** Told of each request: the status of its answer, 0 when there was none, how long that took, and what was thrown. */
  onAnswer?(status: number, ms: number, request: HttpRequest, failure: unknown): void;
}

/** The address of the server that settings name. */
export const baseUrlOf = (values: SettingValues): string =>
  normaliseBaseUrl(values.baseUrl ?? DEFAULT_BASE_URL);

/**
 * The server that settings name.
 *
 * @returns undefined when there are no credentials for it
 * @throws TraceletError `invalid-option` for an address that is none, or a key that has not the form of one
 */
export function openServer({ values, apiKey, env, warn, onAnswer }: ServerOptions): Server | undefined {
  const baseUrl = baseUrlOf(values);
  // On this thread, too: they came from the script's.
  hideSecretHeaders(values.extraHttpHeaders ?? {});
  const { identityTokenFile, credentialsFile } = values;
  const credentials = resolveCredentials({ apiKey, identityTokenFile, credentialsFile }, baseUrl, env, warn);
  if (credentials === undefined) return undefined;
  const options = {
    baseUrl,
    headers: values.extraHttpHeaders ?? {},
    httpProxy: values.httpProxy,
    httpsProxy: values.httpsProxy,
    insecure: values.insecureDisableSsl,
  };
  // An identity token is exchanged by requests that carry no credentials themselves.
  const plain = createHttp({ ...options, authorization: async () => undefined });
  const own = createHttp({ ...options, authorization: authorization(credentials, { post: plain.send }) });
  const http = onAnswer === undefined ? own : observed(own, onAnswer);
  const policies = policiesOf(values);
  return {
    baseUrl,
    appUrl: appUrl(baseUrl, env["WANDB_APP_URL"]),
    connect: (headers = {}, policy = policies.graphql) =>
      createConnection(
        http,
        {
          "x-wandb-username": values.username ?? "",
          "x-wandb-user-email": values.email ?? "",
          ...headers,
        },
        policy,
      ),
    policies,
    async close() {
      await Promise.all([plain.close(), http.close()]);
    },
  };
}

function observed(http: Http, onAnswer: NonNullable<ServerOptions["onAnswer"]>): Http {
  return {
    ...http,
    async send(request) {
      const began = performance.now();
      const told = (status: number, failure?: unknown): void => {
        if (!request.signal?.aborted) onAnswer(status, performance.now() - began, request, failure);
      };
      try {
        const answer = await http.send(request);
        told(answer.status);
        return answer;
      } catch (error) {
        told(0, error);
        throw error;
      }
    },
  };
}

function policiesOf(values: SettingValues): Policies {
  const changed = (
    policy: RetryPolicy,
    retries: number | undefined,
    min: number | undefined,
    max: number | undefined,
    timeout: number | undefined,
  ): RetryPolicy => ({
    ...policy,
    retries: retries || policy.retries,
    minWaitMs: (min || 0) * 1000 || policy.minWaitMs,
    maxWaitMs: (max || 0) * 1000 || policy.maxWaitMs,
    timeoutMs: (timeout || 0) * 1000 || policy.timeoutMs,
  });
  return {
    graphql: changed(
      GRAPHQL_RETRY,
      values.graphqlRetryMax,
      values.graphqlRetryWaitMinSeconds,
      values.graphqlRetryWaitMaxSeconds,
      values.graphqlTimeoutSeconds,
    ),
    fileStream: changed(
      FILE_STREAM_RETRY,
      values.fileStreamRetryMax,
      values.fileStreamRetryWaitMinSeconds,
      values.fileStreamRetryWaitMaxSeconds,
      values.fileStreamTimeoutSeconds,
    ),
    transfer: changed(
      TRANSFER_RETRY,
      values.fileTransferRetryMax,
      values.fileTransferRetryWaitMinSeconds,
      values.fileTransferRetryWaitMaxSeconds,
      values.fileTransferTimeoutSeconds,
    ),
  };
}
