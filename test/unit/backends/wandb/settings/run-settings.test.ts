import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkSettingValues } from "#backends/wandb/settings/given-settings.js";
import { resolveRunSettings } from "#backends/wandb/settings/run-settings.js";
import type { SettingValues } from "#backends/wandb/settings/setting-table.js";
import { maskSecrets } from "#src/collectors/secrets.js";

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
    expect(() => checkSettingValues({ consol: "off" })).toThrow(
      /unknown option "consol" \(did you mean "console"\?\)/,
    );
    expect(() => checkSettingValues({ primary: "yes" })).toThrow(/"primary" must be true or false/);
    expect(checkSettingValues({ console: "off", primary: false })).toEqual({
      console: "off",
      primary: false,
    });
  });
});

describe("settings of the connection", () => {
  it("have the variables of the official client", () => {
    const { values } = resolve(
      {},
      {
        WANDB_HTTP_TIMEOUT: "12",
        WANDB_FILE_PUSHER_TIMEOUT: "34",
        WANDB_X_GRAPHQL_RETRY_MAX: "1",
        WANDB__FILE_STREAM_TRANSMIT_INTERVAL: "2",
        WANDB_X_FILE_STREAM_NO_GZIP: "false",
        WANDB_X_FILE_TRANSFER_RETRY_WAIT_MIN_SECONDS: "3",
        WANDB_INIT_TIMEOUT: "4.5",
        WANDB_FINISH_TIMEOUT: "60",
        WANDB_HTTPS_PROXY: "http://proxy:3128",
        WANDB_INSECURE_DISABLE_SSL: "true",
        WANDB_CREDENTIALS_FILE: "/tokens.json",
        WANDB_X_EXTRA_HTTP_HEADERS: '{"X-Team": "vision"}',
      },
    );
    expect(values).toEqual({
      graphqlTimeoutSeconds: 12,
      fileTransferTimeoutSeconds: 34,
      graphqlRetryMax: 1,
      fileStreamTransmitInterval: 2,
      fileStreamNoGzip: false,
      fileTransferRetryWaitMinSeconds: 3,
      initTimeout: 4.5,
      finishTimeout: 60,
      httpsProxy: "http://proxy:3128",
      insecureDisableSsl: true,
      credentialsFile: "/tokens.json",
      extraHttpHeaders: { "X-Team": "vision" },
    });
  });

  it("have the official names in settings files", () => {
    writeSettings("user", '[default]\nx_graphql_retry_max = 7\nx_extra_http_headers = {"A": "b"}\n');
    expect(resolve({}).values).toEqual({ graphqlRetryMax: 7, extraHttpHeaders: { A: "b" } });
  });

  it("never hold a key, wherever one stands", () => {
    const secret = "5".repeat(40);
    writeSettings("user", `[default]\napi_key = ${secret}\n`);
    const found = resolve(checkSettingValues({ apiKey: secret }), { WANDB_API_KEY: secret });
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(maskSecrets(`it is ${secret}`)).toBe("it is ***");
  });

  it("refuse headers of another form without repeating them", () => {
    for (const value of ["hunter2-not-json", '["hunter2-list"]', '{"Proxy-Authorization": 1}']) {
      const failing = () => resolve({}, { WANDB_X_EXTRA_HTTP_HEADERS: value });
      expect(failing).toThrow(/WANDB_X_EXTRA_HTTP_HEADERS .* must be a JSON object of texts/);
      expect(failing).not.toThrow(/hunter2/);
    }
    expect(() => checkSettingValues({ extraHttpHeaders: { "Proxy-Authorization": ["hunter2"] } })).toThrow(
      /must be an object of texts by the names of headers, got another value/,
    );
  });

  it("mask the values of secret headers", () => {
    checkSettingValues({
      extraHttpHeaders: { "Proxy-Authorization": "opaque-value-of-a-proxy", "X-Team": "a-team-name" },
    });
    expect(maskSecrets("opaque-value-of-a-proxy of a-team-name")).toBe("*** of a-team-name");
  });
});
