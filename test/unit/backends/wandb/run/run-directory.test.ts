import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRunDirectory, timespec, wandbFolder } from "#backends/wandb/run/run-directory.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "wandb-dir-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const startTime = new Date(2026, 0, 2, 3, 4, 5);
const create = (offline = true) => createRunDirectory({ root, runId: "abcd1234", startTime, offline });

describe("createRunDirectory", () => {
  it("has the official layout", () => {
    const found = create();
    expect(found).toEqual({
      wandbDir: join(root, "wandb"),
      syncDir: join(root, "wandb", "offline-run-20260102_030405-abcd1234"),
      filesDir: join(root, "wandb", "offline-run-20260102_030405-abcd1234", "files"),
      logsDir: join(root, "wandb", "offline-run-20260102_030405-abcd1234", "logs"),
      codeDir: join(root, "wandb", "offline-run-20260102_030405-abcd1234", "tmp", "code"),
      logFile: join(root, "wandb", "offline-run-20260102_030405-abcd1234", "run-abcd1234.wandb"),
    });
    for (const folder of [found.filesDir, found.logsDir, found.codeDir])
      expect(statSync(folder).isDirectory()).toBe(true);
    expect(existsSync(found.logFile)).toBe(false);
  });

  it("numbers folders of one name and points latest-run to the newest", () => {
    create();
    expect(create().syncDir).toMatch(/-abcd1234-1$/);
    expect(create().syncDir).toMatch(/-abcd1234-2$/);
    expect(readlinkSync(join(root, "wandb", "latest-run"))).toBe("offline-run-20260102_030405-abcd1234-2");
    expect(create(false).syncDir).toMatch(/wandb\/run-20260102_030405-abcd1234$/);
    expect(readlinkSync(join(root, "wandb", "latest-run"))).toBe("run-20260102_030405-abcd1234");
  });

  it("leaves latest-run alone without links", () => {
    create();
    createRunDirectory({ root, runId: "other", startTime, offline: true, symlink: false });
    expect(readlinkSync(join(root, "wandb", "latest-run"))).toBe("offline-run-20260102_030405-abcd1234");
  });

  it("uses .wandb where it exists or is asked for", () => {
    expect(wandbFolder(root, true)).toBe(join(root, ".wandb"));
    expect(wandbFolder(root)).toBe(join(root, ".wandb"));
    expect(wandbFolder(root, false)).toBe(join(root, "wandb"));
  });

  it("goes to the system's temporary folder when the root is a file", () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    const found = wandbFolder(file);
    expect(found.startsWith(tmpdir())).toBe(true);
    expect(found).not.toContain(root);
  });

  it("does not replace a folder that someone made at the link's place", () => {
    mkdirSync(join(root, "wandb", "latest-run"), { recursive: true });
    writeFileSync(join(root, "wandb", "latest-run", "keep"), "");
    expect(existsSync(create().filesDir)).toBe(true);
    expect(existsSync(join(root, "wandb", "latest-run", "keep"))).toBe(true);
  });
});

describe("timespec", () => {
  it("is local time to the second", () => {
    expect(timespec(new Date(2026, 10, 21, 23, 59, 59, 999))).toBe("20261121_235959");
  });
});
