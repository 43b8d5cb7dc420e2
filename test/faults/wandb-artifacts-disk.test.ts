import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { downloadArtifact } from "#backends/wandb/artifacts/download/download-artifact.js";
import { createConnection } from "#backends/wandb/server/connection.js";
import { createHttp } from "#backends/wandb/server/http.js";
import { tempDir } from "../support/temp-dir.js";
import { startWandbServer } from "../support/wandb-server/server.js";
import { storeArtifact } from "../support/wandb-server/stored-artifact.js";

const MIB = 1 << 20;

/** A download of a file to or over a disk of 4 MiB; undefined where none can be mounted. */
async function smallDisk(bytes: number) {
  const folder = tempDir();
  const disk = join(folder, "disk");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], { stdio: "pipe" });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", [disk]));
  const server = await startWandbServer();
  const http = createHttp({
    baseUrl: server.url,
    authorization: async () => `Basic ${Buffer.from(`api:${server.apiKey}`).toString("base64")}`,
  });
  onTestFinished(async () => {
    await http.close();
    await server.close();
  });
  const content = randomBytes(bytes);
  const { id } = storeArtifact(server.store, "ds", { "big.bin": content });
  const connection = createConnection(http);
  return {
    folder,
    disk,
    content,
    download: (root: string, cache: string) =>
      downloadArtifact(connection, { artifact: { id }, root, environment: { WANDB_CACHE_DIR: cache } }),
    fetched: () => server.requests.filter(({ path }) => path.endsWith("big.bin")).length,
  };
}

const NO_DISK = "needs a small disk, and mounting a tmpfs failed";

test("a full disk of the cache does not keep a download from its folder", async ({ skip }) => {
  const place = (await smallDisk(6 * MIB)) ?? skip(NO_DISK);
  const root = join(place.folder, "root");
  await place.download(root, join(place.disk, "cache"));
  expect(readFileSync(join(root, "big.bin")).equals(place.content)).toBe(true);
  expect(readdirSync(join(place.disk, "cache", "artifacts", "tmp"))).toEqual([]);
});

test("a cache that cannot be written to does not keep a download from its folder", async ({ skip }) => {
  const place = (await smallDisk(2 * MIB)) ?? skip(NO_DISK);
  mkdirSync(join(place.disk, "cache", "artifacts", "tmp"), { recursive: true });
  execFileSync("mount", ["-o", "remount,ro", place.disk]);
  const root = join(place.folder, "root");
  await place.download(root, join(place.disk, "cache"));
  expect(readFileSync(join(root, "big.bin")).equals(place.content)).toBe(true);
});

test("where there is room for one file and not for two, it is in the folder", async ({ skip }) => {
  const place = (await smallDisk(3 * MIB)) ?? skip(NO_DISK);
  const root = join(place.disk, "root");
  await place.download(root, join(place.disk, "cache"));
  expect(readFileSync(join(root, "big.bin")).equals(place.content)).toBe(true);
  expect(readdirSync(root)).toEqual(["big.bin"]);
});

test("what a full disk of the folder has no room for is in the cache for the next time", async ({ skip }) => {
  const place = (await smallDisk(6 * MIB)) ?? skip(NO_DISK);
  const cache = join(place.folder, "cache");
  const root = join(place.disk, "root");
  await expect(place.download(root, cache)).rejects.toMatchObject({
    code: "backend-failed",
    message: /big\.bin.*ENOSPC/,
  });
  expect(readdirSync(root)).toEqual([]);
  expect(readdirSync(join(cache, "artifacts", "tmp"))).toEqual([]);
  rmSync(root, { recursive: true });
  const other = join(place.folder, "root");
  await place.download(other, cache);
  expect(readFileSync(join(other, "big.bin")).equals(place.content)).toBe(true);
  expect(place.fetched()).toBe(1);
});
