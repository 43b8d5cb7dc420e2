import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { environmentRecord, gitRecord, platformName } from "#backends/wandb/around/environment-record.js";
import { requirementLines, writeRequirements } from "#backends/wandb/around/requirements.js";
import { findScript } from "#backends/wandb/around/script-path.js";
import { decodeRecord, type EnvironmentRecord, encodeRecord } from "#backends/wandb/records/record.js";
import { collectEnvironment } from "#src/collectors/environment.js";
import { collectGit } from "#src/collectors/git.js";
import { tempDir } from "../../../../support/temp-dir.js";
import { officialRecords, officialRepository } from "./official-run.js";

/** The two records of the official client, as its sync merges them. */
const official: EnvironmentRecord = Object.assign({}, ...officialRecords("environment"));
const context = { startTime: 1_767_323_045.605139, writerId: "w".repeat(32) };

describe("environmentRecord", () => {
  it("says of the same script in the same place what the official client says", async () => {
    const { root, cwd } = officialRepository();
    const argv = [process.execPath, join(cwd, "train.py"), "--lr", "0.1"];
    const environment = await collectEnvironment({ cwd, argv, execArgv: [] });
    const state = await collectGit(cwd, { timeoutMs: 8_000 });
    const record = environmentRecord({ ...environment, git: { ...state! } }, context);
    for (const field of ["args", "codePath", "codePathLocal"] as const) {
      expect(record[field], field).toEqual(official[field]);
    }
    expect(record.program).toBe(official.program!.replace("/tmp/around", root));
    expect(record.root).toBe(official.root!.replace("/tmp/around", root));
    expect(record.git?.commit).toBe(state!.commit);
    expect(record.python).toBe(`Node.js ${process.versions.node}`);
    expect(record.startedAt).toEqual({ seconds: 1_767_323_045, nanos: 605_139_000 });
    expect(record.writerId).toBe(context.writerId);
    expect(decodeRecord(encodeRecord({ num: 1, environment: record })).environment).toEqual(record);
  });

  it("has every field of the official one of a plain machine", async () => {
    const { cwd } = officialRepository();
    const environment = await collectEnvironment({
      cwd,
      argv: ["node", join(cwd, "train.py")],
      execArgv: [],
    });
    const record = environmentRecord({ ...environment, git: { commit: "c", root: cwd } }, context);
    const missing = Object.keys(official).filter((field) => !(field in record));
    // A processor's name is not told by every virtual machine.
    expect(missing.filter((field) => field !== "cpu" && field !== "cpuCount")).toEqual([]);
  });

  it("names system and machine as Python does", () => {
    const os = (platform: string, arch: string) =>
      environmentRecord({ platform, arch, osRelease: "6.1.0" }, context).os;
    expect(os("linux", "x64")).toBe("Linux-6.1.0-x86_64");
    expect(os("linux", "arm64")).toBe("Linux-6.1.0-aarch64");
    expect(os("darwin", "arm64")).toBe("Darwin-6.1.0-arm64");
    expect(os("win32", "x64")).toBe("Windows-6.1.0-x86_64");
    expect(platformName("linux", "x64")).toBe(officialRecords("run")[0]!.telemetry!.platform);
  });

  it("lets settings replace what was found, and masks their secrets", () => {
    const found = {
      host: "found",
      arguments: ["--old"],
      git: { commit: "old", remote: "https://old.example" },
    };
    const record = environmentRecord(found, {
      ...context,
      settings: {
        host: "given",
        docker: "image:1",
        username: "me",
        email: "me@host.example",
        args: '["--lr", 0.1, "--api-key", "abcdefgh"]',
        gitCommit: "new",
        gitRemoteUrl: "https://me:hunter2x@host.example/r.git",
      },
    });
    expect(record).toMatchObject({
      host: "given",
      docker: "image:1",
      username: "me",
      email: "me@host.example",
      args: ["--lr", "0.1", "--api-key", "***"],
      git: { commit: "new", remoteUrl: "https://***@host.example/r.git" },
    });
    expect(environmentRecord(found, { ...context, settings: { args: "no list" } }).args).toEqual(["--old"]);
  });

  it("has no git outside a repository or when it is disabled", () => {
    expect(gitRecord({})).toBeUndefined();
    expect(gitRecord({ git: { commit: "c" } }, { disableGit: true })).toBeUndefined();
    expect(gitRecord({ git: { commit: "c" } }, { disableMachineInfo: true })).toBeUndefined();
    expect(gitRecord({ git: { commit: "c", remote: "r" } })).toEqual({ commit: "c", remoteUrl: "r" });
  });

  it("keeps SLURM's variables under their short names", () => {
    const variables = { SLURM_JOB_ID: "7", SLURM_PROCID: "0", RANK: "1" };
    expect(environmentRecord({ variables }, context).slurm).toEqual({ job_id: "7", procid: "0" });
  });

  it("gives a record whatever the event lacks", () => {
    expect(
      environmentRecord({ cpu: "odd", memory: null, git: 3, arguments: {} }, { ...context, diskPaths: [] }),
    ).toEqual({
      startedAt: { seconds: 1_767_323_045, nanos: 605_139_000 },
      args: [],
      writerId: context.writerId,
    });
  });
});

describe("requirements", () => {
  it("are lines name==version, uploaded as the official client's", () => {
    const dir = tempDir();
    const packages = { "@tensorflow/tfjs": "4.22.0", zod: "4.6.7", acorn: "8.0.0" };
    expect(writeRequirements(dir, { packages })).toEqual({
      files: [{ path: "requirements.txt", policy: "NOW", type: "WANDB" }],
    });
    expect(readFileSync(join(dir, "requirements.txt"), "utf8")).toBe(
      "@tensorflow/tfjs==4.22.0\nacorn==8.0.0\nzod==4.6.7\n",
    );
    expect(officialRecords("files")).toContainEqual({ files: [{ path: "requirements.txt", type: "WANDB" }] });
  });

  it("make no file when there are none", () => {
    expect(requirementLines({})).toEqual([]);
    expect(writeRequirements("/nowhere", {})).toBeUndefined();
  });
});

describe("findScript", () => {
  it("finds what Node would run", () => {
    const dir = tempDir();
    mkdirSync(join(dir, "app"));
    writeFileSync(join(dir, "train.js"), "");
    writeFileSync(join(dir, "app", "package.json"), '{"main":"main.js"}');
    writeFileSync(join(dir, "app", "main.js"), "");
    expect(findScript("train", dir)?.codePath).toBe("train.js");
    expect(findScript(join(dir, "app"), dir)?.codePath).toBe("app/main.js");
    expect(findScript(undefined, dir)).toBeUndefined();
    expect(findScript("gone.js", dir)).toBeUndefined();
  });

  it("gives no relative path to a script outside, and one through a linked folder", () => {
    const dir = tempDir();
    mkdirSync(join(dir, "real"));
    mkdirSync(join(dir, "other"));
    writeFileSync(join(dir, "real", "train.js"), "");
    symlinkSync(join(dir, "real"), join(dir, "link"));
    expect(findScript(join(dir, "real", "train.js"), join(dir, "other"))).toEqual({
      program: join(dir, "real", "train.js"),
    });
    expect(findScript(join(dir, "link", "train.js"), join(dir, "real"))?.codePath).toBe("train.js");
  });
});
