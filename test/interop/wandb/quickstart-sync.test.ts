import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PNG } from "pngjs";
import { expect, onTestFinished, test } from "vitest";
import { EventFileReader } from "#backends/tensorboard/event-reader.js";
import { pythonPath, runPython } from "../../support/python.js";
import { readScalars } from "../../support/run-files.js";
import { runProgram } from "../../support/run-program.js";
import { tempDir } from "../../support/temp-dir.js";
import { startWandbServer } from "../../support/wandb-server/server.js";
import type { RunSnapshot } from "../../support/wandb-server/snapshot.js";
import { clientEnvironment, syncOfficial, withoutServer } from "./official-client.js";

// The quick start with another string, uploaded by the official client. What the run must hold is what the run of the
// string `tensorboard` holds: the training is the same for the same seed.

const ROOT = new URL("../../..", import.meta.url).pathname;
const EPOCHS = 5;
const STEPS_AN_EPOCH = 46; // 1,442 pictures in batches of 32
const STEPS = EPOCHS * STEPS_AN_EPOCH;
const OFFICIAL = new URL("./official", import.meta.url).pathname;
const SCALARS = [
  ...["train/batch_loss", "train/learning_rate"],
  ...["train/loss", "train/accuracy", "test/loss", "test/accuracy"],
];

/** Runs the quick start in a folder where W&B knows no key, no server and no names, and returns that folder. */
async function quickstart(backend: string): Promise<string> {
  const dir = tempDir();
  const { WANDB_ENTITY: _entity, WANDB_PROJECT: _project, ...environment } = withoutServer(dir);
  const script = [join(ROOT, "node_modules/tsx/dist/cli.mjs"), join(ROOT, "examples/digits.ts")];
  const options = ["--backend", backend, "--epochs", String(EPOCHS)];
  const ended = await runProgram(process.execPath, [...script, ...options], dir, environment);
  expect(ended.code, ended.stderr).toBe(0);
  return dir;
}

/** Uploads the only W&B run of a folder, which must go without a complaint; what the server then holds. */
async function upload(dir: string, requirements: string): Promise<RunSnapshot> {
  const server = await startWandbServer();
  onTestFinished(() => server.close());
  const folders = readdirSync(join(dir, "wandb")).filter((name) => name.startsWith("offline-run-"));
  expect(folders).toHaveLength(1);
  const run = join(dir, "wandb", folders[0]!);
  const id = folders[0]!.split("-").at(-1)!;
  const sync = await syncOfficial(await pythonPath(requirements), [run], dir, clientEnvironment(server, dir));
  const output = sync.stdout + sync.stderr;
  expect(sync.code, output).toBe(0);
  expect(output.split("\n").filter((line) => /WARNING|ERROR/.test(line))).toEqual([]);
  expect(output).toContain("Finished syncing");
  expect(readdirSync(run)).toContain(`run-${id}.wandb.synced`);
  expect(server.requests.filter(({ status, error }) => status !== 200 || error !== undefined)).toEqual([]);
  return await server.snapshot("tester", "quickstart", id);
}

/** The media values of a run's rows, by key. */
function mediaValues(run: RunSnapshot): [key: string, value: { readonly [name: string]: unknown }][] {
  return run.history.flatMap((row) =>
    Object.entries(row).filter(
      (entry): entry is [string, { [name: string]: never }] =>
        typeof entry[1] === "object" && entry[1] !== null && "_type" in entry[1],
    ),
  );
}

const fingerprint = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** What a PNG file shows, whoever compressed it. */
function pictureOf(file: Uint8Array): { readonly size: readonly number[]; readonly pixels: string } {
  const { width, height, data } = PNG.sync.read(Buffer.from(file));
  return { size: [width, height], pixels: fingerprint(data) };
}

/** The pictures of one tag in TensorBoard's file. */
function tensorboardPictures(folder: string, tag: string): ReturnType<typeof pictureOf>[] {
  return [...new EventFileReader(folder)].flatMap(({ summary }) =>
    (summary?.value ?? [])
      .filter((value) => value.tag === tag)
      .map(({ image }) => pictureOf(image!.encodedImageString!)),
  );
}

