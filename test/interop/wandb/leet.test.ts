import { dirname, join } from "node:path";
import * as wandb from "tracelet/wandb";
import { expect, onTestFinished, test } from "vitest";
import { pythonPath } from "../../support/python.js";
import { tempDir } from "../../support/temp-dir.js";
import { openTerminal, type Terminal } from "../../support/terminal.js";
import { logFile, runFolders } from "../../support/wandb-log.js";
import { withoutServer } from "./official-client.js";

// The official client's terminal viewer shows a run of ours. It has three columns: the overview, the charts of the
// metrics, and the system metrics; what is too long for its column ends in dots.

/** Opens runs in the official viewer. */
async function openLeet(dir: string, path: string): Promise<Terminal> {
  const command = join(dirname(await pythonPath()), "wandb");
  const environment = { ...withoutServer(dir), WANDB_ERROR_REPORTING: "false", TERM: "xterm-256color" };
  const terminal = await openTerminal([command, "leet", path], dir, environment);
  onTestFinished(() => terminal.close());
  return terminal;
}

/** The rows of the left column, such as `learning_rate  0.125` or `State: Finished`. */
function overview(screen: string): (readonly [name: string, value: string])[] {
  return screen.split("\n").flatMap((row) => {
    const found = /^ (\S+):? +(\S.*)$/.exec(row.split("│")[0]!.trimEnd());
    return found === null ? [] : [[found[1]!.replace(/:$/, ""), found[2]!] as const];
  });
}

/** The titles of the charts: the only texts that fill a chart's width from its left border. */
const charts = (screen: string): string[] =>
  [...screen.matchAll(/│([a-z][\w/.]*) *│(?=│| )/g)].map(([, title]) => title!);

async function makeRun(dir: string, end: (run: wandb.Run) => Promise<void> | void): Promise<void> {
  const run = await wandb.init({
    dir,
    id: "leet0001",
    name: "calm-lake",
    project: "terminal",
    tags: ["seen"],
    notes: "a note",
    config: { learning_rate: 0.125, model: { layers: 3 } },
    mode: "offline",
    settings: { console: "off", disableStats: true },
  });
  for (let row = 0; row < 20; row++) run.log({ "train/loss": 1 / (row + 1), accuracy: row / 20 });
  run.summary["best"] = 0.875;
  await end(run);
}

test("wandb leet opens a run's folder and shows overview, config, summary, metrics and state", async () => {
  const dir = tempDir();
  await makeRun(dir, (run) => run.finish());
  const terminal = await openLeet(dir, runFolders(dir)[0]!);
  const screen = await terminal.waitFor(
    (text) => /State: Finished/.test(text) && charts(text).length === 2 && /best +0\.875/.test(text),
  );
  expect(charts(screen)).toEqual(["accuracy", "train/loss"]);
  expect(screen).toContain("Metrics [1-2 of 2]");
  const shown = new Map(overview(screen));
  expect(Object.fromEntries(shown)).toMatchObject({
    State: "Finished",
    ID: "leet0001",
    Name: "calm-lake",
    Project: "terminal",
    Notes: "a note",
    learning_rate: "0.125",
    best: "0.875",
    _step: "19",
    accuracy: "0.95",
    "train/loss": "0.05",
  });
  expect(screen).toMatch(/Config \[2 items\]/);
  expect(screen).toMatch(/Tags: +seen/);
  expect(screen).not.toMatch(/error|corrupt|panic/i);
  // Lines are drawn in braille.
  expect(screen).toMatch(/[\u2801-\u28ff]{3}/);

  await terminal.press("q");
  await terminal.waitFor((text) => text.includes("ended with exit code 0"));
});

test("wandb leet opens the log of a failed run, and of one that is not finished", async () => {
  const failed = tempDir();
  await makeRun(failed, (run) => run.finish({ exitCode: 3 }));
  const terminal = await openLeet(failed, logFile(failed));
  await terminal.waitFor((text) => /State: Failed/.test(text) && charts(text).length === 2);

  const open = tempDir();
  await makeRun(open, async (run) => {
    await run.flush();
    const running = await openLeet(open, logFile(open));
    await running.waitFor((text) => /State: Running/.test(text) && charts(text).length === 2);
    // It follows the run to its end.
    run.log({ late: 1 });
    await run.finish();
    await running.waitFor((text) => /State: Finished/.test(text) && charts(text).includes("late"));
  });
});
