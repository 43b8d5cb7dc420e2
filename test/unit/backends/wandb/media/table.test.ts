import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Audio } from "#backends/wandb/media/audio.js";
import { Html } from "#backends/wandb/media/html.js";
import { Image } from "#backends/wandb/media/image.js";
import { Molecule } from "#backends/wandb/media/molecule.js";
import { Plotly } from "#backends/wandb/media/plotly.js";
import { Table, type TableOptions } from "#backends/wandb/media/table.js";
import * as plot from "#backends/wandb/plot.js";
import { officialLog, valuesOf } from "../fixtures/official-log.js";
import { input, mediaRun } from "./media-run.js";

// Contents of the official client's files: of the run by `<key>@<step>`, of artifacts by `<entry>#<rows>`.
const contents: {
  run: { [file: string]: { columns: string[]; data: unknown[][] } };
  artifact: { [entry: string]: { column_types: unknown; data: unknown[][]; nrows: number } };
} = JSON.parse(readFileSync(new URL("../fixtures/tables-files.json", import.meta.url), "utf8"));
const official = officialLog("tables");

let root: string;
let run: ReturnType<typeof mediaRun>;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "wandb-table-"));
  run = mediaRun(root, "tableid");
});
afterEach(() => rmSync(root, { recursive: true }));

const table = (columns: string[], data: unknown[][] = [], options: TableOptions = {}): Table =>
  new Table({ columns, data, ...options });
const lastFile = (): { columns: string[]; data: unknown[][] } =>
  JSON.parse(readFileSync(join(run.filesDir, run.files.at(-1)!), "utf8").replaceAll("NaN", '"<NaN>"'));

/** The artifact's table, from its staged file. */
function lastArtifact() {
  const record = run.artifacts.at(-1)!;
  const entry = record.manifest!.contents!.find(({ path }) => path.endsWith(".table.json"))!;
  return { record, entry, content: JSON.parse(readFileSync(entry.localPath!, "utf8")) };
}

/** Rows without the random ids of artifacts and the times in names of increments. */
function comparable(values: { [path: string]: unknown }): unknown {
  const text = JSON.stringify(values)
    .replaceAll(/client-artifact:\/\/[a-z0-9]{128}/g, "client-artifact://ID")
    .replaceAll(/\/(None|\d+)-\d{13}\./g, (_, num: string) => `/${num === "None" ? 0 : num}-T.`);
  return JSON.parse(text);
}

