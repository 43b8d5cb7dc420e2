import { type ChildProcess, spawn } from "node:child_process";

/** What became of a program. */
export interface ProgramEnded {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Variables that a program runs with. */
export interface Environment {
  readonly [name: string]: string;
}

/** What is done with a program while it runs. */
export interface Watch {
  /** Called once for each whole line on stdout, with the running process: to send a signal at the right moment. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
  /** As `onLine`, of stderr. */
  readonly onErrorLine?: (line: string, child: ChildProcess) => void;
  /** Called once the process has started. */
  readonly onSpawn?: (child: ChildProcess) => void;
  /** Kills a program that hangs; its `signal` is then SIGKILL. Default: the test's own time. */
  readonly timeoutMs?: number;
}

/** Runs a program in a folder, without a terminal, and waits for its end. */
export function runProgram(
  program: string,
  args: readonly string[],
  folder: string,
  environment: Environment,
  { onLine, onErrorLine, onSpawn, timeoutMs }: Watch = {},
): Promise<ProgramEnded> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    onSpawn?.(child);
    const stdout = collect(child.stdout, (line) => onLine?.(line, child));
    const stderr = collect(child.stderr, (line) => onErrorLine?.(line, child));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout: stdout(), stderr: stderr() });
    });
  });
}

/** Collects a text and tells its whole lines as they come. */
function collect(stream: NodeJS.ReadableStream, onLine: (line: string) => void): () => string {
  let text = "";
  let seen = 0;
  stream.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    for (let end = text.indexOf("\n", seen); end >= 0; end = text.indexOf("\n", seen)) {
      const line = text.slice(seen, end);
      seen = end + 1;
      onLine(line);
    }
  });
  return () => text;
}
