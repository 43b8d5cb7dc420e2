import { execFile, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { COMPILED, ROOT } from "./paths.js";
import { runPeer } from "./python.js";
import { type Figures, medianFigures } from "./statistics.js";

/** What a measuring function gets: a folder of its own, removed afterwards, and what the benchmark asked for. */
export type MeasureInput<Input = object> = Input & { readonly dir: string };

/** What a benchmark measures with. */
export interface Lab {
  /** Fewer repeats and smaller numbers, to see that everything works; not for the page. */
  readonly quick: boolean;
  /** Calls an exported function of the benchmark's module in fresh processes; the median of each figure. */
  measure(name: string, input: object, repeats: number): Promise<Figures>;
  /** Runs a script (the text of an ES module) in a fresh Node process; it prints its figures as JSON. */
  script(source: string): Promise<ScriptResult>;
  /** Runs a program of `bench/peers` in fresh processes; undefined when Python or its packages are absent. */
  peer(program: string, input: object, repeats: number): Promise<Figures | undefined>;
  /** A folder that is removed when the run ends. */
  folder(): string;
  /** Says what is being done. */
  say(doing: string): void;
}

/** What a script printed, and the time from its start to its end (seconds). */
export interface ScriptResult {
  readonly figures: Figures;
  readonly wallTime: number;
}

/** Variables of the shell must not change what is measured. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TRACELET_|NODE_|WANDB_)/.test(name)),
  );
}

export interface LabOptions {
  readonly quick: boolean;
  /** Path of the interpreter, if there is one. */
  readonly python: string | undefined;
  readonly say: (doing: string) => void;
}

/** The lab of one benchmark; `close` removes its folders. */
export function openLab(benchmark: string, options: LabOptions): Lab & { close(): void } {
  const { quick, python, say } = options;
  const folders: string[] = [];
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), "tracelet-bench-"));
    folders.push(path);
    return path;
  };
  const remove = (path: string) => rmSync(path, { recursive: true, force: true });

  const repeated = async (what: string, repeats: number, once: (dir: string) => Promise<Figures>) => {
    const all: Figures[] = [];
    for (let i = 1; i <= repeats; i++) {
      say(repeats === 1 ? what : `${what} (${i} of ${repeats})`);
      const dir = folder();
      try {
        all.push(await once(dir));
      } finally {
        remove(dir);
      }
    }
    return medianFigures(all);
  };

  return {
    quick,
    folder,
    say,
    measure(name, input, repeats) {
      const module = join(COMPILED, "benchmarks", `${benchmark}.js`);
      return repeated(`tracelet: ${name}`, quick ? 1 : repeats, (dir) =>
        callInChild(module, name, { ...input, dir }),
      );
    },
    async script(source) {
      const started = performance.now();
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source], {
        cwd: ROOT, // so that the script can import "tracelet", the package of this folder
        env: cleanEnvironment(),
      });
      const wallTime = (performance.now() - started) / 1000;
      return { figures: stdout.trim() === "" ? {} : (JSON.parse(stdout) as Figures), wallTime };
    },
    async peer(program, input, repeats) {
      if (python === undefined) return undefined;
      const path = join(ROOT, "bench", "peers", program);
      return repeated(`peers: ${program}`, quick ? 1 : repeats, (dir) =>
        runPeer(python, path, { ...input, dir }),
      );
    },
    close() {
      for (const path of folders) remove(path);
    },
  };
}

function callInChild(module: string, name: string, input: object): Promise<Figures> {
  return new Promise((done, fail) => {
    const child = fork(join(COMPILED, "child.js"), [module, name, JSON.stringify(input)], {
      execArgv: [],
      cwd: ROOT,
      env: cleanEnvironment(),
      // What a run says at its end is of no use here, but for a failure.
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    let result: Figures | undefined;
    let errors = "";
    child.stderr!.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("message", (message) => {
      result = message as Figures;
    });
    child.on("error", fail);
    child.on("close", (code, signal) => {
      if (code === 0 && result !== undefined) done(result);
      else {
        const how = signal ?? `code ${code}`;
        fail(new Error(`${name} of ${module} ended with ${how} and no result:\n${errors.slice(-2000)}`));
      }
    });
  });
}