describe("tables as the official client logs them (tables.py)", () => {
  it("rows, run files and artifacts of tables without dates", () => {
    const { log } = run;
    log({
      plain: table(
        ["n", "s", "b", "mix"],
        [
          [1, "x", true, null],
          [2.5, "é\u2028", null, 3],
          [null, null, false, null],
        ],
      ),
    });
    log({ typed: 0 });
    log({ "a b/c": table(["x"], [[1]]) });
    log({
      media: table(
        ["img", "snd", "html"],
        [
          [
            new Image(input("tiny.png"), { caption: "c" }),
            new Audio(input("beep.wav")),
            new Html("<p>x</p>"),
          ],
          [new Image(input("tiny.png")), null, null],
        ],
      ),
    });
    log({ boxed: 0 });
    log({ any: table(["x"], [[1], ["a"]], { allowMixedTypes: true }) });
    log({ none: table(["x", "y"], [[null, [null, 1]]]) });
    log({ empty: table(["x"]) });
    log({ emb: 0 });
    const mutable = table(["x"], [[1]], { logMode: "MUTABLE" });
    log({ mut: mutable });
    mutable.addData(2);
    log({ mut: mutable });
    const growing = table(["x"], [[1]], { logMode: "INCREMENTAL" });
    log({ inc: growing });
    growing.addData(2);
    log({ inc: growing });
    growing.addData(3);
    growing.addData(4);
    log({ inc: growing });
    const fixed = table(["x"], [[1]]);
    log({ fix: fixed });
    log({ fix: fixed });
    log({ strict: table(["x"], [["s"]], { dtype: "string", optional: false }) });
    log({ const: table(["x"], [[1]], { dtype: "number" }) });
    log({
      line: plot.line(table(["x", "y"], [[1, 2]]), "x", "y", { title: "T" }),
      sc: plot.scatter(table(["x", "y"], [[1, 2]]), "x", "y"),
      bar: plot.bar(table(["l", "v"], [["a", 2]]), "l", "v", { title: "B", splitTable: true }),
      nest: { hist: plot.histogram(table(["v"], [[2]]), "v") },
      ls: plot.lineSeries(
        [1, 2],
        [
          [3, 4],
          [5, 6],
        ],
        { title: "LS", xname: "step" },
      ),
    });

    const skipped = [1, 4, 8];
    const rows = official.flatMap(({ history }) => (history ? [comparable(valuesOf(history.item))] : []));
    const ours = run.rows.map((items) => comparable(valuesOf(items)));
    expect(ours.filter((_, i) => !skipped.includes(i))).toEqual(
      rows.slice(0, ours.length).filter((_, i) => !skipped.includes(i)),
    );

    const increments = (path: string): string =>
      path.replace(/^(None|\d+)-\d{13}/, (_, num: string) => `${num === "None" ? 0 : num}-T`);
    const describeArtifact = ({
      type,
      name,
      aliases,
      finalize,
      incrementalBeta1,
      manifest,
    }: (typeof run.artifacts)[number]) => ({
      type,
      name,
      aliases,
      finalize,
      incrementalBeta1,
      // The content of an increment holds the ids of those before.
      entries: manifest!.contents!.map(({ path, digest, size }) =>
        path.includes(".inc.") ? increments(path) : { path, digest, size },
      ),
    });
    const expected = official.flatMap(({ artifact }) => (artifact ? [describeArtifact(artifact)] : []));
    const names = run.artifacts.map(({ name }) => name);
    expect(run.artifacts.map(describeArtifact)).toEqual(expected.filter(({ name }) => names.includes(name)));

    const charts = official
      .flatMap(({ config }) => config?.update ?? [])
      .filter(({ nestedKey }) => nestedKey?.[1] === "visualize")
      .map(({ nestedKey, valueJson }) => ({ path: nestedKey!.slice(1), value: JSON.parse(valueJson!) }));
    expect(run.config).toEqual(charts.slice(0, 5));
  });

  it("stores the rows that were added since", () => {
    const growing = table(["x"], [[1]], { logMode: "INCREMENTAL" });
    run.log({ inc: growing });
    expect(lastArtifact().content).toMatchObject(contents.artifact["0-T.inc.table.json#1"]!);
    growing.addData(2);
    run.log({ inc: growing });
    growing.addData(3);
    growing.addData(4);
    run.log({ inc: growing });
    const { content } = lastArtifact();
    expect(content).toMatchObject(contents.artifact["2-T.inc.table.json#2"]!);
    expect(content.previous_increments_paths).toEqual([
      expect.stringMatching(/^wandb-client-artifact:\/\/[a-z0-9]{128}\/0-\d{13}\.inc\.table\.json$/),
      expect.stringMatching(/\/1-\d{13}\.inc/),
    ]);
  });

  it("dates, NaN, objects and lists", () => {
    const l = [
      [1, 2],
      [1, 2, 3],
    ];
    const t = [new Date("2026-01-02T03:04:05.678Z"), new Date("2026-01-02")];
    run.log({
      typed: table(
        ["l", "d", "t", "o", "e"],
        [
          [l[0], { k: 1, j: "a" }, t[0], Number.NaN, []],
          [l[1], { k: 2, j: "b" }, t[1], 1.5, [1]],
        ],
      ),
    });
    expect(lastArtifact().content).toMatchObject(contents.artifact["typed.table.json#2"]!);
    // Python's dates have no zone here; a Date is an instant, as Python's in UTC.
    expect(lastFile().data[0]).toEqual([
      [1, 2],
      { k: 1, j: "a" },
      "2026-01-02T03:04:05.678000Z",
      "<NaN>",
      [],
    ]);
  });

  it("numbers of a typed array, as a list", () => {
    run.log({ emb: table(["v"], [[new Float64Array([1.5, 2])], [new Float64Array([3, 4])]]) });
    expect(lastFile()).toEqual(contents.run["emb@8"]);
    expect(lastArtifact().content).toMatchObject(contents.artifact["emb.table.json#2"]!);
  });

  it("figures and molecules, for which W&B has no types", () => {
    run.log({ kinds: table(["p", "m"], [[new Plotly({ data: [] }), new Molecule(input("mol.pdb"))]]) });
    const column = (name: string) => ({
      wb_type: "union",
      params: {
        allowed_types: [{ wb_type: "none" }, { wb_type: "pythonObject", params: { class_name: name } }],
      },
    });
    expect(lastArtifact().content.column_types).toEqual({
      wb_type: "typedDict",
      params: { type_map: { p: column("Plotly"), m: column("Molecule") } },
    });
  });

  it("an image with boxes, masks and classes", () => {
    const image = new Image(input("tiny.png"), {
      classes: [
        { id: 0, name: "dog" },
        { id: 1, name: "cat" },
      ],
      boxes: {
        pred: {
          boxData: [{ position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, classId: 1, scores: { acc: 1 } }],
          classLabels: { 0: "dog", 1: "cat" },
        },
      },
      masks: { m: { maskData: [[0, 1]], classLabels: { 0: "bg", 1: "fg" } } },
    });
    run.log({ boxed: table(["img"], [[image]]) });
    const { record, content } = lastArtifact();
    const expected = contents.artifact["boxed.table.json#1"]!;
    expect(content.column_types).toEqual(expected.column_types);
    // Our PNG encoder makes other bytes of the mask than Pillow.
    const cell = (data: unknown[][]) => {
      const [{ masks, ...rest }] = data[0] as [{ masks: { m: { _type: string } } }];
      return { ...rest, mask: masks.m._type };
    };
    expect(cell(content.data)).toEqual(cell(expected.data));
    const paths = record.manifest!.contents!.map(({ path }) =>
      path.replace(/mask\/[0-9a-f]{20}/, "mask/HASH"),
    );
    expect(paths).toEqual([
      "boxed.table.json",
      "media/classes/76351e045982a65ebf1120c079508c2b_cls.classes.json",
      "media/images/c8a0bccc980b43452fd6/tiny.png",
      "media/images/mask/HASH.mask.png",
    ]);
  });

  it("curves and matrices, as scikit-learn computes them", () => {
    const yTrue = [0, 1, 1, 0, 2, 2, 1, 0];
    // numpy.random.default_rng(0).dirichlet(numpy.ones(3), 8)
    const probs = [
      [0.39546198954297845, 0.5930180594914135, 0.011519950965607977],
      [0.0010397580548109561, 0.25215560168911316, 0.7468046402560758],
      [0.15865173381980024, 0.17789920231940143, 0.6634490638607984],
      [0.6482021419113102, 0.35166006400659455, 0.00013779408209523564],
      [0.6652300066862088, 0.021254131078561812, 0.31351586223522954],
      [0.19502916324278835, 0.7236425341636187, 0.08132830259359297],
      [0.16724137000118577, 0.812607511715694, 0.020151118283120086],
      [0.06975537706579879, 0.5310088383026453, 0.39923578463155596],
    ];
    const labels = ["a", "b", "c"];
    const charts = {
      pr: plot.prCurve(yTrue, probs, { labels }),
      roc: plot.rocCurve(yTrue, probs),
      roc2: plot.rocCurve(yTrue, probs, { labels, classesToPlot: [0, 2], title: "R" }),
      cm: plot.confusionMatrix({ preds: [0, 1, 2, 0, 2, 1, 1, 0], yTrue, classNames: labels }),
      cm2: plot.confusionMatrix({ probs, yTrue }),
    };
    for (const [key, chart] of Object.entries(charts)) {
      run.log({ [key]: chart });
      expect(lastFile()).toEqual(contents.run[`${key}_table@19`]);
      const { content } = lastArtifact();
      expect(content).toMatchObject(contents.artifact[`${key}_table.table.json#${content.nrows}`]!);
    }
    const configs = official
      .flatMap(({ config }) => config?.update ?? [])
      .filter(({ nestedKey }) => nestedKey?.[1] === "visualize")
      .map(({ nestedKey, valueJson }) => ({ path: nestedKey!.slice(1), value: JSON.parse(valueJson!) }));
    expect(run.config).toEqual(configs.slice(5));
  });
});