test.for([
  ["wandb,tensorboard", "requirements.txt"],
  ["wandb", "requirements-wandb-0.30.txt"],
] as const)(
  "the quick start on %s is uploaded whole by the client of %s",
  async ([backend, requirements]) => {
    const [asked, dir] = await Promise.all([quickstart("tensorboard"), quickstart(backend)]);
    expect(readdirSync(dir).filter((name) => !name.startsWith("."))).toEqual(
      backend === "wandb" ? ["wandb"] : ["runs", "wandb"],
    );
    const other = join(asked, "runs/digits");
    const json = (name: string) => JSON.parse(readFileSync(join(other, name), "utf8"));
    const run = await upload(dir, requirements);

    expect(run).toMatchObject({
      displayName: "digits",
      tags: ["quickstart", "mlp"],
      state: "finished",
      exitCode: 0,
      holes: 0,
    });
    const { _wandb: _, ...config } = run.config;
    const params = Object.entries(json("params.json")).map(([key, value]) => [key, { value }]);
    expect(params.map(([key]) => key)).toEqual(expect.arrayContaining(["model", "learningRate", "seed"]));
    expect(config).toEqual(Object.fromEntries(params));

    // One row for each step, one for what came before the first, and one for each of the table and the model card after
    // the last: neither has a step W&B could still take.
    expect(run.history.map((row) => row["_step"])).toEqual(
      Array.from({ length: STEPS + 3 }, (_, step) => step),
    );
    for (const tag of SCALARS) {
      const rows = run.history.filter((row) => tag in row);
      expect(rows).toHaveLength(tag === "train/batch_loss" || tag === "train/learning_rate" ? STEPS : EPOCHS);
      // TensorBoard's scalars are of single precision.
      const values = rows.map((row) => ({ step: row["_step"], value: Math.fround(row[tag] as number) }));
      expect(values).toEqual([...readScalars(other, tag)]);
    }
    expect(run.history.filter((row) => "epoch" in row).map((row) => [row["_step"], row["epoch"]])).toEqual(
      [1, 2, 3, 4, 5].map((epoch) => [epoch * STEPS_AN_EPOCH, epoch]),
    );

    const { trainingSeconds: _seconds, ...results } = json("summary.json");
    expect(Object.keys(results)).toEqual(["test/accuracy", "test/loss"]);
    expect(run.summary).toMatchObject({
      ...results,
      trainingSeconds: expect.any(Number),
      epoch: EPOCHS,
      _step: STEPS + 2,
    });

    // Media: what a row names has arrived, byte for byte.
    const media = mediaValues(run);
    const counts: { [type: string]: number } = {};
    for (const [, { _type }] of media) counts[_type as string] = (counts[_type as string] ?? 0) + 1;
    expect(counts).toEqual({
      "images/separated": 1, // the examples
      histogram: EPOCHS * 2 * 4, // of weights, biases and their gradients, in both layers
      "image-file": 2 * 2, // after the first and the last epoch
      "table-file": 2 * 10 + 1 + 1, // PR curves, the embedding, the confusion table
      "html-file": 1, // the model card
    });
    for (const [key, { path, sha256, size }] of media)
      if (typeof path === "string") expect(run.files[path], key).toMatchObject({ sha256, size });
    const examples = media.find(([key]) => key === "digits/examples")![1]["filenames"] as string[];
    expect(examples).toHaveLength(64);
    expect(Object.keys(run.files)).toEqual(expect.arrayContaining(examples));
    for (const tag of ["test/confusion_matrix", "test/wrong_predictions"]) {
      const pictures = media.filter(([key]) => key === tag).map(([, { path }]) => run.files[path as string]!);
      expect(pictures).toHaveLength(2);
      expect(pictures.map(({ bytes }) => pictureOf(bytes))).toEqual(tensorboardPictures(other, tag));
    }
    const table = media.find(([key]) => key === "test/confusion")![1]["path"] as string;
    const { columns, data } = JSON.parse(run.files[table]!.bytes.toString());
    const rows = [columns, ...data].map((row: unknown[]) => row.join(","));
    expect(rows).toEqual(
      readFileSync(join(other, "tables/test%2fconfusion.csv"), "utf8").trim().split(/\r?\n/),
    );

    // Artifacts: all committed, the model with the bytes of the other run and the digest the official client gives them.
    expect(run.outputArtifacts.filter(({ state }) => state !== "COMMITTED")).toEqual([]);
    const model = run.outputArtifacts.filter(({ type }) => type === "model");
    const file = join(other, "artifacts/models/digits.safetensors");
    expect(model).toMatchObject([
      {
        name: "digits-model",
        version: 0,
        aliases: ["latest"],
        digest: await runPython(
          join(OFFICIAL, "artifact_digest.py"),
          { files: { [`models/${basename(file)}`]: file } },
          { requirements, env: withoutServer(dir) },
        ),
        metadata: JSON.parse(readFileSync(join(other, "artifacts.jsonl"), "utf8")).metadata,
      },
    ]);
    expect(model[0]!.files["models/digits.safetensors"]!.sha256).toBe(fingerprint(readFileSync(file)));
  },
);
