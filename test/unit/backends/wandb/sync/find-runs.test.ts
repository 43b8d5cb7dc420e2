import { closeSync, mkdirSync, openSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { RunRecord } from "#backends/wandb/records/record.js";
import { type Writer, writeWriterFile } from "#backends/wandb/run/writer-file.js";
import {
  type Cursor,
  cursorsBeside,
  NO_LINES,
  readCursor,
  readCursors,
  writeCursor,
} from "#backends/wandb/sender/cursor.js";
import { findLogFiles, lookAt, whyLeft } from "#backends/wandb/sync/find-runs.js";
import { groupRuns } from "#backends/wandb/sync/group-runs.js";
import { hasExit } from "#backends/wandb/sync/run-head.js";
import { TransactionLog } from "#backends/wandb/transaction-log/writer.js";
import { tempDir } from "../../../../support/temp-dir.js";

let root: string;
beforeEach(() => {
  root = tempDir();
});

const OLD = new Date(0);
const SOLE: Writer = { shared: false, id: "w".repeat(32), primary: true, endsRun: true };

interface LogOptions {
  readonly run?: RunRecord;
  /** Whether it has its run's end. */
  readonly ended?: boolean;
  /** Whether it has just been written; default long ago. */
  readonly fresh?: boolean;
}

/** A log of another client in a run folder of this name. */
function makeLog(folder: string, id: string, { run = {}, ended = true, fresh = false }: LogOptions = {}) {
  const path = join(root, "wandb", folder, `run-${id}.wandb`);
  mkdirSync(dirname(path), { recursive: true });
  const log = TransactionLog.create(path);
  log.append({ run: { runId: id, project: "p", entity: "e", ...run } });
  if (ended) log.append({ exit: { exitCode: 0, runtime: 1 } });
  log.close();
  if (!fresh) utimesSync(path, OLD, OLD);
  return path;
}

const named = (logFile: string) => ({ logFile, isNamed: true });
const inFolder = (logFile: string) => ({ logFile, isNamed: false });

describe("findLogFiles", () => {
  test("takes logs, run folders, folders of runs, and folders that have one", () => {
    const a = makeLog("offline-run-20260101_000000-aa", "aa");
    const b = makeLog("run-20260102_000000-bb", "bb");
    expect(findLogFiles([a]).logs).toEqual([named(a)]);
    expect(findLogFiles([dirname(b)]).logs).toEqual([named(b)]);
    expect(findLogFiles([join(root, "wandb")]).logs).toEqual([inFolder(a), inFolder(b)]);
    expect(findLogFiles([root]).logs).toEqual([inFolder(a), inFolder(b)]);
  });

  test("takes a log once, by its own name, also when a link leads to it, and remembers that it was named", () => {
    const log = makeLog("offline-run-20260101_000000-aa", "aa");
    const link = join(root, "wandb", "latest-run");
    symlinkSync(basename(dirname(log)), link);
    expect(findLogFiles([join(root, "wandb")]).logs).toEqual([inFolder(log)]);
    expect(findLogFiles([link, join(root, "wandb"), log]).logs).toEqual([named(log)]);
    expect(findLogFiles([join(root, "wandb"), link]).logs).toEqual([named(log)]);
  });

  test("a log beside the run folders hides none of them", () => {
    const log = makeLog("offline-run-20260101_000000-aa", "aa");
    const stray = makeLog("", "zz");
    expect(findLogFiles([join(root, "wandb")]).logs).toEqual([named(stray), inFolder(log)]);
  });

  test("tells what is no run, and finds nothing in a folder without", () => {
    writeFileSync(join(root, "notes.txt"), "");
    mkdirSync(join(root, "wandb", "offline-run-20260101_000000-aa"), { recursive: true });
    symlinkSync("nowhere", join(root, "wandb", "latest-run"));
    const paths = [join(root, "nothing"), join(root, "notes.txt"), join(root, "wandb", "latest-run"), root];
    expect(findLogFiles(paths)).toEqual({ logs: [], missing: paths.slice(0, 3), unreadable: [] });
  });
});

describe("whyLeft", () => {
  test("leaves what has arrived, by the mark of both clients or by the cursor", () => {
    const marked = makeLog("offline-run-20260101_000000-aa", "aa");
    writeFileSync(`${marked}.synced`, "");
    const sent = makeLog("offline-run-20260101_000000-bb", "bb");
    const cursor = { baseUrl: "u", entity: "e", project: "p", runId: "bb", base: NO_LINES, sent: NO_LINES };
    const state = { ...cursor, alerts: 0, resumed: false };
    writeCursor(sent, { ...state, finished: true, bytes: statSync(sent).size });
    for (const log of [marked, sent]) {
      expect(whyLeft(named(log), false)).toBe("synced");
      expect(whyLeft(named(log), true)).toBeUndefined();
    }
    // A clock that was wrong changes nothing.
    utimesSync(sent, new Date(Date.now() + 86_400_000), new Date(Date.now() + 86_400_000));
    expect(whyLeft(named(sent), false)).toBe("synced");
    writeFileSync(`${sent}.synced`, "");
    for (const change of [{ finished: false }, { finished: true, bytes: statSync(sent).size - 1 }]) {
      writeCursor(sent, { ...state, ...change });
      expect(whyLeft(named(sent), false)).toBeUndefined();
    }
    // Its process was not dead after all.
    utimesSync(marked, new Date(Date.now() + 1_000), new Date(Date.now() + 1_000));
    expect(whyLeft(named(marked), false)).toBeUndefined();
  });

  test("a log that a process has open is still being written, however long ago it has grown", () => {
    const log = makeLog("offline-run-20260101_000000-aa", "aa", { ended: false });
    const file = openSync(log, "a");
    expect(whyLeft(named(log), false)).toBe("being-written");
    closeSync(file);
    expect(whyLeft(named(log), false)).toBeUndefined();
  });

  test("finds the end of a long log, whatever stands where a block begins", () => {
    const long = "x".repeat(100_000);
    for (const rows of [1, 7, 30]) {
      const log = makeLog(`offline-run-20260101_000000-${rows}`, "aa", { ended: false });
      const file = TransactionLog.reopen(log);
      for (let row = 0; row < rows; row++)
        file.append({ history: { item: [{ key: "a", valueJson: `"${long}"` }] } });
      file.flush();
      expect(hasExit(log)).toBe(false);
      file.append({ exit: { exitCode: 0, runtime: 1 } });
      file.append({ stats: {} });
      file.close();
      expect(hasExit(log)).toBe(true);
    }
  });

  test("leaves a run that may still be written: its process lives, or it has just been written", () => {
    const fresh = makeLog("offline-run-20260101_000000-aa", "aa", { ended: false, fresh: true });
    const old = makeLog("offline-run-20260101_000000-bb", "bb", { ended: false });
    expect(whyLeft(named(fresh), false)).toBe("being-written");
    expect(whyLeft(named(old), false)).toBeUndefined();
    const nextYear = new Date(Date.now() + 365 * 86_400_000);
    utimesSync(old, nextYear, nextYear);
    expect(whyLeft(named(old), false)).toBeUndefined();
    writeWriterFile(old, SOLE);
    expect(whyLeft(named(old), true)).toBe("being-written");
    // The process goes on with something else.
    const ended = makeLog("offline-run-20260101_000000-cc", "cc", { fresh: true });
    writeWriterFile(ended, SOLE);
    expect(whyLeft(named(ended), false)).toBeUndefined();
  });

  test("takes official online runs that crashed, and those that have ended only when they are named", () => {
    const crashed = makeLog("run-20260101_000000-aa", "aa", { ended: false });
    const ended = makeLog("run-20260101_000000-bb", "bb");
    expect(whyLeft(inFolder(crashed), false)).toBeUndefined();
    expect(whyLeft(inFolder(ended), false)).toBe("sent-online");
    expect(whyLeft(named(ended), false)).toBeUndefined();
    expect(whyLeft(inFolder(ended), true)).toBeUndefined();
    // Ours says itself whether it has arrived.
    writeWriterFile(ended, SOLE);
    expect(whyLeft(inFolder(ended), false)).toBeUndefined();
  });

  test("leaves a log to which nothing was written", () => {
    const path = join(root, "wandb", "offline-run-20260101_000000-aa", "run-aa.wandb");
    mkdirSync(dirname(path), { recursive: true });
    for (const content of ["", ":W&B"]) {
      writeFileSync(path, content);
      utimesSync(path, OLD, OLD);
      expect(whyLeft(named(path), false)).toBe("empty");
    }
  });
});

test("a log that is gone in the meantime is not left, and looking at it says what is wrong", () => {
  const log = join(root, "run-gone.wandb");
  expect(whyLeft(named(log), false)).toBeUndefined();
  expect(lookAt(named(log))).toMatchObject({ run: undefined, problem: expect.stringContaining("ENOENT") });
});

describe("cursors", () => {
  const cursor = (project: string, runId = "r", baseUrl = "u"): Cursor => ({
    ...{ baseUrl, entity: "e", project, runId, base: NO_LINES, sent: NO_LINES },
    ...{ alerts: 0, resumed: false, finished: false },
  });

  test("are kept for each destination, the last one first", () => {
    const log = join(root, "run-r.wandb");
    const all = [cursor("p"), cursor("q"), cursor("p", "s"), cursor("p", "r", "v"), cursor("p")];
    for (const each of all) writeCursor(log, each, cursorsBeside(readCursors(log), each));
    expect(readCursors(log)).toEqual([all[4], all[3], all[2], all[1]]);
    expect(readCursor(log)).toEqual(cursor("p"));
  });

  test("that cannot be read are none", () => {
    const log = join(root, "run-r.wandb");
    for (const text of ["", "{", "null", "[]", '"x"', '{"runId":"r"}', '{"others":7}']) {
      writeFileSync(`${log}.cursor`, text);
      expect([text, readCursors(log)]).toEqual([text, []]);
    }
  });
});

describe("lookAt", () => {
  test("tells the run, or why there is none", () => {
    const log = makeLog("offline-run-20260101_000000-aa", "aa");
    expect(lookAt(named(log))).toMatchObject({ run: { runId: "aa", project: "p" }, problem: undefined });
    writeFileSync(log, "something else");
    expect(lookAt(named(log))).toMatchObject({
      run: undefined,
      problem: "the file does not start as a .wandb file",
    });
  });
});

describe("groupRuns", () => {
  const shared = (endsRun: boolean): Writer => ({ ...SOLE, shared: true, primary: endsRun, endsRun });
  const found = (logFile: string, seconds: number, writer?: Writer, run: RunRecord = {}) => ({
    ...{ logFile, bytes: 1, writer, problem: undefined },
    run: { runId: "r", project: "p", entity: "e", startTime: { seconds }, ...run },
  });
  const order = (groups: readonly (readonly { readonly logFile: string }[])[]) =>
    groups.map((group) => group.map(({ logFile }) => logFile));

  test("puts the parts of a run one after the other, as they were begun", () => {
    const parts = [found("second", 20), found("other", 5, undefined, { runId: "s" }), found("first", 10)];
    expect(order(groupRuns(parts, {}, false))).toEqual([["first", "second"], ["other"]]);
    // Under one name they are one run.
    expect(order(groupRuns(parts, { runId: "r" }, false))).toEqual([["other", "first", "second"]]);
  });

  test("of the writers of a shared run, puts the one last that ends it; follows them side by side", () => {
    const writers = [
      found("primary", 1, shared(true)),
      found("b", 3, shared(false)),
      found("a", 2, shared(false)),
    ];
    expect(order(groupRuns(writers, {}, false))).toEqual([["a", "b", "primary"]]);
    expect(order(groupRuns(writers, {}, true))).toEqual([["primary"], ["b"], ["a"]]);
  });
});
