import protobuf from "protobufjs/light.js";

/**
 * Compact notation for protobuf messages: `field: "number type"`, where `type` may be `Name[]` (repeated), `Name?` (one of
 * the message's alternatives: a `oneof`) or `map<string, Name>`. It becomes protobufjs' own JSON description.
 */
export type MessageTable = { readonly [message: string]: { readonly [field: string]: string } };

/** Enums as name -> number. */
export type EnumTable = { readonly [name: string]: { readonly [value: string]: number } };

/** A message whose fields are all bool, from `name=number` pairs. */
export function bools(pairs: string): { [field: string]: string } {
  const fields: { [field: string]: string } = {};
  for (const pair of pairs.trim().split(/\s+/)) {
    const [name, number] = pair.split("=") as [string, string];
    fields[name] = `${number} bool`;
  }
  return fields;
}

const FIELD = /^(\d+) (?:map<string, (\w+)>|(\w+)(\[\]|\?)?)$/;

/** Builds the message types of a package. Throws on a malformed table, which is a mistake in this package. */
export function buildTypes(messages: MessageTable, enums: EnumTable): protobuf.Root {
  const nested: Record<string, protobuf.AnyNestedObject> = {};
  for (const [name, values] of Object.entries(enums)) nested[name] = { values: { ...values } };
  for (const [name, table] of Object.entries(messages)) {
    const fields: Record<string, protobuf.IField | protobuf.IMapField> = {};
    const alternatives: string[] = [];
    for (const [field, text] of Object.entries(table)) {
      const match = FIELD.exec(text);
      if (match === null)
        throw new Error(`schema: ${name}.${field} has the unreadable description "${text}"`);
      const id = Number(match[1]);
      if (match[2] !== undefined) fields[field] = { id, keyType: "string", type: match[2] };
      else if (match[4] === "[]") fields[field] = { id, type: match[3]!, rule: "repeated" };
      else fields[field] = { id, type: match[3]! };
      if (match[4] === "?") alternatives.push(field);
    }
    nested[name] =
      alternatives.length === 0 ? { fields } : { fields, oneofs: { alternative: { oneof: alternatives } } };
  }
  return protobuf.Root.fromJSON({ nested });
}
