import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type WriterClass, writeWithOurs } from "./apply-calls.js";
import { CASES } from "./cases.js";

// The adapter itself: what it calls on a writer that only takes notes.

const inputs = mkdtempSync(join(tmpdir(), "tracelet-adapter-"));
mkdirSync(inputs, { recursive: true });
writeFileSync(join(inputs, "digits.onnx"), "onnx");
afterAll(() => rmSync(inputs, { recursive: true, force: true }));

type Note = [method: string, ...args: unknown[]];

/** A writer class that notes every call, and refuses all calls or none. */
function notesOf(notes: Note[], refuse: boolean): WriterClass {
  const writer = new Proxy(
    {},
    {
      get:
        (_, method: string) =>
        (...args: unknown[]) => {
          notes.push([method, ...args]);
          if (refuse && method !== "close")
            throw Object.assign(new Error("no"), { name: "TraceletError", code: "x" });
        },
    },
  );
  return function Writer(folder: string, options: unknown) {
    notes.push(["new", folder, options]);
    return writer;
  } as unknown as WriterClass;
}

const OPTIONS = new Set(
  (
    "bins wallTime maxBins dataformats rescale labels fps sampleRate metadata labelImages step tag metadataHeader " +
    "numThresholds weights category title colors faces config domainDiscrete runName purgeStep filenameSuffix comment"
  ).split(" "),
);

test("every call of every case reaches a method, with options of our names only", async () => {
  for (const each of CASES) {
    const notes: Note[] = [];
    const calls = each.calls.filter((call) => !call.throws);
    await writeWithOurs(notesOf(notes, false), { ...each, calls }, { root: inputs, inputs });
    expect(notes.filter(([method]) => method !== "new" && method !== "close")).toHaveLength(
      calls.filter((call) => call.method !== "reopen").length,
    );
    for (const [method, ...args] of notes) {
      expect(method, each.name).toMatch(/^(add[A-Z][A-Za-z]+|flush|close|new)$/);
      const takesOptions = !["addScalar", "addScalars", "addGraph", "addCustomScalars"].includes(method);
      const last = args.at(-1);
      if (takesOptions && typeof last === "object" && last !== null && !("data" in last)) {
        for (const name of Object.keys(last))
          expect([...OPTIONS], `${method} of ${each.name}`).toContain(name);
      }
    }
  }
});

test("positions and names are those of the public surface", async () => {
  const notes: Note[] = [];
  const calls = [
    { method: "add_scalar", kwargs: { walltime: 5, tag: "a", scalar_value: { $num: "-0" }, global_step: 3 } },
    { method: "add_histogram", kwargs: { tag: "h", values: { $array: [1, 2] }, max_bins: 9, walltime: 6 } },
    {
      method: "add_hparams",
      kwargs: { hparam_dict: { a: 1 }, metric_dict: {}, run_name: "r", global_step: 2 },
    },
    { method: "add_graph", kwargs: { nodes: [{ name: "n", op: "o", output_shapes: [[1]] }] } },
    { method: "reopen", kwargs: { purge_step: 4 } },
  ];
  await writeWithOurs(notesOf(notes, false), { name: "c", calls }, { root: "/r", inputs });
  expect(notes).toEqual([
    ["new", "/r/together/c", {}],
    ["addScalar", "a", -0, 3, 5],
    [
      "addHistogram",
      "h",
      { shape: [2], data: Float32Array.of(1, 2) },
      undefined,
      { maxBins: 9, wallTime: 6 },
    ],
    ["addHparams", { a: 1 }, {}, { runName: "r", step: 2 }],
    ["addGraph", [{ name: "n", op: "o", outputShapes: [[1]] }]],
    ["close"],
    ["new", "/r/together/c", { purgeStep: 4 }],
    ["close"],
  ]);
});

test("a call that must be refused passes only with a TraceletError, and no other call may be refused", async () => {
  const refused = CASES.find((each) => each.name === "mesh-refused")!;
  const taken = CASES.find((each) => each.name === "text-plain")!;
  const folders = { root: inputs, inputs };
  expect(await writeWithOurs(notesOf([], true), refused, folders)).toEqual(["x"]);
  await expect(writeWithOurs(notesOf([], false), refused, folders)).rejects.toThrow("must refuse");
  await expect(writeWithOurs(notesOf([], true), taken, folders)).rejects.toThrow("no");
});
