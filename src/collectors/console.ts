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
  let capturing = true;
  let inside = false;
  const deliver: ConsoleSink = (stream, text) => {
    if (!capturing || inside || text === "") return;
    inside = true;
    try {
      sink(stream, text);
    } catch {
      // A script must not fail because its output is recorded.
    } finally {
      inside = false;
    }
  };
  const restores = [patch("stdout", deliver), patch("stderr", deliver)];
  return () => {
    for (const restore of restores) restore();
    capturing = false;
  };
}

function patch(name: "stdout" | "stderr", deliver: ConsoleSink): () => void {
  const stream = process[name];
  const own = Object.getOwnPropertyDescriptor(stream, "write");
  const original = stream.write;
  // A character may be spread over several binary writes.
  const decoder = new StringDecoder("utf8");

  const write = function (this: unknown, ...args: unknown[]): unknown {
    const result = Reflect.apply(original as (...args: unknown[]) => unknown, this, args);
    deliver(name, toText(args[0], args[1], decoder));
    return result;
  };
  stream.write = write as typeof stream.write;

  return () => {
    deliver(name, decoder.end());
    if (stream.write !== write) return;
    if (own === undefined) Reflect.deleteProperty(stream, "write");
    else Object.defineProperty(stream, "write", own);
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
