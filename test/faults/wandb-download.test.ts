import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";
import { startWandbServer } from "../support/wandb-server/server.js";
import { storeArtifact } from "../support/wandb-server/stored-artifact.js";

const DOWNLOAD = new URL("./fixtures/wandb-download.mjs", import.meta.url);
const MIB = 1 << 20;

test("a download that was killed goes on in the next process, and is whole only then", async () => {
  const server = await startWandbServer();
  const content = randomBytes(6 * MIB);
  storeArtifact(server.store, "ds", { "big.bin": content });
  server.faults.push({
    match: { host: "storage", path: /big\.bin$/ },
    action: {
      kind: "reply",
      reply(response) {
        response.writeHead(200, { "Content-Length": content.length });
        response.write(content.subarray(0, 4 * MIB));
      },
    },
  });
  const folder = tempDir();
  const root = join(folder, "root");
  const env = {
    WANDB_BASE_URL: server.url,
    WANDB_API_KEY: server.apiKey,
    WANDB_CACHE_DIR: join(folder, "cache"),
  };
  const killed = await runScript(DOWNLOAD, {
    args: [root],
    env,
    onLine: (_line, child) => child.kill("SIGKILL"),
  });
  expect(killed.stderr).toBe("");
  expect(killed).toMatchObject({ signal: "SIGKILL", stdout: "half\n" });
  expect(existsSync(join(root, "big.bin"))).toBe(false);

  const ended = await runScript(DOWNLOAD, { args: [root], env });
  await server.close();
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(join(root, "big.bin")).equals(content)).toBe(true);
  const ranges = server.requests.flatMap(({ headers }) => headers.range ?? []);
  expect(ranges.length).toBe(1);
  expect(Number(/^bytes=(\d+)-$/.exec(ranges[0]!)?.[1])).toBeGreaterThanOrEqual(MIB);
  expect(readdirSync(join(folder, "cache", "artifacts", "tmp"))).toEqual([]);
});
