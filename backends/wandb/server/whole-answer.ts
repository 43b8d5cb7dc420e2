import { setMaxListeners } from "node:events";
import type { Dispatcher } from "undici";
import type { HttpAnswer } from "./http.js";

/** Answers of the API are read up to this size; a server that sends more is not what it says it is. */
const MOST_ANSWER_BYTES = 256 << 20;

/** When a request is given up. */
export interface Limits {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly mostBytes?: number | undefined;
}

/**
 * Sends a request and gathers its whole answer. In place of undici's `request`: the stream that one makes of an answer,
 * and the signals a time limit would need, cost more than all the rest of a small upload.
 */
export function wholeAnswer(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { signal, timeoutMs, mostBytes = MOST_ANSWER_BYTES }: Limits,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let abort: ((reason: Error) => void) | undefined;
    let over: Error | undefined;
    let status = 0;
    let headers: HttpAnswer["headers"] = {};
    const chunks: Buffer[] = [];
    let size = 0;

    const giveUp = (reason: unknown) => {
      if (over !== undefined) return;
      over = reason instanceof Error ? reason : new Error(String(reason));
      abort?.(over);
      end();
      reject(reason);
    };
    const onAbort = () => giveUp(signal!.reason);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => giveUp(new DOMException("no answer in time", "TimeoutError")), timeoutMs);
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    if (signal !== undefined) {
      if (signal.aborted) return onAbort();
      // All transfers of a run listen to one signal.
      setMaxListeners(0, signal);
      signal.addEventListener("abort", onAbort);
    }

    dispatcher.dispatch(request, {
      onRequestStart(controller) {
        abort = (reason) => controller.abort(reason);
        if (over !== undefined) abort(over);
      },
      onResponseStart(_, statusCode, fields) {
        status = statusCode;
        headers = firstOf(fields);
      },
      onResponseData(_, chunk) {
        size += chunk.length;
        if (size <= mostBytes) chunks.push(chunk);
        else giveUp(new Error(`the answer is longer than ${mostBytes >> 20} MiB`));
      },
      onResponseEnd() {
        end();
        resolve({ status, headers, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
      },
      onResponseError(_, error) {
        giveUp(error);
      },
    });
  });
}

/** Of a repeated header the first. */
export function firstOf(headers: { readonly [name: string]: string | string[] | undefined }) {
  const first: { [name: string]: string | undefined } = {};
  for (const [name, value] of Object.entries(headers)) first[name] = Array.isArray(value) ? value[0] : value;
  return first;
}
