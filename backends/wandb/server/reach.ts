import type { HttpRequest } from "./http.js";

/** No connection was made, so that nothing can have been applied. */
const UNREACHED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_NODATA|ENETDOWN|ENETUNREACH|EHOSTDOWN|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/** Whether a request failed before there was a connection: nobody listens, there is no way, or no such name. */
export const isUnreached = (failure: unknown): boolean =>
  UNREACHED.test(String((failure as { readonly code?: unknown } | undefined)?.code ?? ""));

/** How long a server has been out of reach. */
export interface Reach {
  /** To be told how each request went: see `ServerOptions.onAnswer`. */
  observe(status: number, ms: number, request: Pick<HttpRequest, "url">, failure: unknown): void;
  /** Milliseconds since the first of the requests in a row that found no connection; 0 when the last one found one. */
  awayMs(): number;
}

/** Requests to other hosts, object stores, say nothing of the server itself. */
export function createReach(): Reach {
  let since: number | undefined;
  return {
    observe(status, ms, { url }, failure) {
      if (!url.startsWith("/")) return;
      if (status > 0 || !isUnreached(failure)) since = undefined;
      else since ??= performance.now() - ms;
    },
    awayMs: () => (since === undefined ? 0 : performance.now() - since),
  };
}
