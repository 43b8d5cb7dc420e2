import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";

// Every ```ts block of the README and the docs is a whole program. All are compiled in one go against the built
// package, as a user's project would be, and each is run in an empty folder.
//
// An HTML comment before a block changes that:
//   <!-- not-run: reason -->   compiled only
//   <!-- file: name.js -->     compiled, and put under this name into the folders of the blocks that follow on the page

const root = new URL("../..", import.meta.url).pathname;
const workspace = mkdtempSync(join(tmpdir(), "docs-"));
const TIMEOUT = 40_000;

interface Block {
  readonly page: string;
  readonly line: number;
  readonly source: string;
  readonly name: string;
  readonly notRun?: string;
  readonly file?: string;
}

const pages = [
  "README.md",
  ...(readdirSync(join(root, "docs"), { recursive: true }) as string[])
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`),
].toSorted();
const blocks = pages.flatMap((page) => blocksOf(page, readFileSync(join(root, page), "utf8")));

function blocksOf(page: string, markdown: string): Block[] {
  const fences = /^(?:<!-- (not-run|file): (.+?) -->\n+)?```(?:ts|typescript)\n([\s\S]*?)^```$/gm;
  return [...markdown.matchAll(fences)].map((match) => {
    const [, mark, text, source] = match;
    const line = markdown.slice(0, match.index + match[0].indexOf("```")).split("\n").length;
    return {
      page,
      line,
      source: source!,
      name: `${page.replace(/\W/g, "_")}_${line}`,
      ...(mark === "not-run" && { notRun: text! }),
      ...(mark === "file" && { file: text! }),
    };
  });
}

interface Ran {
  readonly code: number | string;
  readonly output: string;
}

const run = (file: string, args: readonly string[], cwd: string) =>
  new Promise<Ran>((resolve) => {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(TRACELET|WANDB)_/.test(name)),
    );
    // They would be in the home folder.
    for (const name of ["DATA", "CACHE", "CONFIG"])
      env[`WANDB_${name}_DIR`] = join(workspace, `wandb-${name.toLowerCase()}`);
    env["WANDB_BASE_URL"] = server.url;
    env["WANDB_API_KEY"] = server.apiKey;
    execFile(file, args, { cwd, env, timeout: TIMEOUT }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? String(error.signal)), output: stdout + stderr }),
    );
  });

let server: WandbServer;
let compiled: Promise<Ran>;
const results = new Map<Block, Promise<Ran>>();

beforeAll(async () => {
  server = await startWandbServer();
  for (const folder of ["blocks", "out", "node_modules"]) mkdirSync(join(workspace, folder));
  symlinkSync(root, join(workspace, "node_modules/tracelet"));
  // What a user of these pages has installed besides.
  for (const name of ["@types", "zod"])
    symlinkSync(join(root, "node_modules", name), join(workspace, "node_modules", name));
  writeFileSync(join(workspace, "package.json"), '{ "type": "module" }');
  for (const { name, source } of blocks) writeFileSync(join(workspace, "blocks", `${name}.ts`), source);
  writeFileSync(
    join(workspace, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2022",
        lib: ["es2023", "esnext.disposable"],
        module: "nodenext",
        moduleDetection: "force",
        types: ["node"],
        strict: true,
        skipLibCheck: true,
        rootDir: "blocks",
        outDir: "out",
      },
      include: ["blocks"],
    }),
  );
  compiled = run(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], workspace);

  // Two at a time: each program has a worker of its own.
  const lanes = [compiled, compiled];
  const toRun = blocks.filter(({ notRun, file }) => notRun === undefined && file === undefined);
  for (const [index, block] of toRun.entries()) {
    const result = lanes[index % 2]!.then(() => runBlock(block));
    lanes[index % 2] = result;
    results.set(block, result);
  }
});

function runBlock(block: Block): Promise<Ran> {
  const cwd = join(workspace, `run-${block.name}`);
  mkdirSync(cwd);
  for (const { page, line, file, name } of blocks)
    if (file !== undefined && page === block.page && line < block.line)
      copyFileSync(join(workspace, "out", `${name}.js`), join(cwd, file));
  return run(process.execPath, [join(workspace, "out", `${block.name}.js`)], cwd);
}

afterAll(async () => {
  await server.close();
  rmSync(workspace, { recursive: true, force: true });
});

describe("code in README and docs", () => {
  it("is found", () => expect(blocks.length).toBeGreaterThan(20));

  it(
    "compiles",
    async () => {
      const { code, output } = await compiled;
      expect(output).toBe("");
      expect(code).toBe(0);
    },
    TIMEOUT,
  );

  const runnable = blocks.filter(({ notRun, file }) => notRun === undefined && file === undefined);
  it.each(runnable.map((block) => [`${block.page}:${block.line}`, block] as const))(
    "%s runs",
    async (_name, block) => {
      const { code, output } = await results.get(block)!;
      expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    },
    TIMEOUT,
  );
});

describe("docs/backends.md", () => {
  it("has the support matrix of the backends as they are", async () => {
    const { code, output } = await run(
      process.execPath,
      [join(root, ".ci/support-matrix.mjs"), "--check"],
      root,
    );
    expect({ code, output }).toEqual({ code: 0, output: "" });
  });
});

describe("mkdocs.yml", () => {
  it("lists every page, and only pages there are", () => {
    const listed = [...readFileSync(join(root, "mkdocs.yml"), "utf8").matchAll(/: (\S+\.md)$/gm)].map(
      ([, page]) => `docs/${page}`,
    );
    expect(listed.toSorted()).toEqual(pages.filter((page) => page.startsWith("docs/")));
  });

  it("leads to pages whose links to each other hold", () => {
    for (const page of pages) {
      const markdown = readFileSync(join(root, page), "utf8");
      for (const [, target, anchor] of markdown.matchAll(/\]\(((?!https?:)[^)#\s]*)(?:#([^)]*))?\)/g)) {
        const path = target === "" ? page : join(page.startsWith("docs/") ? "docs" : "", target!);
        expect(() => readFileSync(join(root, path)), `${page} -> ${path}`).not.toThrow();
        if (anchor !== undefined) expect(anchorsOf(path), `${page} -> ${path}`).toContain(anchor);
      }
    }
  });
});

/** The headings of a page as mkdocs names them. */
function anchorsOf(page: string): string[] {
  const markdown = readFileSync(join(root, page), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .trim()
      .replace(/[\s-]+/g, "-"),
  );
}
