import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/**
 * Asks for a key on the terminal. What is typed or pasted is not shown, nor kept in any history.
 *
 * @returns undefined when the user gives up (Ctrl+C, Ctrl+D)
 */
export async function askKey(question: string): Promise<string | undefined> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  try {
    return await new Promise((resolve) => {
      terminal.question("", (answer) => resolve(answer.trim()));
      terminal.once("SIGINT", () => resolve(undefined));
      terminal.once("close", () => resolve(undefined));
    });
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