describe("Table", () => {
  it("takes objects as rows and columns later", () => {
    const made = new Table({ data: [{ a: 1, b: "x" }, { a: 2 }] });
    made.addColumn("c", [true, null], { optional: true });
    expect(made.columns).toEqual(["a", "b", "c"]);
    run.log({ made });
    expect(lastFile().data).toEqual([
      [1, "x", true],
      [2, null, null],
    ]);
  });

  it("stays what it was when it was logged, unless it is mutable", () => {
    const made = table(["x"], [[1]]);
    run.log({ made });
    made.addData(2);
    run.log({ made });
    expect(run.files).toHaveLength(1);
    expect(made).toHaveLength(2);
  });

  it("shows 10 000 rows, keeps the others in the artifact, and says so", () => {
    run.log({
      long: table(
        ["x"],
        Array.from({ length: 10_001 }, (_, i) => [i]),
      ),
    });
    expect(lastFile().data).toHaveLength(10_000);
    expect(lastArtifact().content.data).toHaveLength(10_001);
    expect(run.warnings).toEqual([expect.stringMatching(/10001 rows.*first 10000/)]);
  });

  it.each<[() => unknown, RegExp]>([
    [() => table(["a", "b"], [[1]]), /2 cells \(a, b\), got 1/],
    [() => table(["a"], [[1], ["x"]]), /"a" takes None or Number, and a cell is String.*allowMixedTypes/],
    [() => table(["a"], [[null]], { optional: false }), /takes Unknown, and a cell is None/],
    [() => table(["a"], [["x"]], { dtype: "number" }), /takes None or Number/],
    [() => table(["a", "a"]), /"a" is there twice/],
    [() => new Table({ data: [{ a: 1 }, { b: 2 }] }), /"b", which is none of the columns a/],
    [() => table(["a"], [], { logMode: "SOMETIMES" as "MUTABLE" }), /logMode/],
    [() => table(["a"], [[[new Image([[1]])]]]), /media cannot stand here/],
    [() => plot.line(table(["a"]), "a", "b"), /y is "b", which is none of the table's columns a/],
    [() => plot.confusionMatrix({ yTrue: [0], preds: [5], classNames: ["a"] }), /class 5 has no name/],
    [() => plot.confusionMatrix({ yTrue: [0] }), /preds or probs/],
    [() => plot.rocCurve([0, 1], [[1, 0], [1]]), /sample 1 has 1 scores for 2 classes/],
    [() => plot.lineSeries([[1]], [[1], [2]]), /2 lines need as many x arrays/],
  ])("refuses with the rule %#", (make, message) => {
    expect(make).toThrow(message);
  });
});
