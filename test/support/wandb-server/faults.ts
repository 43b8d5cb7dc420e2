import type { ServerResponse } from "node:http";
import type { RecordedRequest } from "./record.js";

/** Which requests a fault is for. Everything that is given must match; nothing given matches all. */
export interface FaultMatch {
  readonly method?: string;
  readonly path?: string | RegExp;
  /** GraphQL operation. */
  readonly operation?: string | RegExp;
  /** Which of the two listeners: the API, or the object store of signed addresses. */
  readonly host?: "api" | "storage";
  readonly where?: (request: RecordedRequest) => boolean;
}

/**
 * What goes wrong.
 * - `drop`: the connection is reset, before or after the request was applied
 * - `status`: this status (and headers such as `Retry-After`) instead of the answer; with `applied` the request took
 *   effect all the same
 * - `html`: a page of a proxy instead of JSON, status 200 unless said otherwise
 * - `delay`: the answer comes later
 * - `wait`: the answer comes once this is settled
 * - `hang`: no answer ever; the connection stays open until the server closes
 * - `half`: the answer breaks off in the middle
 * - `drip`: the answer comes byte by byte, this long apart
 * - `change`: the answer's JSON is another one
 * - `reply`: anything else; the request is not applied
 */
export type FaultAction =
  | { readonly kind: "drop"; readonly when: "before" | "after" }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: { readonly [name: string]: string };
      readonly body?: string;
      readonly applied?: boolean;
    }
  | { readonly kind: "html"; readonly status?: number }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "wait"; readonly until: Promise<unknown> }
  | { readonly kind: "hang" }
  | { readonly kind: "half" }
  | { readonly kind: "drip"; readonly ms: number }
  | { readonly kind: "change"; readonly change: (json: unknown) => unknown }
  | { readonly kind: "reply"; readonly reply: (response: ServerResponse) => void };

export interface Fault {
  readonly match: FaultMatch;
  /** How many matching requests it hits; 1 when absent, `Infinity` for all. */
  times?: number;
  /** How many matching requests pass before it hits. */
  skip?: number;
  readonly action: FaultAction;
}

const fits = (pattern: string | RegExp | undefined, text: string | undefined): boolean =>
  pattern === undefined ||
  (typeof pattern === "string" ? pattern === text : text !== undefined && pattern.test(text));

/** Takes the first fault that is for this request off the rules; its counters go down. */
export function takeFault(faults: Fault[], request: RecordedRequest): FaultAction | undefined {
  for (const [index, fault] of faults.entries()) {
    const { method, path, operation, host, where } = fault.match;
    if (method !== undefined && method !== request.method) continue;
    if (host !== undefined && host !== request.host) continue;
    if (!fits(path, request.path) || !fits(operation, request.operation)) continue;
    if (where !== undefined && !where(request)) continue;
    if (fault.skip !== undefined && fault.skip > 0) {
      fault.skip -= 1;
      continue;
    }
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times <= 0) faults.splice(index, 1);
    return fault.action;
  }
  return undefined;
}
