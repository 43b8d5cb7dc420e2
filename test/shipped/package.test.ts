import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

// What is published is what is tested here: the tarball, in a folder that knows nothing of this checkout.
const folder = mkdtempSync(join(tmpdir(), "tracelet-package-"));
const npm = (args: string[], cwd: string) =>
  execFileSync("npm", [...args, "--loglevel=error"], { cwd, encoding: "utf8" });
const node = (args: string[]) => execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
let tarball: string;

beforeAll(() => {
  npm(["pack", "--ignore-scripts", "--pack-destination", folder], process.cwd());
  tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  writeFileSync(join(folder, "package.json"), '{"name":"user","private":true,"type":"module"}');
  npm(["install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`], folder);
});

describe("the package", () => {
  it("holds what is needed and nothing else", () => {
    const files = execFileSync("tar", ["-tzf", join(folder, tarball)], { encoding: "utf8" })
      .trim()
      .split("\n");
    const unexpected = files.filter(
      (name) =>
        !/^package\/(dist\/bundle\/[\w-]+\.js$|dist\/(src|backends)\/.*\.d\.ts$|LICENSE$|README\.md$|CHANGELOG\.md$|package\.json$)/.test(
          name,
        ),
    );
    expect(unexpected).toEqual([]);
    expect(files).toContain("package/dist/bundle/worker.js");
    expect(files.filter((name) => /\.test\.|buildinfo/.test(name))).toEqual([]);
  });

  it("logs from a script of a user", () => {
    writeFileSync(
      join(folder, "train.js"),
      `import * as tracelet from "tracelet";
       import { EventFileReader } from "tracelet/tensorboard-writer";
       import { conformanceCases } from "tracelet/testing";
       const experiment = tracelet.startLogging();
       const writer = new tracelet.SummaryWriter();
       for (let step = 0; step < 100; step++) writer.addScalar("loss", 1 / (step + 1), step);
       const { tensorboard } = await tracelet.stopLogging();
       const scalars = [...new EventFileReader(experiment.url())].filter(({ summary }) => summary?.value?.[0]?.tag === "loss");
       console.log(scalars.length, tensorboard.dropped, typeof conformanceCases);`,
    );
    expect(node(["train.js"]).trim()).toBe("100 0 function");
  });

  it("brings a command", () => {
    const { version } = JSON.parse(readFileSync(join(folder, "node_modules/tracelet/package.json"), "utf8"));
    const command = join(folder, "node_modules/.bin/tracelet");
    expect(execFileSync(command, ["--version"], { encoding: "utf8" })).toBe(`${version}\n`);
  });

  it("can be required where Node allows it, and imports nothing it does not declare", () => {
    const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
    if (major > 20 || minor >= 19) {
      expect(node(["--no-warnings", "-p", "typeof require('tracelet').startLogging"]).trim()).toBe(
        "function",
      );
    }
    expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(
      expect.arrayContaining(["protobufjs", "tracelet"]),
    );
  });

  it("has types that agree with its code, for every kind of importer", () => {
    const bin = (name: string) => join(process.cwd(), "node_modules", ".bin", name);
    const published = execFileSync(bin("publint"), [join(folder, tarball), "--strict"], { encoding: "utf8" });
    expect(published).toMatch(/All good!/);
    // CommonJS importers get an ES module, which Node loads; there is no second build to disagree with it.
    // It exits with an error when a kind of importer that is not ignored has a problem.
    const types = execFileSync(bin("attw"), [join(folder, tarball), "--profile", "esm-only", "--no-color"], {
      encoding: "utf8",
    });
    expect(types.match(/node16 \(from ESM\): 🟢 \(ESM\)/g)).toHaveLength(4);
  });

  it("type-checks for a user who checks libraries too, with nothing else installed", () => {
    writeFileSync(
      join(folder, "user.ts"),
      `import * as tracelet from "tracelet";
       import { EventFileWriter } from "tracelet/tensorboard-writer";
       import { conformanceCases } from "tracelet/testing";
       tracelet.startLogging(["jsonl", "tensorboard"], { config: { tensorboard: { logDir: "x" } } });
       // @ts-expect-error the name of a backend determines its options
       tracelet.startLogging("jsonl", { config: { logDir: "x" } });
       export const used: readonly unknown[] = [EventFileWriter, conformanceCases];`,
    );
    const options = [
      "--noEmit",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      "--lib",
      "es2023,esnext.disposable",
      "--types",
      "node",
      "--typeRoots",
      join(process.cwd(), "node_modules/@types"),
    ];
    node([join(process.cwd(), "node_modules/typescript/bin/tsc"), ...options, "user.ts"]);
  });
});
