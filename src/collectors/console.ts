import { StringDecoder } from "node:string_decoder";

/** Takes what the script wrote, piece by piece as written. What it throws is swallowed, what it prints is not captured. */
export type ConsoleSink = (stream: "stdout" | "stderr", text: string) => void;

/**
 * Hands a copy of everything this thread writes to `process.stdout` and `process.stderr` (so `console.log` too) to
 * `sink`, after the original write, whose result and exceptions stay as they are. Text of child processes, of worker
 * threads that write by themselves and of `fs.writeSync(1, ...)` does not pass here.
 *
 * @returns Ends the capture. Where another program has patched `write` in the meantime, the patch stays in place and
 * only passes through.
 *
 * @example
 * ```ts
 * const stop = captureConsole((stream, text) => lines.push(`${stream}: ${text}`));
 * console.log("epoch 1");
 * stop();
 * ```
 */
export function captureConsole(sink: ConsoleSink): () => void {
  const releases = (["stdout", "stderr"] as const).map((name) => {
    let capture = captures.get(name);
    // Where another program writes over ours, it may or may not pass on: what begins now goes over it.
    if (capture?.isOutermost() !== true) {
      capture = patch(name);
      captures.set(name, capture);
    }
    return capture.add(sink);
  });
  return () => {
    for (const release of releases) release();
  };
}

/** One replaced `write` of a stream, however many runs take part: a patch for each would grow with every run. */
interface Capture {
  /** Whether the stream's `write` is ours, with no patch of another program over it. */
  isOutermost(): boolean;
  /** Returns a function that takes the sink out again, once. */
  add(sink: ConsoleSink): () => void;
}

const captures = new Map<"stdout" | "stderr", Capture>();
/** While a sink is at work: what it prints is not captured. */
let inside = false;

function patch(name: "stdout" | "stderr"): Capture {
  const stream = process[name];
  const own = Object.getOwnPropertyDescriptor(stream, "write");
  const original = stream.write;
  const sinks: { readonly sink: ConsoleSink }[] = [];
  // A character may be spread over several binary writes.
  const decoder = new StringDecoder("utf8");

  const deliver = (text: string): void => {
    if (inside || text === "") return;
    inside = true;
    for (const { sink } of [...sinks]) {
      try {
        sink(name, text);
      } catch {
        // A script must not fail because its output is recorded.
      }
    }
    inside = false;
  };
  const write = function (this: unknown, ...args: unknown[]): unknown {
    const result = Reflect.apply(original as (...args: unknown[]) => unknown, this, args);
    if (sinks.length > 0) deliver(toText(args[0], args[1], decoder));
    return result;
  };
  stream.write = write as typeof stream.write;

  const isOutermost = (): boolean => stream.write === write;
  return {
    isOutermost,
    add(sink) {
      const entry = { sink };
      sinks.push(entry);
      return () => {
        const at = sinks.indexOf(entry);
        if (at < 0) return;
        if (sinks.length === 1) deliver(decoder.end());
        sinks.splice(at, 1);
        if (sinks.length > 0 || !isOutermost()) return;
        if (own === undefined) Reflect.deleteProperty(stream, "write");
        else Object.defineProperty(stream, "write", own);
      };
    },
  };
}

function toText(chunk: unknown, encoding: unknown, decoder: StringDecoder): string {
  if (typeof chunk === "string") {
    const binary = encoding === "hex" || encoding === "base64" || encoding === "base64url";
    return binary ? decoder.write(Buffer.from(chunk, encoding)) : chunk;
  }
  if (!(chunk instanceof Uint8Array)) return "";
  return decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
}
