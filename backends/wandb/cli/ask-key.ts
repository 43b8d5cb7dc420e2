import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/**
 * Asks for a key on the terminal. What is typed or pasted is not shown, nor kept in any history.
 *
 * @param timeoutSeconds how long it waits; undefined: for ever
 * @returns undefined when the user gives up (Ctrl+C, Ctrl+D), or the time is over
 */
export async function askKey(question: string, timeoutSeconds?: number): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Before the question is shown, as from now on the terminal does not echo.
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  process.stderr.write(question);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve) => {
      terminal.question("", (answer) => resolve(answer.trim()));
      terminal.once("SIGINT", () => resolve(undefined));
      terminal.once("close", () => resolve(undefined));
      if (timeoutSeconds) timer = setTimeout(() => resolve(undefined), timeoutSeconds * 1000);
    });
  } finally {
    clearTimeout(timer);
    terminal.close();
    process.stderr.write("\n");
  }
}
