import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Case, Level } from "./cases/case.js";
import { CASES } from "./cases.js";
import { compareCase, type Folders, type Observations, observe, writeWithPython } from "./observe.js";

// A second, independent writer proves the judge from the other side: it finds tensorboardX equal to torch where the
// two are known to agree, and names the known differences where they are not (reference, section 6).

const LEVELS: readonly Level[] = ["events", "legacy", "plugins", "files"];

const AGREE = [
  ...[
    "scalar-values",
    "scalar-not-finite",
    "scalar-steps",
    "scalar-wall-times",
    "writer-empty",
    "writer-purge-step",
  ],
  ...["histogram-default-bins", "histogram-bins-auto", "histogram-bins-stone", "histogram-max-bins"],
  ...[
    "histogram-raw-extremes",
    "image-layouts",
    "images-grids",
    "boxes-labels",
    "figure-sizes",
    "video-batches",
  ],
  ...["text-hostile", "pr-curve-inputs", "pr-curve-raw-plain", "custom-scalars-layout", "embedding-metadata"],
];

// case: a part of a line that must be among the differences
const DIFFER: readonly (readonly [name: string, what: string, line: string])[] = [
  ["scalar-tags", "cleans tags", 'expected "with space", found "with_space"'],
  ["scalars-basic", "writes <main>/<key>", "/curves/sine: expected nothing"],
  ["image-types", "wraps floats out of range around", "encoded_image_string/pixels"],
  ["audio-samples", "rounds samples down after times 32768", "encoded_audio_string/sha256"],
  ["mesh-parts", "numbers the parts of a mesh", 'expected "points_VERTEX", found "points_1"'],
  ["mesh-config", "leaves out a mesh's components", "components: expected 2, found nothing"],
  ["hparams-default-run", "gives hparams records no step", "/step: expected 3, found nothing"],
];

const root = mkdtempSync(join(tmpdir(), "tracelet-tensorboardx-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folders = (side: string): Folders => ({ root: join(root, side), inputs: join(root, "inputs") });
const named = (name: string) => CASES.find((each) => each.name === name) as Case;

describe("tensorboardX", () => {
  let torch: Observations;
  let other: Observations;
  beforeAll(async () => {
    const cases = [...AGREE, ...DIFFER.map(([name]) => name)].map(named);
    await writeWithPython("torch", cases, folders("torch"));
    await writeWithPython("tensorboardX", cases, folders("other"));
    torch = await observe(cases, folders("torch"), LEVELS);
    other = await observe(cases, folders("other"), LEVELS);
  });

  test.each(AGREE)("agrees with torch in %s", (name) => {
    expect(compareCase(named(name), torch, other, LEVELS)).toEqual({});
  });
  test.each(DIFFER)("%s: %s", (name, _, line) => {
    const lines = Object.values(compareCase(named(name), torch, other, LEVELS)).flat();
    expect(lines.filter((found) => found.includes(line))).not.toEqual([]);
  });
});
