import type protobuf from "protobufjs/light.js";
import type { JsonObject, JsonValue } from "../../../src/events/event.js";
import { messageType } from "../records/messages.js";
import type { EnvironmentRecord, Timestamp } from "../records/record.js";
import { dateOf } from "../records/timestamp.js";

/** Names that the official descriptor gives the JSON form; all others are the names in camelCase. */
const JSON_NAMES: { readonly [field: string]: string } = {
  cpuCount: "cpu_count",
  cpuCountLogical: "cpu_count_logical",
  gpuType: "gpu",
  gpuCount: "gpu_count",
  gpuNvidia: "gpu_nvidia",
  gpuAmd: "gpu_amd",
  remoteUrl: "remote",
};

const environmentType = messageType("EnvironmentRecord");

type Message = { readonly [field: string]: unknown };

/**
 * An environment as `wandb-metadata.json` and `_wandb.e.<writer>` of the config hold it: the JSON form of its protobuf
 * message, in which 64-bit integers are texts, and zero and empty values are absent.
 */
export function metadataObject(record: EnvironmentRecord): JsonObject {
  return messageObject(environmentType, record as Message);
}

/** The text of `wandb-metadata.json`. */
export function metadataJson(record: EnvironmentRecord): string {
  return JSON.stringify(metadataObject(record), null, 2);
}

/**
 * What two records of one environment say together, by protobuf's rules: the later single value wins, lists are
 * joined, maps and messages are merged. The official client writes one record at the start and one of the hardware.
 */
export function mergeEnvironment(before: EnvironmentRecord, later: EnvironmentRecord): EnvironmentRecord {
  return mergeMessage(environmentType, before as Message, later as Message) as EnvironmentRecord;
}

function mergeMessage(type: protobuf.Type, before: Message, later: Message): Message {
  const merged: { [field: string]: unknown } = { ...before };
  for (const field of type.fieldsArray) {
    const value = later[field.name];
    if (value === undefined) continue;
    const old = before[field.name];
    const inner = messageTypeOf(field.resolve());
    if (old === undefined) merged[field.name] = value;
    else if (field.repeated) merged[field.name] = [...(old as unknown[]), ...(value as unknown[])];
    else if (field.map) merged[field.name] = { ...(old as object), ...(value as object) };
    else if (inner !== undefined && field.type !== "Timestamp")
      merged[field.name] = mergeMessage(inner, old as Message, value as Message);
    else if (!isEmpty(value)) merged[field.name] = value;
  }
  return merged;
}

function messageObject(type: protobuf.Type, message: Message): JsonObject {
  const object: { [name: string]: JsonValue } = {};
  for (const field of type.fieldsArray) {
    const value = message[field.name];
    if (field.name === "info" || value === undefined || isEmpty(value)) continue;
    const single = (one: unknown) => fieldValue(field.resolve(), one);
    const name = JSON_NAMES[field.name] ?? field.name;
    if (field.repeated) object[name] = (value as unknown[]).map(single);
    else if (field.map)
      object[name] = Object.fromEntries(
        Object.entries(value as object).map(([key, one]) => [key, single(one)]),
      );
    else object[name] = single(value);
  }
  return object;
}

function fieldValue(field: protobuf.Field, value: unknown): JsonValue {
  if (field.type === "Timestamp") return rfc3339(value as Timestamp);
  const inner = messageTypeOf(field);
  if (inner !== undefined) return messageObject(inner, value as Message);
  return field.type === "uint64" || field.type === "int64" ? String(value) : (value as JsonValue);
}

function messageTypeOf(field: protobuf.Field): protobuf.Type | undefined {
  return field.resolvedType !== null && "fieldsArray" in field.resolvedType ? field.resolvedType : undefined;
}

const isEmpty = (value: unknown): boolean =>
  value === "" || value === 0 || value === false || (Array.isArray(value) && value.length === 0);

/** `2026-01-02T03:04:05.605139Z`; no fraction for a whole second, else 3, 6 or 9 digits as protobuf's JSON has it. */
function rfc3339(time: Timestamp): string {
  const { nanos = 0 } = time;
  const date = dateOf(time).toISOString().slice(0, -".000Z".length);
  if (nanos === 0) return `${date}Z`;
  const digits = String(nanos).padStart(9, "0");
  return `${date}.${digits.replace(/(?:000|000000)$/, "")}Z`;
}
