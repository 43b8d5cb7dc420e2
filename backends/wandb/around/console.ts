import { maskSecrets } from "../../../src/collectors/secrets.js";
import type { ConsoleEvent } from "../../../src/events/event.js";
import type { OutputRecord } from "../records/record.js";
import { timestampOf } from "../records/timestamp.js";

/**
 * What a script wrote, as records in the order of the calls. W&B keeps the raw text and interprets `\n`, `\r` and cursor
 * moves when it is read. Consecutive pieces of one stream become one record with the time of the first, so that a
 * secret written in two pieces is found, and states of a progress bar that were painted over completely are left out.
 */
export function outputRecords(events: readonly ConsoleEvent[]): OutputRecord[] {
  const joined: { stream: ConsoleEvent["stream"]; text: string; wallTime: number }[] = [];
  for (const { stream, text, wallTime } of events) {
    const last = joined.at(-1);
    if (last?.stream === stream) last.text += text;
    else joined.push({ stream, text, wallTime });
  }
  return joined
    .filter(({ text }) => text !== "")
    .map(({ stream, text, wallTime }) => ({
      outputType: stream === "stdout" ? "STDOUT" : "STDERR",
      timestamp: timestampOf(wallTime),
      line: maskSecrets(withoutOverpainted(text)),
    }));
}

/**
 * A text without what carriage returns made invisible: in `\r10%\r20%\r30%` only the last state is seen. The start of
 * the text stays, since it may continue a line, and so does a longer state before a shorter one, of which a rest shows.
 */
export function withoutOverpainted(text: string): string {
  if (!text.includes("\r")) return text;
  return text
    .split("\n")
    .map((line) => {
      const [start, ...states] = line.split("\r");
      if (states.length < 2 || line.includes("\u001b[A") || line.includes("\u001b[B")) return line;
      const kept: string[] = [];
      let width = 0;
      for (let index = states.length - 1; index >= 0; index--) {
        const state = states[index]!;
        const own = columns(state);
        if (own <= width) continue;
        kept.unshift(state);
        width = own;
      }
      // A return at the end leaves the cursor at the start for what comes next.
      const back = states.at(-1) === "" ? "\r" : "";
      return [start, ...kept].join("\r") + back;
    })
    .join("\n");
}

function columns(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
