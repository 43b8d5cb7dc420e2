import { readFileSync, statfsSync } from "node:fs";
import { maskArgs, maskSecrets } from "../../../src/collectors/secrets.js";
import type { JsonObject, JsonValue } from "../../../src/events/event.js";
import type { EnvironmentRecord } from "../records/record.js";
import { timestampOf } from "../records/timestamp.js";
import { findScript } from "./script-path.js";

/** What the record of an environment needs besides the event of the collectors. */
export interface EnvironmentContext {
  /** Start of the run in seconds since the epoch. */
  readonly startTime: number;
  /** One for each process that writes to the run: 32 characters `a-z0-9`. */
  readonly writerId: string;
  /** File systems to measure; W&B shows `/` by default. */
  readonly diskPaths?: readonly string[];
  readonly settings?: EnvironmentSettings;
}

/** Settings (`WANDB_HOST`, `WANDB_GIT_COMMIT` ...) that replace what was found. */
export interface EnvironmentSettings extends GitSettings {
  readonly host?: string;
  readonly program?: string;
  readonly docker?: string;
  readonly username?: string;
  readonly email?: string;
  /** A JSON list. */
  readonly args?: string;
}

/** Settings that replace what git says. */
export interface GitSettings {
  readonly disableGit?: boolean;
  readonly disableMachineInfo?: boolean;
  readonly gitCommit?: string;
  readonly gitRemoteUrl?: string;
}

/**
 * The environment event of the collectors (see `collectEnvironment` and `collectGit`) as W&B records it. What the event
 * or the machine does not tell is absent. The field `python`, which W&B shows as the runtime, names Node.js and its
 * version.
 */
export function environmentRecord(environment: JsonObject, context: EnvironmentContext): EnvironmentRecord {
  const { startTime, writerId, diskPaths = ["/"], settings = {} } = context;
  const cwd = text(environment["cwd"]);
  const git = gitRecord(environment, settings);
  const root = text((environment["git"] as JsonObject | undefined)?.["root"]);
  const script = settings.program || text(environment["script"]);
  const found = cwd === undefined ? undefined : findScript(script, cwd, git === undefined ? undefined : root);
  const program = found?.program ?? script;
  const host = settings.host || text(environment["host"]);
  const executable = text(environment["executable"]);
  const node = text(environment["node"]);
  const os = osName(environment);
  const processors = (environment["cpu"] as JsonObject | undefined) ?? {};
  const model = text(processors["model"]);
  const count = number(processors["count"]);
  const physical = count === undefined ? undefined : physicalCores();
  const total = number((environment["memory"] as JsonObject | undefined)?.["totalBytes"]);
  const disk = diskInfo(diskPaths);
  const slurm = slurmVariables(environment);
  const { docker, username, email } = settings;
  return {
    ...(os !== undefined && { os }),
    ...(node !== undefined && { python: `Node.js ${node.replace(/^v/, "")}` }),
    startedAt: timestampOf(startTime),
    ...(docker && { docker: maskSecrets(docker) }),
    args: argumentsOf(environment, settings.args),
    ...(program !== undefined && { program }),
    ...(found?.codePath !== undefined && { codePath: found.codePath }),
    ...(found?.codePathLocal !== undefined && { codePathLocal: found.codePathLocal }),
    ...(git !== undefined && { git }),
    ...(email && { email }),
    ...(cwd !== undefined && { root: cwd }),
    ...(host !== undefined && { host }),
    ...(username && { username }),
    ...(executable !== undefined && { executable }),
    ...(physical !== undefined && { cpuCount: physical }),
    ...(count !== undefined && { cpuCountLogical: count }),
    ...(Object.keys(disk).length > 0 && { disk }),
    ...(total !== undefined && { memory: { total } }),
    ...(model !== undefined && model !== "unknown" && { cpu: { model } }),
    ...(Object.keys(slurm).length > 0 && { slurm }),
    writerId,
  };
}

/** The commit and the remote of the run record and of the environment; undefined outside a repository. */
export function gitRecord(
  environment: JsonObject,
  settings: GitSettings = {},
): { remoteUrl?: string; commit?: string } | undefined {
  if (settings.disableGit === true || settings.disableMachineInfo === true) return undefined;
  const state = environment["git"] as JsonObject | undefined;
  const commit = settings.gitCommit || text(state?.["commit"]);
  // Credentials are cut from what git said by the collector; what the user set may still have some.
  const given = settings.gitRemoteUrl;
  const remoteUrl = given ? maskSecrets(given) : text(state?.["remote"]);
  if (commit === undefined && remoteUrl === undefined) return undefined;
  return { ...(remoteUrl !== undefined && { remoteUrl }), ...(commit !== undefined && { commit }) };
}

function argumentsOf(environment: JsonObject, given: string | undefined): string[] {
  if (given) {
    try {
      const list: unknown = JSON.parse(given);
      if (Array.isArray(list)) return maskArgs(list.map(String));
    } catch {
      // Not a JSON list: what was found stands.
    }
  }
  const found = environment["arguments"];
  return Array.isArray(found) ? found.map(String) : [];
}

/** Names as Python's `platform` gives them, which W&B's pages expect: `Linux-6.1.0-x86_64`. */
function osName(environment: JsonObject): string | undefined {
  const platform = text(environment["platform"]);
  if (platform === undefined) return undefined;
  const names: { readonly [platform: string]: string } = {
    linux: "Linux",
    darwin: "Darwin",
    win32: "Windows",
  };
  const release = text(environment["osRelease"]);
  const machine = machineName(platform, text(environment["arch"]));
  return [names[platform] ?? platform, release, machine].filter((part) => part !== undefined).join("-");
}

/** `x86_64`, `aarch64` ... for Node's `x64`, `arm64` ... */
function machineName(platform: string, arch: string | undefined): string | undefined {
  if (arch === "x64") return "x86_64";
  if (arch === "arm64" && platform === "linux") return "aarch64";
  return arch;
}

/** `linux-x86_64`: what the telemetry of a run says of its platform. */
export function platformName(platform: string = process.platform, arch: string = process.arch): string {
  const system = platform === "win32" ? "windows" : platform;
  return `${system}-${machineName(platform, arch)}`;
}

let cores: number | undefined | null = null;

/** Processor cores without their hyper-threads, where Linux tells. */
function physicalCores(): number | undefined {
  if (cores === null) cores = readCores();
  return cores;
}

function readCores(): number | undefined {
  try {
    const found = new Set<string>();
    for (const processor of readFileSync("/proc/cpuinfo", "latin1").split("\n\n")) {
      const core = /^core id\s*: (\d+)$/m.exec(processor)?.[1];
      const chip = /^physical id\s*: (\d+)$/m.exec(processor)?.[1];
      if (core !== undefined) found.add(`${chip ?? 0}/${core}`);
    }
    return found.size > 0 ? found.size : undefined;
  } catch {
    return undefined;
  }
}

function diskInfo(paths: readonly string[]): { [path: string]: { total: number; used: number } } {
  const disk: { [path: string]: { total: number; used: number } } = {};
  for (const path of paths) {
    try {
      const { bsize, blocks, bfree } = statfsSync(path);
      disk[path] = { total: blocks * bsize, used: (blocks - bfree) * bsize };
    } catch {
      // No such file system.
    }
  }
  return disk;
}

function slurmVariables(environment: JsonObject): { [name: string]: string } {
  const variables = (environment["variables"] as JsonObject | undefined) ?? {};
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      name.startsWith("SLURM_") && typeof value === "string"
        ? [[name.slice("SLURM_".length).toLowerCase(), value]]
        : [],
    ),
  );
}

const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const number = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
