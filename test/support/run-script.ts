import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What became of a script. */
export interface Ended {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines on stderr that are tracelet's, without its name. */
  readonly said: readonly string[];
  readonly durationMs: number;
}

export interface ScriptOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the working directory of the tests. */
  readonly cwd?: string;
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Called once for each whole line on stdout, with the running process: to send a signal at the right moment. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
  /** As `onLine`, of stderr. */
  readonly onErrorLine?: (line: string, child: ChildProcess) => void;
  /** Called once the process has started. */
  readonly onSpawn?: (child: ChildProcess) => void;
  /** Kills a script that hangs; its `signal` is then SIGKILL. Default 60 s, far beyond what any script here needs. */
  readonly timeoutMs?: number;
}

/**
 * Runs a JavaScript file in a Node process of its own and waits for its end. Scripts below the package's folder can
 * `import "tracelet"`.
 */
export function runScript(file: URL, options: ScriptOptions = {}): Promise<Ended> {
  const { args = [], env = {}, nodeArgs = [], onLine, onErrorLine, cwd, timeoutMs = 60_000 } = options;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArgs, fileURLToPath(file), ...args], {
      // vitest's own variables (NODE_OPTIONS, VITEST_...) are no part of what a user's script sees.
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TZ: process.env["TZ"], ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(cwd !== undefined && { cwd }),
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    let stdout = "";
    let stderr = "";
    let seen = 0;
    let seenErrors = 0;
    options.onSpawn?.(child);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      for (let end = stdout.indexOf("\n", seen); end >= 0; end = stdout.indexOf("\n", seen)) {
        const line = stdout.slice(seen, end);
        seen = end + 1;
        onLine?.(line, child);
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      for (let end = stderr.indexOf("\n", seenErrors); end >= 0; end = stderr.indexOf("\n", seenErrors)) {
        const line = stderr.slice(seenErrors, end);
        seenErrors = end + 1;
        onErrorLine?.(line, child);
      }
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      const said = stderr
        .split("\n")
        .filter((line) => line.startsWith("tracelet: "))
        .map((line) => line.slice("tracelet: ".length));
      resolve({ code, signal, stdout, stderr, said, durationMs: performance.now() - started });
    });
  });
}

/** A file of `test/faults/fixtures`. */
export const fixture = (name: string): URL => new URL(`../faults/fixtures/${name}`, import.meta.url);
