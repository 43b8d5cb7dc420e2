import { execFile, execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A program in a terminal of its own, that shows nothing to anybody. */
export interface Terminal {
  /** Presses a key, by tmux's name of it (`q`, `Enter`). */
  press(key: string): Promise<void>;
  /** The screen, once it fits; throws with the last one when it does not in time. */
  waitFor(fits: (screen: string) => boolean, timeoutMs?: number): Promise<string>;
  close(): Promise<void>;
}

let count = 0;

/**
 * Starts a program in a terminal of 160 x 48 characters: Debian's tmux, with a server (socket) of its own. When the
 * program ends, its exit code is on the screen.
 *
 * @throws Error when tmux is not installed, saying how to get it.
 */
export async function openTerminal(
  command: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<Terminal> {
  try {
    execFileSync("tmux", ["-V"]);
  } catch {
    throw new Error("this test needs tmux: apt-get install -y --no-install-recommends tmux");
  }
  const server = ["-L", `tracelet-${process.pid}-${++count}`, "-f", "/dev/null"];
  // TMUX would make it a client of the terminal the tests were started in.
  const { TMUX: _, TMUX_PANE: _pane, ...env } = environment;
  const tmux = async (...args: readonly string[]) => {
    const { stdout } = await run("tmux", [...server, ...args], { cwd: folder, env });
    return stdout;
  };
  // The shell goes on, because tmux may miss the last words and the exit code of a program that ends its window.
  const shell = ["sh", "-c", '"$@"; echo "ended with exit code $?"; exec cat', "sh"];
  await tmux("new-session", "-d", "-x", "160", "-y", "48", "--", ...shell, ...command);
  const screen = () => tmux("capture-pane", "-p");
  return {
    async press(key) {
      await tmux("send-keys", key);
    },
    async waitFor(fits, timeoutMs = 30_000) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const seen = await screen();
        if (fits(seen)) return seen;
        if (performance.now() > deadline) throw new Error(`not on the screen in ${timeoutMs} ms:\n${seen}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async close() {
      const socket = (await tmux("display-message", "-p", "#{socket_path}")).trim();
      await tmux("kill-server");
      await rm(socket, { force: true }); // tmux leaves it behind
    },
  };
}
