import { describe, expect, it } from "vitest";
import { type ConsoleLinesOptions, createConsoleLines } from "#backends/wandb/sender/console-lines.js";

const TIME = { seconds: Date.UTC(2024, 0, 2, 3, 4, 5) / 1000, nanos: 678_901_999 };
const STAMP = "2024-01-02T03:04:05.678901";

/** Lines and the text of the file after some pieces, of stdout unless they begin with `!`. */
function shown(pieces: readonly string[], options?: ConsoleLinesOptions): { lines: string[]; file: string } {
  const console = createConsoleLines(options);
  const lines: string[] = [];
  let file = "";
  for (const piece of pieces) {
    const error = piece.startsWith("!");
    console.write({
      ...(error ? {} : { outputType: "STDOUT" as const }),
      timestamp: TIME,
      line: error ? piece.slice(1) : piece,
    });
    for (const { number, line } of console.takeChanges()) lines[number] = line;
    file += console.takeText();
  }
  return { lines: lines.map((line) => line.replace(`${STAMP} `, "")), file: file + console.takeText(true) };
}

// The rules are those of wandb-online-protocol.md, section 8 and appendix A.7, and of the official sync (test/interop/wandb).
describe("console lines", () => {
  it("have the forms of the reference", () => {
    const line = (pieces: string[], options: ConsoleLinesOptions = {}) => {
      const console = createConsoleLines(options);
      console.write({ ...(pieces[1] ? {} : { outputType: "STDOUT" }), timestamp: TIME, line: pieces[0]! });
      return console.takeChanges()[0]!.line;
    };
    expect(line(["hi"])).toBe(`${STAMP} hi`);
    expect(line(["bad", "error"], { label: "n0" })).toBe(`ERROR ${STAMP} [n0] bad`);
    expect(line(["hi"], { structured: true })).toBe(`{"ts":"${STAMP}","content":"hi"}`);
    expect(line(["bad", "error"], { structured: true, label: "n0" })).toBe(
      `{"level":"error","ts":"${STAMP}","label":"n0","content":"bad"}`,
    );
  });

  it("go on across pieces, each stream on its own lines", () => {
    expect(shown(["one ", "line\n", "out, ", "!err", "still out\n", "! more\n"]).lines).toEqual([
      "one line",
      "out, still out",
      "ERROR err more",
    ]);
  });

  it("appear when something is written on them or below", () => {
    expect(shown(["a\n\n\n"]).lines).toEqual(["a"]);
    expect(shown(["a\n\n\n", "b"]).lines).toEqual(["a", "", "", "b"]);
    expect(shown(["\n\n"]).file).toBe("");
  });

  it("are written over after a carriage return, and from the line above and below", () => {
    expect(shown(["100%\r 5%\n"]).lines).toEqual([" 5%%"]);
    expect(shown(["windows\r\nends\r\n"]).lines).toEqual(["windows", "ends"]);
    expect(shown(["one\ntwo\u001b[Ax\u001b[B\u001b[By"]).lines).toEqual(["onex", "two", "    y"]);
    expect(shown(["é中😀z\rab"]).lines).toEqual(["ab😀z"]);
  });

  it("keep every other escape sequence as text, also in pieces", () => {
    const text = "\u001b[31mred\u001b[0m \u001b[2A \u001b]0;t\u0007 \u001bA";
    expect(shown([text]).lines).toEqual([text]);
    expect(shown([...text]).lines).toEqual([text]);
    expect(shown(["a\nb", "\u001b", "[", "A", "c"]).lines).toEqual(["ac", "b"]);
  });

  it("end at 4096 characters", () => {
    expect(shown(["é".repeat(5000), "x\ny"]).lines).toEqual(["é".repeat(4096), "y"]);
    expect(shown(["😀".repeat(5000)]).file).toBe(`${"😀".repeat(4096)}\n`);
  });

  it("can change while they are among the last 32", () => {
    const up = (count: number) => "\u001b[A".repeat(count);
    const many = Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\n");
    expect(shown([many, `${up(31)}\r!!!!`]).lines[8]).toBe("!!!! 8");
    // The screen ends there.
    expect(shown([many, `${up(60)}\r!!!!`]).lines.slice(6, 9)).toEqual(["line 6", "line 7", "!!!! 8"]);
    // The other stream's lines count, too.
    const others = `!${Array.from({ length: 32 }, (_, i) => `e${i}\n`).join("")}`;
    expect(shown(["first", others, "\rchanged"]).lines[0]).toBe("first");
    expect(shown(["first", others.replace("e0\n", ""), "\rchanged"]).lines[0]).toBe("changed");
  });

  it("show no blanks at their end until something follows", () => {
    expect(shown(["   spaces   \n"]).file).toBe("   spaces\n");
    expect(shown(["a  ", "b\n"]).file).toBe("a  b\n");
  });

  it("have the time of the record that began them", () => {
    const console = createConsoleLines();
    console.write({ outputType: "STDOUT", timestamp: { seconds: 0 }, line: "a" });
    console.write({ outputType: "STDOUT", timestamp: { seconds: 1, nanos: 5000 }, line: "b\nc" });
    expect(console.takeChanges().map(({ line }) => line)).toEqual([
      "1970-01-01T00:00:00.000000 ab",
      "1970-01-01T00:00:01.000005 c",
    ]);
  });

  it("tell only what changed since the last time", () => {
    const console = createConsoleLines();
    console.write({ outputType: "STDOUT", timestamp: TIME, line: "a\nb" });
    expect(console.takeChanges().map(({ number }) => number)).toEqual([0, 1]);
    console.write({ outputType: "STDOUT", timestamp: TIME, line: "\u001b[A!" });
    expect(console.takeChanges()).toEqual([{ number: 0, line: `${STAMP} a!` }]);
    console.write({ outputType: "STDOUT", timestamp: TIME, line: "\n" });
    expect(console.takeChanges()).toEqual([]);
  });

  it("of loggers are taken as they are", () => {
    const console = createConsoleLines();
    console.append("one\ntwo  \n", TIME);
    console.append("", TIME);
    console.append("\r\u001b[A", TIME);
    expect(console.takeChanges().map(({ line }) => line.slice(STAMP.length + 1))).toEqual([
      "one",
      "two  ",
      "",
      "\r\u001b[A",
    ]);
    expect(console.takeText(true)).toBe("one\ntwo  \n\n\r\u001b[A\n");
  });

  it("of loggers have the time of the call, since their records have none", () => {
    const console = createConsoleLines();
    const before = new Date().toISOString().slice(0, 23);
    console.append("now");
    const line = console.takeChanges()[0]!.line;
    expect(line.slice(0, 23) >= before && line.slice(0, 23) <= new Date().toISOString().slice(0, 23)).toBe(
      true,
    );
  });

  it("are given to the file once they can no longer change", () => {
    const console = createConsoleLines();
    const write = (line: string) => console.write({ outputType: "STDOUT", timestamp: TIME, line });
    for (let i = 0; i < 33; i++) write(`${i}\n`);
    expect(console.takeText()).toBe("0\n");
    expect(console.takeText()).toBe("");
    write("33\n");
    expect(console.takeText()).toBe("1\n");
    expect(console.takeText(true).split("\n")).toEqual([
      ...Array.from({ length: 32 }, (_, i) => `${i + 2}`),
      "",
    ]);
  });
});

it("a time that no calendar has, or none, does not end the sending", () => {
  const console = createConsoleLines();
  for (const timestamp of [{}, { nanos: 5_000 }, { seconds: 1e18 }, { seconds: Number.NaN }])
    console.write({ outputType: "STDOUT", timestamp, line: "x\n" });
  expect(console.takeChanges().map(({ line }) => line)).toEqual([
    "1970-01-01T00:00:00.000000 x",
    "1970-01-01T00:00:00.000005 x",
    "1970-01-01T00:00:00.000000 x",
    "1970-01-01T00:00:00.000000 x",
  ]);
});
