import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { changeSettingsFile } from "#backends/wandb/settings/settings-file.js";
import { settingsFromFiles } from "#backends/wandb/settings/sources.js";
import { tempDir } from "../../../../support/temp-dir.js";

const changed = (content: string | undefined, value: string | undefined): string | undefined => {
  const path = join(tempDir(), "below", "settings");
  if (content !== undefined) {
    changeSettingsFile(path, "made", "1");
    writeFileSync(path, content);
  }
  changeSettingsFile(path, "base_url", value);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
};

it("makes a file when there is something to keep", () => {
  expect(changed(undefined, "http://h:1")).toBe("[default]\nbase_url = http://h:1\n");
  expect(changed(undefined, undefined)).toBeUndefined();
});

it("replaces the value and leaves the rest of the file alone", () => {
  const file = "# mine\n[other]\nbase_url = kept\n[default]\nmode = offline\nBase_URL: http://old\n; end\n";
  expect(changed(file, "http://new")).toBe(
    "# mine\n[other]\nbase_url = kept\n[default]\nbase_url = http://new\nmode = offline\n; end\n",
  );
  expect(changed(file, undefined)).toBe(
    "# mine\n[other]\nbase_url = kept\n[default]\nmode = offline\n; end\n",
  );
  expect(changed("[other]\na = 1\n", "http://new")).toBe(
    "[default]\nbase_url = http://new\n\n[other]\na = 1\n",
  );
});

it("writes what is read again", () => {
  const folder = tempDir();
  changeSettingsFile(join(folder, "settings"), "base_url", "http://h/100%");
  const read = settingsFromFiles({ WANDB_CONFIG_DIR: folder }, folder, (message) => {
    throw new Error(message);
  });
  expect(read).toEqual({ baseUrl: "http://h/100%" });
});
