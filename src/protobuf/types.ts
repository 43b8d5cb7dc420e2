import { createRequire } from "node:module";
import type protobuf from "protobufjs/light.js";
import { fieldsOf, type Schema } from "./schema.js";

/**
 * The messages of a schema as protobufjs has them, for reading. They are made when they are asked for: loading protobufjs and
 * describing some hundred messages to it takes 30 ms, which a process that only writes does without (encode.ts).
 */
export function createTypes(schema: Schema): (message: string) => protobuf.Type {
  let root: protobuf.Root | undefined;
  return (message) => {
    root ??= createRoot(schema);
    return root.lookupType(message);
  };
}

function createRoot(schema: Schema): protobuf.Root {
  const { Root } = createRequire(import.meta.url)("protobufjs/light.js") as typeof protobuf;
  const nested: Record<string, protobuf.AnyNestedObject> = {};
  for (const [name, values] of Object.entries(schema.enums ?? {})) nested[name] = { values: { ...values } };
  for (const message of Object.keys(schema.messages)) {
    const fields: Record<string, protobuf.IField | protobuf.IMapField> = {};
    const alternatives: string[] = [];
    for (const { name, id, type, form } of fieldsOf(message, schema)) {
      if (form === "map") fields[name] = { id, keyType: "string", type };
      else fields[name] = form === "list" ? { id, type, rule: "repeated" } : { id, type };
      if (form === "alternative") alternatives.push(name);
    }
    nested[message] =
      alternatives.length === 0 ? { fields } : { fields, oneofs: { alternative: { oneof: alternatives } } };
  }
  return Root.fromJSON({ edition: "proto3", nested } as protobuf.INamespace);
}
