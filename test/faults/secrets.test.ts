import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixture, runScript } from "../support/run-script.js";

const KEY = "Zq7-never/show+this_9f3a";
const FORMS = [KEY, encodeURIComponent(KEY), Buffer.from(KEY).toString("base64").replace(/=+$/, "")];

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (statSync(join(folder, name)).isFile()) yield join(folder, name);
  }
}

test("an API key from the environment, arguments, params or an error appears in no file and no line", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tracelet-secrets-"));
  try {
    const ended = await runScript(fixture("secrets.mjs"), {
      args: [dir, "--api-key", KEY, `--token=${KEY}`, `https://me:${KEY}@host/`],
      env: { SERVICE_API_KEY: KEY, WANDB_API_KEY: KEY, MLFLOW_TRACKING_PASSWORD: KEY },
    });
    expect(ended.code).toBe(1);
    const files = [...filesBelow(dir)];
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) {
      const bytes = readFileSync(file);
      for (const form of FORMS) expect(bytes.includes(form), `${form} in ${file}`).toBe(false);
    }
    // Something was said, and without the key.
    expect(ended.said.length).toBeGreaterThanOrEqual(5);
    for (const line of ended.said) for (const form of FORMS) expect(line).not.toContain(form);
    // What the script itself printed, and what it asked tracelet for.
    const [own, troubles, stats] = ended.stdout.trim().split("\n");
    expect(own).toBe(`using key ${KEY}`);
    expect(troubles).toContain("401 for");
    expect(troubles).not.toContain(KEY);
    expect(stats).toContain("401 for");
    expect(stats).not.toContain(KEY);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
