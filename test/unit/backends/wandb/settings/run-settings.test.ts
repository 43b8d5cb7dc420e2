import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkSettingValues } from "#backends/wandb/settings/given-settings.js";
import { resolveRunSettings } from "#backends/wandb/settings/run-settings.js";
import type { SettingValues } from "#backends/wandb/settings/setting-table.js";

let cwd: string;
let warnings: string[];
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "wandb-settings-"));
  warnings = [];
});
afterEach(() => rmSync(cwd, { recursive: true }));

const resolve = (given: SettingValues, env: NodeJS.ProcessEnv = {}) =>
  resolveRunSettings(
    given,
    { runId: "made4you" },
    { env: { WANDB_CONFIG_DIR: join(cwd, "user"), ...env }, cwd, warn: (message) => warnings.push(message) },
  );

function writeSettings(folder: string, text: string): void {
  mkdirSync(join(cwd, folder), { recursive: true });
  writeFileSync(join(cwd, folder, "settings"), text);
}

describe("settings of a run", () => {
  it("come from the argument, then the variables, then the local file, then the user's file", () => {
    writeSettings(
      "user",
      "[default]\nentity = of the user's file\nproject = of-the-user\nrun_group = users\n",
    );
    writeSettings(
      "wandb",
      "[default]\nproject = of-the-folder\nentity = of the local file\n[other]\nentity = no\n",
    );
    const found = resolve({ jobType: "argument" }, { WANDB_ENTITY: "variable", WANDB_JOB_TYPE: "variable" });
    expect(found).toMatchObject({
      jobType: "argument",
      entity: "variable",
      project: "of-the-folder",
      group: "users",
    });
  });

  it("read variables by their irregular names, private ones by both of theirs", () => {
    const found = resolve(
      {},
      {
        WANDB_RUN_GROUP: "g",
        WANDB_TAGS: " a, b ,,",
        WANDB_DIR: "/elsewhere",
        WANDB__LABEL: "worker-1",
        WANDB_X_PRIMARY: "no",
        WANDB_RESUME: "true",
        WANDB_MODE: "dryrun",
        WANDB_NOTES: "",
      },
    );
    expect(found).toMatchObject({
      group: "g",
      tags: ["a", "b"],
      dir: "/elsewhere",
      resume: "auto",
      mode: "offline",
      notes: undefined,
      values: { label: "worker-1", primary: false },
    });
  });

  it("refuse a variable with a value the setting does not take", () => {
    expect(() => resolve({}, { WANDB_MODE: "sometimes" })).toThrow(
      /WANDB_MODE is "sometimes" and must be one of online/,
    );
    expect(() => resolve({}, { WANDB_SAVE_CODE: "perhaps" })).toThrow(/WANDB_SAVE_CODE .* true or false/);
  });

  it("warn of a file's wrong value and keep the rest of the file", () => {
    writeSettings("wandb", "[default]\nsave_code = perhaps\nentity = 100%% team\n");
    expect(resolve({}).entity).toBe("100% team");
    expect(warnings).toEqual([expect.stringMatching(/save_code is "perhaps"/)]);
  });

  it("check ids, projects and tags from wherever they come", () => {
    expect(() => resolve({}, { WANDB_RUN_ID: "a/b" })).toThrow(/run id/);
    expect(() => resolve({}, { WANDB_PROJECT: "a#b" })).toThrow(/project name/);
    expect(() => resolve({ tags: ["x".repeat(65)] })).toThrow(/tag has 1 to 64/);
  });

  it("take the repository's name as the project, with the folder inside it", () => {
    expect(resolve({}).project).toBe("uncategorized");
    mkdirSync(join(cwd, ".git"));
    expect(resolve({}).project).toMatch(/^wandb-settings-/);
    cwd = join(cwd, "a", "b");
    mkdirSync(cwd, { recursive: true });
    expect(resolve({}).project).toMatch(/^wandb-settings-.*-a_b$/);
    cwd = join(cwd, "..", "..");
  });
});

describe("settings given by a script", () => {
  it("are refused when unknown or of the wrong kind", () => {
    expect(() => checkSettingValues({ consol: "off" })).toThrow(/"consol" is unknown; known: mode/);
    expect(() => checkSettingValues({ primary: "yes" })).toThrow(/"primary" must be true or false/);
    expect(checkSettingValues({ console: "off", primary: false })).toEqual({
      console: "off",
      primary: false,
    });
  });
});
