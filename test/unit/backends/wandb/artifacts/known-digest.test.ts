import { createHash } from "node:crypto";
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { digestOfFile, knownDigest } from "#backends/wandb/artifacts/digests/digest.js";
import { tempDir } from "../../../../support/temp-dir.js";

it("the digest of a large file is known until something is done to the file, whatever its times say", async () => {
  const path = join(tempDir(), "f.bin");
  const content = Buffer.alloc(2_000_000, "abc");
  writeFileSync(path, content);
  const before = statSync(path);
  expect(knownDigest(path, before)).toBeUndefined();
  const digest = createHash("md5").update(content).digest("base64");
  expect(digestOfFile(path)).toBe(digest);
  expect(knownDigest(path, before)).toBe(digest);
  // The clock of a file system may have steps of some milliseconds.
  await new Promise((resolve) => setTimeout(resolve, 20));
  writeFileSync(path, Buffer.alloc(2_000_000, "xyz"));
  utimesSync(path, before.atimeMs / 1000, before.mtimeMs / 1000);
  expect(knownDigest(path, statSync(path))).toBeUndefined();
});

it("the digest of a small file is not kept", () => {
  const path = join(tempDir(), "f.bin");
  writeFileSync(path, "hello");
  expect(digestOfFile(path)).toBe("XUFAKrxLKna5cZ2REBfFkg==");
  expect(knownDigest(path, statSync(path))).toBeUndefined();
});
