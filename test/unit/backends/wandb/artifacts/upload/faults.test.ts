import { readdirSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import type { ArtifactSaver } from "#backends/wandb/artifacts/upload/saver.js";
import type { ArtifactRecord } from "#backends/wandb/records/record.js";
import type { FaultAction, FaultMatch } from "../../../../../support/wandb-server/faults.js";
import { openPlace, type Place } from "./place.js";

const CONTENT = "x".repeat(400_000);
const MULTIPART = { threshold: 300_000, partSize: 200_000 };

interface Scene extends Omit<Place, "record"> {
  readonly record: ArtifactRecord;
  /** In a hurry: no wait between two attempts is longer than a second. */
  readonly hurried: ArtifactSaver;
}

async function openScene(): Promise<Scene> {
  const place = await openPlace();
  const artifact = place.artifact("ds");
  artifact.newFile("a.txt", "hello");
  artifact.newFile("big.bin", CONTENT);
  artifact.addReference("https://example.com/x.csv", { name: "ref.csv" });
  return {
    ...place,
    record: place.record(artifact, { useAfterCommit: true }),
    hurried: place.saver({ hurry: AbortSignal.abort(), multipart: MULTIPART }),
  };
}

async function expectOneWholeVersion(scene: Scene): Promise<void> {
  const versions = scene.versions("ds");
  expect(versions).toHaveLength(1);
  expect([...scene.server.store.artifacts.values()]).toEqual(versions);
  const [version] = versions;
  expect(Object.keys(version!.manifest!.contents).sort()).toEqual(["a.txt", "big.bin", "ref.csv"]);
  expect((await version!.files.get("a.txt")!.read()).toString()).toBe("hello");
  expect((await version!.files.get("big.bin")!.read()).toString()).toBe(CONTENT);
  expect([...version!.usedBy].map(({ name }) => name)).toEqual(["r1"]);
  expect(scene.server.faults).toEqual([]);
  expect(readdirSync(scene.staging)).toEqual([]);
}

const REQUESTS: readonly (readonly [string, FaultMatch])[] = [
  ["CreateArtifact", { operation: "CreateArtifact" }],
  ["CreateArtifactManifest", { operation: "CreateArtifactManifest" }],
  ["CreateArtifactFiles", { operation: "CreateArtifactFiles" }],
  ["the upload of a file", { method: "PUT", path: /a\.txt$/ }],
  ["the upload of a part", { method: "PUT", path: /part2$/ }],
  ["the completion of the parts", { operation: "CompleteMultipartUploadArtifact" }],
  ["the upload of the manifest", { method: "PUT", path: /manifest\.json$/ }],
  ["CommitArtifact", { operation: "CommitArtifact" }],
  ["UseArtifact", { operation: "UseArtifact" }],
];
const ACTIONS: readonly (readonly [string, FaultAction])[] = [
  ["a connection that breaks before", { kind: "drop", when: "before" }],
  ["status 503", { kind: "status", status: 503 }],
  ["status 500 though it took effect", { kind: "status", status: 500, applied: true }],
  ["a connection that breaks after", { kind: "drop", when: "after" }],
];

/** Does the same for each kind of request, each with a server of its own, and says which one it was that failed. */
const forEachRequest = (work: (scene: Scene, match: FaultMatch) => Promise<void>) =>
  Promise.all(
    REQUESTS.map(async ([name, match]) => {
      await work(await openScene(), match).catch((cause: unknown) => {
        throw new Error(`${name}: ${cause}`, { cause });
      });
    }),
  );

describe("each request of an upload", () => {
  it.each(ACTIONS)("survives %s", async (_, action) => {
    await forEachRequest(async (scene, match) => {
      scene.server.faults.push({ match, action });
      await scene.hurried.save(scene.record);
      await expectOneWholeVersion(scene);
      expect(scene.trouble).not.toEqual([]);
      expect(scene.trouble.filter((message) => !message.startsWith('artifact "ds": '))).toEqual([]);
    });
  });

  it("may hang: it is given up with the signal, and saved again it is the same version", async () => {
    await forEachRequest(async (scene, match) => {
      scene.server.faults.push({ match, action: { kind: "hang" } });
      const stop = new AbortController();
      const stopped = scene.saver({ signal: stop.signal, multipart: MULTIPART }).save(scene.record);
      stopped.catch(() => {});
      while (scene.server.faults.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      stop.abort(new Error("the deadline"));
      await expect(stopped).rejects.toThrow("the deadline");
      await scene.hurried.save(scene.record);
      await expectOneWholeVersion(scene);
    });
  });
});

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});

describe("addresses", () => {
  it.each([
    ["of a file", /a\.txt$/],
    ["of a part", /part1$/],
    ["of the manifest", /manifest\.json$/],
  ])("that have expired are asked for again: %s", async (_, path) => {
    scene.server.faults.push({ match: { method: "PUT", path }, action: { kind: "status", status: 403 } });
    await scene.hurried.save(scene.record);
    await expectOneWholeVersion(scene);
  });

  it("that are refused again and again end the save, which can be repeated", async () => {
    const fault = {
      match: { method: "PUT", path: /a\.txt$/ },
      times: 3,
      action: { kind: "status", status: 403 } as const,
    };
    scene.server.faults.push(fault);
    await expect(scene.hurried.save(scene.record)).rejects.toMatchObject({
      code: "backend-failed",
      message: 'Artifact "ds": 403: injected 403',
    });
    expect(readdirSync(scene.staging)).not.toEqual([]);
    await scene.hurried.save(scene.record);
    await expectOneWholeVersion(scene);
  });

  it("fewer than the files asked for are an error", async () => {
    const body = JSON.stringify({ data: { createArtifactFiles: { files: { edges: [] } } } });
    scene.server.faults.push({
      match: { operation: "CreateArtifactFiles" },
      action: { kind: "status", status: 200, body },
    });
    await expect(scene.hurried.save(scene.record)).rejects.toThrow(
      "the server named 0 addresses for 2 files",
    );
    await scene.hurried.save(scene.record);
    await expectOneWholeVersion(scene);
  });
});

it("a refusal ends the save at once, with the server's reason", async () => {
  const body = JSON.stringify({ errors: [{ message: "permission denied" }] });
  scene.server.faults.push({
    match: { operation: "CreateArtifact" },
    action: { kind: "status", status: 403, body },
  });
  await expect(scene.hurried.save(scene.record)).rejects.toThrow(
    'Artifact "ds": CreateArtifact: 403: permission denied',
  );
  expect(scene.requests()).toEqual(["CreateArtifact"]);
});

it("a page of a proxy instead of an answer is asked again", async () => {
  scene.server.faults.push({ match: { operation: "CommitArtifact" }, action: { kind: "html" } });
  await scene.hurried.save(scene.record);
  await expectOneWholeVersion(scene);
});
