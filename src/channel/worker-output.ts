import { printBytes } from "../backend/print.js";

/**
 * What a backend prints in the worker goes straight to the process's stdout and stderr. Node's own way leads through
 * the script's thread: nothing appears while it computes, what is under way is lost at `process.exit`, and the script's
 * thread has to open both streams before it can start a worker, which takes longer than anything else in the first
 * `startLogging`.
 */
export function printDirectly(): void {
  redirect(process.stdout, 1);
  redirect(process.stderr, 2);
}

type Done = (error?: Error | null) => void;

function redirect(stream: NodeJS.WriteStream, fd: 1 | 2): void {
  stream.write = (chunk: string | Uint8Array, second?: BufferEncoding | Done, third?: Done) => {
    const [encoding, done] = typeof second === "function" ? ["utf8" as const, second] : [second, third];
    try {
      printBytes(fd, typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
      done?.();
    } catch (error) {
      done?.(error as Error);
    }
    return true;
  };
}
