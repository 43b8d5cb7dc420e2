import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { captureConsole } from "#src/collectors/console.js";

// vitest replaces console.log and reads this process's stdout, so the streams' own write is replaced by a recorder.
function withRecorder(body: (written: unknown[][]) => void): void {
  const written: unknown[][] = [];
  const own = Object.getOwnPropertyDescriptor(process.stdout, "write");
  process.stdout.write = ((...args: unknown[]) => {
    if (typeof args[0] === "number") throw new TypeError("not text");
    written.push(args);
    return written.length % 2 === 1;
  }) as typeof process.stdout.write;
  try {
    body(written);
  } finally {
    if (own === undefined) Reflect.deleteProperty(process.stdout, "write");
    else Object.defineProperty(process.stdout, "write", own);
  }
}

describe("captureConsole", () => {
  test("the original comes first, gets every argument, and its result is returned", () =>
    withRecorder((written) => {
      const seen: unknown[] = [];
      const stop = captureConsole((stream, text) => seen.push([stream, text, written.length]));
      const callback = (): void => {};
      expect(process.stdout.write("a")).toBe(true);
      expect(process.stdout.write("b", callback)).toBe(false);
      expect(process.stdout.write("c", "utf8", callback)).toBe(true);
      stop();
      expect(written).toEqual([["a"], ["b", callback], ["c", "utf8", callback]]);
      expect(seen).toEqual([
        ["stdout", "a", 1],
        ["stdout", "b", 2],
        ["stdout", "c", 3],
      ]);
    }));

  test("bytes are text, also when a character is spread over writes; hex is decoded", () =>
    withRecorder(() => {
      const seen: string[] = [];
      const stop = captureConsole((_stream, text) => seen.push(text));
      const euro = Buffer.from("€");
      process.stdout.write(euro.subarray(0, 2));
      process.stdout.write(euro.subarray(2));
      process.stdout.write("e282ac", "hex");
      process.stdout.write(new Uint8Array([0x61]));
      stop();
      expect(seen.join("")).toBe("€€a");
    }));

  test("what the sink prints is not captured, what it throws is swallowed", () =>
    withRecorder((written) => {
      let calls = 0;
      const stop = captureConsole(() => {
        calls += 1;
        process.stdout.write("from the sink");
        throw new Error("sink");
      });
      process.stdout.write("a");
      process.stdout.write("b");
      stop();
      expect(calls).toBe(2);
      expect(written.map(([text]) => text)).toEqual(["a", "from the sink", "b", "from the sink"]);
    }));

  test("an exception of the original reaches the script and the sink hears nothing", () =>
    withRecorder(() => {
      const seen: string[] = [];
      const stop = captureConsole((_stream, text) => seen.push(text));
      expect(() => process.stdout.write(5 as unknown as string)).toThrow("not text");
      stop();
      expect(seen).toEqual([]);
    }));

  test("stop puts the original back", () =>
    withRecorder((written) => {
      const original = process.stdout.write;
      const seen: string[] = [];
      const stop = captureConsole((_stream, text) => seen.push(text));
      expect(process.stdout.write).not.toBe(original);
      stop();
      stop();
      expect(process.stdout.write).toBe(original);
      process.stdout.write("after");
      expect(seen).toEqual([]);
      expect(written).toEqual([["after"]]);
    }));

  test("a later patch of another program stays, and ours only passes through", () =>
    withRecorder((written) => {
      const seen: string[] = [];
      const stop = captureConsole((_stream, text) => seen.push(text));
      const ours = process.stdout.write;
      const theirs = ((text: string) =>
        ours.call(process.stdout, `<${text}>`)) as typeof process.stdout.write;
      process.stdout.write = theirs;
      process.stdout.write("a");
      stop();
      process.stdout.write("b");
      expect(process.stdout.write).toBe(theirs);
      expect(written).toEqual([["<a>"], ["<b>"]]);
      expect(seen).toEqual(["<a>"]);
    }));

  test("runs that begin before the one before has ended share one patch, and the last puts the original back", () =>
    withRecorder((written) => {
      const original = process.stdout.write;
      const heard = new Map<number, string>();
      const note = (run: number) => (_stream: string, text: string) =>
        void heard.set(run, (heard.get(run) ?? "") + text);
      let stop = captureConsole(note(0));
      const ours = process.stdout.write;
      for (let run = 1; run <= 20_000; run++) {
        const next = captureConsole(note(run));
        stop();
        stop = next;
      }
      expect(process.stdout.write).toBe(ours);
      process.stdout.write("a");
      const last = captureConsole(note(-1));
      process.stdout.write("b");
      stop();
      stop(); // a second time changes nothing
      process.stdout.write("c");
      last();
      expect(process.stdout.write).toBe(original);
      expect(written).toEqual([["a"], ["b"], ["c"]]);
      expect([...heard]).toEqual([
        [20_000, "ab"],
        [-1, "bc"],
      ]);
    }));

  test("what begins under another program's patch is captured above it", () =>
    withRecorder((written) => {
      const first: string[] = [];
      const second: string[] = [];
      const stopFirst = captureConsole((_stream, text) => first.push(text));
      const beneath = process.stdout.write;
      // A patch that passes nothing on.
      process.stdout.write = (() => true) as typeof process.stdout.write;
      const stopSecond = captureConsole((_stream, text) => second.push(text));
      process.stdout.write("a");
      stopSecond();
      process.stdout.write = beneath;
      process.stdout.write("b");
      stopFirst();
      expect([first, second, written]).toEqual([["b"], ["a"], [["b"]]]);
    }));

  test("console.log and console.error of a real process, with nothing changed for its reader", () => {
    const module = import.meta.resolve("#src/collectors/console.js");
    const script = `import { captureConsole } from ${JSON.stringify(module)};
      const seen = [];
      const own = Object.hasOwn(process.stdout, "write");
      const stop = captureConsole((stream, text) => seen.push([stream, text]));
      console.log("one %d", 1);
      console.error("two");
      stop();
      console.log(JSON.stringify(seen), own === Object.hasOwn(process.stdout, "write"));`;
    const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(out).toBe('one 1\n[["stdout","one 1\\n"],["stderr","two\\n"]] true\n');
  });
});
