import { TraceletError } from "../../../src/errors.js";
import { createEncoder } from "../../../src/protobuf/encode.js";
import { fieldsOf } from "../../../src/protobuf/schema.js";
import { messageType, schema } from "./messages.js";
import type { RecordType, WandbRecord } from "./record-types.js";

export type * from "./record-types.js";

const encode = createEncoder(schema);

/** Bytes of a record. An empty content still has to be named, e.g. `{ num: 4, exit: {} }`. */
export function encodeRecord(record: WandbRecord): Uint8Array {
  return encode("Record", record);
}

/**
 * Record of some bytes. Absent fields are absent in the result; 64-bit integers become numbers.
 * Throws `invalid-file` when the bytes are no record.
 */
export function decodeRecord(bytes: Uint8Array): WandbRecord {
  try {
    const recordType = messageType("Record");
    return recordType.toObject(recordType.decode(bytes), { longs: Number, enums: String }) as WandbRecord;
  } catch (cause) {
    throw new TraceletError("invalid-file", "These bytes are not a W&B record: the file is damaged.", {
      backend: "wandb",
      cause,
    });
  }
}

/** Types in the order of their field numbers. */
export const RECORD_TYPES: readonly RecordType[] = fieldsOf("Record", schema)
  .filter((field) => !["num", "control", "uuid", "info"].includes(field.name))
  .sort((a, b) => a.id - b.id)
  .map((field) => field.name as RecordType);

/** Which type a record is of; undefined for an empty record or one of an unknown type. */
export function typeOf(record: WandbRecord): RecordType | undefined {
  return RECORD_TYPES.find((type) => record[type] !== undefined);
}
