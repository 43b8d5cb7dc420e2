import type { JsonObject, JsonValue } from "../../../src/events/event.js";
import type { EnvironmentRecord, Timestamp } from "../records/record.js";

/**
 * An environment as `wandb-metadata.json` and `_wandb.e.<writer>` of the config hold it: the JSON form of its protobuf
 * message, in which sizes in bytes are texts, and zero and empty values are absent.
 */
export function metadataObject(record: EnvironmentRecord): JsonObject {
  const { startedAt, git, cpuCount, cpuCountLogical, gpuType, gpuCount, disk, memory, ...plain } = record;
  const { writerId, cpu, slurm, ...before } = plain;
  const fields: { [name: string]: JsonValue | undefined } = {
    os: before.os,
    python: before.python,
    startedAt: startedAt === undefined ? undefined : rfc3339(startedAt),
    docker: before.docker,
    args: before.args,
    program: before.program,
    codePath: before.codePath,
    codePathLocal: before.codePathLocal,
    git: git === undefined ? undefined : present({ remote: git.remoteUrl, commit: git.commit }),
    email: before.email,
    root: before.root,
    host: before.host,
    username: before.username,
    executable: before.executable,
    cpu_count: cpuCount,
    cpu_count_logical: cpuCountLogical,
    gpu: gpuType,
    gpu_count: gpuCount,
    disk:
      disk === undefined
        ? undefined
        : Object.fromEntries(
            Object.entries(disk).map(([path, { total, used }]) => [
              path,
              present({ total: bytes(total), used: bytes(used) }),
            ]),
          ),
    memory: memory === undefined ? undefined : present({ total: bytes(memory.total) }),
    cpu:
      cpu === undefined
        ? undefined
        : present({ count: cpu.count, countLogical: cpu.countLogical, model: cpu.model }),
    cudaVersion: before.cudaVersion,
    slurm,
    writerId,
  };
  return present(fields);
}

/** The text of `wandb-metadata.json`. */
export function metadataJson(record: EnvironmentRecord): string {
  return JSON.stringify(metadataObject(record), null, 2);
}

/** `2026-01-02T03:04:05.605139Z`; no fraction for a whole second, else 3, 6 or 9 digits as protobuf's JSON has it. */
function rfc3339({ seconds, nanos = 0 }: Timestamp): string {
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (nanos === 0) return `${date}Z`;
  const digits = String(nanos).padStart(9, "0");
  return `${date}.${digits.replace(/(?:000|000000)$/, "")}Z`;
}

const bytes = (value: number | undefined): string | undefined =>
  value === undefined || value === 0 ? undefined : String(value);

function present(fields: { readonly [name: string]: JsonValue | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter(
      (field): field is [string, JsonValue] =>
        field[1] !== undefined &&
        field[1] !== "" &&
        field[1] !== 0 &&
        !(Array.isArray(field[1]) && field[1].length === 0),
    ),
  );
}
