import { readFile } from "node:fs/promises";
import os from "node:os";
import { dirname, join, resolve } from "node:path";
import type { JsonObject } from "../events/event.js";
import { maskArgs, maskSecrets } from "./secrets.js";

/** Variables that explain how a run behaved; no other variable is ever recorded. */
const RECORDED_VARIABLES = [
  "CI",
  "CUDA_VISIBLE_DEVICES",
  "GITHUB_REF",
  "GITHUB_REPOSITORY",
  "GITHUB_RUN_ID",
  "GITHUB_SHA",
  "GROUP_RANK",
  "HIP_VISIBLE_DEVICES",
  "LANG",
  "LOCAL_RANK",
  "LOCAL_WORLD_SIZE",
  "MASTER_ADDR",
  "MASTER_PORT",
  "NODE_ENV",
  "NODE_OPTIONS",
  "NODE_RANK",
  "OMP_NUM_THREADS",
  "RANK",
  "SLURM_JOB_ID",
  "SLURM_JOB_NAME",
  "SLURM_JOB_NUM_NODES",
  "SLURM_JOB_PARTITION",
  "SLURM_LOCALID",
  "SLURM_NODEID",
  "SLURM_NTASKS",
  "SLURM_PROCID",
  "TF_CPP_MIN_LOG_LEVEL",
  "TF_FORCE_GPU_ALLOW_GROWTH",
  "TZ",
  "UV_THREADPOOL_SIZE",
  "WORLD_SIZE",
];

/**
 * Describes what a run runs on: versions, machine, script, arguments (secrets masked), packages (those in the nearest
 * `package.json`'s `dependencies` and `optionalDependencies`, with the versions installed) and a fixed list of
 * environment variables. Never rejects.
 *
 * @param options.argv, options.execArgv the script's own, when this runs in a worker, which has others
 *
 * @returns `{ node, platform, arch, osRelease, host, cpu: {model, count}, memory: {totalBytes}, pid, cwd, executable,
 * nodeArguments, script?, arguments, packages, variables }`
 *
 * @example
 * ```ts
 * const environment = await collectEnvironment({ cwd: process.cwd() });
 * console.log(environment["node"], environment["packages"]);
 * ```
 */
export async function collectEnvironment(options: {
  readonly cwd: string;
  readonly argv?: readonly string[];
  readonly execArgv?: readonly string[];
}): Promise<JsonObject> {
  const { argv = process.argv, execArgv = process.execArgv } = options;
  const [executable, script, ...args] = argv;
  const processors = os.cpus();
  const variables = RECORDED_VARIABLES.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, maskSecrets(value)]];
  });
  return {
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    osRelease: os.release(),
    host: os.hostname(),
    cpu: { model: processors[0]?.model.trim() ?? "unknown", count: processors.length },
    memory: { totalBytes: os.totalmem() },
    pid: process.pid,
    cwd: options.cwd,
    executable: executable ?? process.execPath,
    nodeArguments: maskArgs(execArgv),
    ...(script === undefined ? {} : { script: maskSecrets(script) }),
    arguments: maskArgs(args),
    packages: await installedPackages(options.cwd),
    variables: Object.fromEntries(variables),
  };
}

/** Folders from `start` up to the root. */
function upwards(start: string): string[] {
  const folders = [resolve(start)];
  for (;;) {
    const parent = dirname(folders.at(-1)!);
    if (parent === folders.at(-1)) return folders;
    folders.push(parent);
  }
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Name to version; a dependency that is not installed is absent. */
async function installedPackages(cwd: string): Promise<Record<string, string>> {
  for (const folder of upwards(cwd)) {
    const manifest = await readJson(join(folder, "package.json"));
    if (manifest === undefined) continue;
    const names = Object.keys({
      ...(manifest["dependencies"] as object | undefined),
      ...(manifest["optionalDependencies"] as object | undefined),
    }).sort();
    const versions = await Promise.all(names.map((name) => installedVersion(name, folder)));
    return Object.fromEntries(
      names.flatMap((name, index) => (versions[index] === undefined ? [] : [[name, versions[index]]])),
    );
  }
  return {};
}

/** Looked up as Node does: the nearest `node_modules` that has it, hoisted ones included. */
async function installedVersion(name: string, start: string): Promise<string | undefined> {
  for (const folder of upwards(start)) {
    const manifest = await readJson(join(folder, "node_modules", name, "package.json"));
    if (typeof manifest?.["version"] === "string") return manifest["version"];
  }
  return undefined;
}
