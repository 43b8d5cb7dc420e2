import { expect, test } from "vitest";
import { fixture, runScript } from "../support/run-script.js";

// Backends given as objects run on the script's thread, which may never yield before the process ends.

test.each(["exit", "forget", "throw"])(
  "a backend object gets everything and is closed: %s",
  async (ending) => {
    const ended = await runScript(fixture("script-thread.mjs"), { args: [ending] });
    const told = ended.stdout.trim().split("\n");
    expect(told).toEqual([
      `open`,
      `10000 in order`,
      ending === "throw" ? "close failed 1" : "close finished 0",
    ]);
  },
);

test("what is logged after the end of the process has begun is counted, and said", async () => {
  const ended = await runScript(fixture("script-thread.mjs"), { args: ["late"] });
  expect(ended.stderr).toContain("tracelet: events logged after the end of the run are dropped");
  expect(ended.stdout).toContain('{"tracelet":{"logged after the end":1}}');
});
