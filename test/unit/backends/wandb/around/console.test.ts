import { describe, expect, it } from "vitest";
import { outputRecords, withoutOverpainted } from "#backends/wandb/around/console.js";
import { addSecret } from "#src/collectors/secrets.js";
import type { ConsoleEvent } from "#src/events/event.js";
import { officialRecords } from "./official-run.js";

const said = (stream: "stdout" | "stderr", text: string, wallTime = 1_767_323_045.25): ConsoleEvent => ({
  kind: "console",
  stream,
  text,
  wallTime,
});

/** What a terminal line shows, by the rules of the reference (protocol, section 8): `\r` returns, characters replace. */
function shown(text: string): string[] {
  return text.split("\n").map((line) => {
    const cells: string[] = [];
    let column = 0;
    for (const character of line) {
      if (character === "\r") column = 0;
      else cells[column++] = character;
    }
    return cells.join("");
  });
}

describe("outputRecords", () => {
  it("keeps streams, order, time and escape codes as the official client does", () => {
    const official = officialRecords("outputRaw");
    const events = official.map(({ outputType, line = "" }) =>
      said(outputType === "STDOUT" ? "stdout" : "stderr", line),
    );
    const records = outputRecords(events);
    expect(records.map(({ outputType }) => outputType)).toEqual(["STDOUT", "STDERR", "STDOUT"]);
    expect(records[0]).toEqual({
      outputType: "STDOUT",
      timestamp: { seconds: 1_767_323_045, nanos: 250_000_000 },
      line: "a\n",
    });
    const text = (lines: readonly { line?: string }[]) => lines.map(({ line = "" }) => line).join("");
    expect(shown(text(records))).toEqual(shown(text(official)));
    // As output.log of the official run has it.
    expect(shown(text(records))).toEqual(["a", "err", "progress 2", "\x1b[31mred\x1b[0m no newline at end"]);
  });

  it("masks a secret that was written in two pieces", () => {
    addSecret("89abcdef0123456789abcdef0123456789abcdef");
    const records = outputRecords([
      said("stdout", "key 89abcdef0123456789ab"),
      said("stdout", "cdef0123456789abcdef end\n"),
    ]);
    expect(records.map(({ line }) => line)).toEqual(["key *** end\n"]);
  });

  it("gives nothing for nothing", () => {
    expect(outputRecords([])).toEqual([]);
    expect(outputRecords([said("stdout", "")])).toEqual([]);
  });
});

describe("withoutOverpainted", () => {
  it("keeps the last state of a progress bar", () => {
    const bar = Array.from({ length: 1000 }, (_, index) => `\r${String(index).padStart(4)}/1000`).join("");
    expect(withoutOverpainted(`${bar}\ndone\n`)).toBe("\r 999/1000\ndone\n");
  });

  it.each([
    ["no return", "no return"],
    ["windows\r\nlines\r\n", "windows\r\nlines\r\n"],
    ["\rlong\rab", "\rlong\rab"],
    ["\ra\r\x1b[Ab\rc", "\ra\r\x1b[Ab\rc"],
    ["start\rab\rcd\r", "start\rcd\r"],
  ])("%j becomes %j", (text, kept) => expect(withoutOverpainted(text)).toBe(kept));

  it("shows the same as before, whatever is written", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 2000; round++) {
      const before = Array.from({ length: random(6) }, () => "abc😀\r\n"[random(7)] ?? "").join("");
      const text = Array.from(
        { length: random(30) },
        () => ["a", "b", "😀", "\r", "\r", "\n"][random(6)],
      ).join("");
      const after = "x";
      expect(shown(before + withoutOverpainted(text) + after), JSON.stringify(text)).toEqual(
        shown(before + text + after),
      );
    }
  });
});
