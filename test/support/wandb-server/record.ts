import type { IncomingHttpHeaders } from "node:http";
import type { JsonMap } from "./graphql/execute.js";

/** One request as it came in, kept for inspection. */
export interface RecordedRequest {
  /** Milliseconds since the server started. */
  readonly at: number;
  /** Which listener took it: the API, or the object store behind signed addresses. */
  readonly host: "api" | "storage";
  readonly method: string;
  /** Path without the query, still percent-encoded. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** GraphQL only: the operation's name, the text and the variables. */
  operation?: string | undefined;
  query?: string;
  variables?: JsonMap;
  /** Parsed JSON of other requests of the API; uploads keep only their size (see the stored file for the bytes). */
  body?: unknown;
  size?: number;
  /** Status of the answer; 0 when the connection was dropped, undefined while there is none. */
  status?: number;
  /** What the server found wrong with it. */
  error?: string;
}
