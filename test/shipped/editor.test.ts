import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";

// The package's types as an editor sees them: completions, and what is underlined. The language service is the one that
// editors run, and it reads the declarations that ship.

const FILE = fileURLToPath(new URL("../../examples/in-an-editor.ts", import.meta.url));
let text = "";
let version = 0;
let service: ts.LanguageService;

beforeAll(() => {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    strict: true,
    noEmit: true,
    types: ["node"],
  };
  service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [FILE],
    getScriptVersion: (name) => (name === FILE ? String(version) : "1"),
    getScriptSnapshot(name) {
      const content = name === FILE ? text : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => process.cwd(),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === FILE || ts.sys.fileExists(name),
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
}, 60_000);

const IMPORTS = `import * as tracelet from "tracelet";\nimport * as wandb from "tracelet/wandb";\n`;

function look(code: string): number {
  const at = code.indexOf("|");
  text = IMPORTS + code.replace("|", "");
  version++;
  return IMPORTS.length + at;
}

/** What is offered where the bar stands. */
function offered(code: string): string[] {
  const at = look(code);
  return (service.getCompletionsAtPosition(FILE, at, {})?.entries ?? []).map(({ name }) => name);
}

/** What is underlined. */
function problems(code: string): string[] {
  look(code);
  const found = [...service.getSyntacticDiagnostics(FILE), ...service.getSemanticDiagnostics(FILE)];
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

describe("completions", () => {
  it("offer the backends", () => {
    const names = ["tensorboard", "wandb", "jsonl", "console", "memory"];
    expect(offered('tracelet.startLogging("|");')).toEqual(expect.arrayContaining(names));
    expect(offered('tracelet.startLogging(["wandb", "|"]);')).toEqual(expect.arrayContaining(names));
    expect(offered('tracelet.startLogging({ backend: "|" });')).toEqual(expect.arrayContaining(names));
    expect(offered('tracelet.startLogging({ backend: ["wandb", "|"] });')).toEqual(
      expect.arrayContaining(names),
    );
    expect(offered('tracelet.createExperiment("|");')).toEqual(expect.arrayContaining(names));
    expect(offered('tracelet.createExperiment(["|"]);')).toEqual(expect.arrayContaining(names));
    expect(offered('tracelet.withLogging(["|"], {}, () => {});')).toEqual(expect.arrayContaining(names));
  });

  it("offer a backend's own options, and no other's", () => {
    for (const code of [
      'tracelet.startLogging("wandb", { config: { | } });',
      'tracelet.startLogging({ backend: "wandb", config: { | } });',
      'tracelet.startLogging(["wandb", "jsonl"], { config: { wandb: { | } } });',
    ]) {
      const options = offered(code);
      expect(options, code).toEqual(expect.arrayContaining(["entity", "group", "mode", "resume"]));
      expect(options, code).not.toContain("logDir");
    }
    expect(offered('tracelet.startLogging("tensorboard", { config: { | } });')).toContain("logDir");
    expect(offered('tracelet.startLogging(["wandb", "jsonl"], { config: { | } });')).toEqual([
      "jsonl",
      "wandb",
    ]);
    expect(offered('tracelet.startLogging("wandb", { config: { mode: "|" } });')).toContain("offline");
  });

  it("offer the calls of what is returned", () => {
    expect(offered('tracelet.startLogging("wandb").|')).toEqual(
      expect.arrayContaining(["log", "logParams", "logArtifact", "finish"]),
    );
    expect(offered("new tracelet.SummaryWriter().|")).toEqual(
      expect.arrayContaining(["addScalar", "addHparams"]),
    );
    expect(offered("(await wandb.init()).|")).toEqual(expect.arrayContaining(["log", "config", "summary"]));
    expect(offered('await wandb.init({ resume: "|" });')).toEqual(expect.arrayContaining(["allow", "must"]));
  });
});

describe("what is underlined", () => {
  it.each([
    ['tracelet.startLogging("wandb", { exp_name: "x" });', /exp_name/],
    ['tracelet.startLogging({ backend: "wandb", exp_name: "x" });', /exp_name/],
    ['tracelet.startLogging("wandb", { config: { entty: "x" } });', /Did you mean to write 'entity'/],
    ['tracelet.startLogging("tensorboard", { config: { entity: "x" } });', /entity/],
    ['tracelet.startLogging({ backend: "wandb", config: { entty: "x" } });', /entty/],
    ['tracelet.startLogging(["wandb", "jsonl"], { config: { wndb: {} } });', /wndb/],
    ['tracelet.startLogging(["wandb", "jsonl"], { config: { jsonl: { fle: "x" } } });', /fle/],
    ['tracelet.startLogging("wandb", { config: { mode: "offlin" } });', /offlin/],
    ['tracelet.startLogging("wandb", { runMode: "all" });', /all/],
    ['tracelet.createExperiment("jsonl", { config: { fle: "x" } });', /Did you mean to write 'file'/],
    ['await tracelet.withLogging("wandb", { config: { entty: "x" } }, () => 1);', /entty/],
    ['tracelet.attachExperiment("", { lable: "x" });', /lable/],
    ["new tracelet.SummaryWriter().addScalar(1, 2);", /number/],
    ['new tracelet.SummaryWriter().addScalar("loss", "0.5");', /TensorInput/],
    ["await wandb.init({ projct: 'p' });", /projct/],
    ["await wandb.withRun({ runmode: 'new' }, () => {});", /runmode/],
    ["wandb.log(5);", /number/],
  ])("%s", (code, message) => {
    const found = problems(code);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  it.each([
    "tracelet.startLogging();",
    'tracelet.startLogging("wandb", { config: { mode: "offline" }, params: { lr: 1e-3, layers: [1, 2] } });',
    'tracelet.startLogging(["wandb"], { config: { wandb: { entity: "x" } } });',
    'tracelet.startLogging("./my-backend.mjs", { config: { anything: 1 } });',
    "const result: number = await tracelet.withLogging('memory', {}, async () => 1); void result;",
    "const sum: (a: number) => number = wandb.wandbInit({})((a: number) => a + 1); void sum;",
    "class Trainer { @wandb.wandbInit() async fit(x: number) { return x; } } void Trainer;",
  ])("nothing in %s", (code) => {
    expect(problems(code)).toEqual([]);
  });
});

it("no declaration that ships says any", () => {
  expect(problems("export {};")).toEqual([]);
  const shipped = service
    .getProgram()!
    .getSourceFiles()
    .filter(({ fileName }) => fileName.includes("/dist/"));
  expect(shipped.length).toBeGreaterThan(50);
  const found: string[] = [];
  const walk = (node: ts.Node, file: ts.SourceFile): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${file.fileName}: ${node.parent?.getText(file)}`);
    ts.forEachChild(node, (child) => walk(child, file));
  };
  for (const file of shipped) walk(file, file);
  expect(found).toEqual([]);
});
