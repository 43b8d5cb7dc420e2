import { execFile } from "node:child_process";

/** What git said. */
export interface GitAnswer {
  /** Absent when git is not there, said no or failed. */
  readonly output?: string;
  /** Why there is no output, where git did not simply say no. */
  readonly problem?: string;
}

export interface GitOptions {
  readonly timeoutMs: number;
  /** More output than this is a problem. Default 64 MiB. */
  readonly maxBytes?: number;
  /** `latin1` keeps one character a byte, for patches of files of any encoding. Default `utf8`. */
  readonly encoding?: "utf8" | "latin1";
}

/** Asks git something, without changing the repository, leaving a process behind or rejecting. */
export function runGit(cwd: string, args: readonly string[], options: GitOptions): Promise<GitAnswer> {
  const { timeoutMs, maxBytes = 64 << 20, encoding = "utf8" } = options;
  return new Promise((done) => {
    try {
      // A file system monitor would be a daemon that outlives us.
      execFile(
        "git",
        ["-c", "core.fsmonitor=false", ...args],
        {
          cwd,
          timeout: timeoutMs,
          maxBuffer: maxBytes,
          killSignal: "SIGKILL",
          windowsHide: true,
          encoding,
          // `git status` would otherwise refresh the index under a lock that the user's own git then meets.
          env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" },
        },
        (error, stdout) => {
          if (error === null) done({ output: stdout });
          else if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
            done({ problem: `it has more than ${maxBytes} bytes` });
          else if (error.killed === true) done({ problem: `git took more than ${timeoutMs} ms` });
          else done({});
        },
      );
    } catch {
      done({});
    }
  });
}
