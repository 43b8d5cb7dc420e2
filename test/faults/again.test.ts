import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixture, runScript } from "../support/run-script.js";

// The channel holds the process only while something is awaited. If it ever let go too early, Node would end a script
// whose top level awaits with code 13 and no output.

test("an awaited flush, ready or stopLogging always comes back, run after run", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tracelet-again-"));
  try {
    const all = await Promise.all(
      [
        ["400", "10"],
        ["6", "300000"],
      ].map((args, i) => runScript(fixture("again.mjs"), { args: [join(dir, String(i)), ...args] })),
    );
    expect(all).toMatchObject([
      { code: 0, signal: null, stdout: "done 400\n", stderr: "" },
      { code: 0, signal: null, stdout: "done 6\n", stderr: "" },
    ]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
