/**
 * Compact notation for protobuf messages: `field: "number type"`, where `type` may be `Name[]` (repeated), `Name?` (one of
 * the message's alternatives: a `oneof`) or `map<string, Name>`.
 */
export type MessageTable = { readonly [message: string]: { readonly [field: string]: string } };

/** Enums as name -> number. */
export type EnumTable = { readonly [name: string]: { readonly [value: string]: number } };

/** The messages of a package, by the rules of proto3. */
export interface Schema {
  readonly messages: MessageTable;
  readonly enums?: EnumTable;
}

/** One field of a message. */
export interface FieldSchema {
  readonly name: string;
  readonly id: number;
  /** A protobuf type, or the name of a message or an enum. */
  readonly type: string;
  readonly form: "single" | "alternative" | "list" | "map";
}

const FIELD = /^(\d+) (?:map<string, (\w+)>|(\w+)(\[\]|\?)?)$/;
const FORMS = { "[]": "list", "?": "alternative" } as const;

/** The fields of a message, in the order of their table. Throws on a malformed table, which is a mistake in this package. */
export function fieldsOf(message: string, { messages }: Schema): FieldSchema[] {
  const table = messages[message];
  if (table === undefined) throw new Error(`schema: there is no message ${message}`);
  return Object.entries(table).map(([name, text]) => {
    const match = FIELD.exec(text);
    if (match === null)
      throw new Error(`schema: ${message}.${name} has the unreadable description "${text}"`);
    const [, id, valueType, type, suffix] = match;
    if (valueType !== undefined) return { name, id: Number(id), type: valueType, form: "map" };
    return { name, id: Number(id), type: type!, form: FORMS[suffix as "?"] ?? "single" };
  });
}
