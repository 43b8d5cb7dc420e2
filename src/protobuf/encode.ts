import { type FieldSchema, fieldsOf, type Schema } from "./schema.js";

/** A 64-bit integer: a number, or what a number cannot hold. */
type Integer = number | bigint | { readonly low: number; readonly high: number };

type Message = { readonly [field: string]: unknown };

/** Writes a value in front of what is there. */
type WriteValue = (out: Output, value: unknown) => void;

/** A field made ready: how its values are written, and which values take no bytes. */
interface FieldWriter {
  readonly name: string;
  readonly tag: number;
  readonly form: FieldSchema["form"];
  /** Values of a list stand in one block, behind one tag. */
  readonly packed: boolean;
  readonly write: WriteValue;
  readonly leftOut: ((value: unknown) => boolean) | undefined;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * The bytes of messages of a schema, with fields in the order of their numbers. Values that are undefined or null are absent;
 * an enum's value may be its name; a 64-bit integer may be a bigint or its halves. Lone surrogates become U+FFFD.
 *
 * Messages are written from a table that is read when they are met first, instead of by code that is made for them: a
 * process writes a few of each kind, and making the code takes longer than that (types.ts is for reading).
 *
 * @example
 * ```ts
 * const encode = createEncoder({ messages: { Point: { x: "1 double", name: "2 string" } } });
 * encode("Point", { x: 1.5, name: "a" });
 * ```
 */
export function createEncoder(schema: Schema): (message: string, value: object) => Uint8Array {
  const known = new Map<string, readonly FieldWriter[]>();

  const writersOf = (message: string): readonly FieldWriter[] => {
    let writers = known.get(message);
    if (writers === undefined) {
      // Written from the last to the first.
      const fields = fieldsOf(message, schema).sort((a, b) => b.id - a.id);
      writers = fields.map((field) => writerOf(field));
      known.set(message, writers);
    }
    return writers;
  };

  const valuesOf = (type: string): Pick<FieldWriter, "leftOut"> & { wire: number; write: WriteValue } => {
    const scalar = SCALARS[type];
    if (scalar !== undefined) return { wire: scalar[0], write: scalar[1], leftOut: scalar[2] };
    const numbers = schema.enums?.[type];
    if (numbers === undefined) {
      const write: WriteValue = (out, value) =>
        writeBlock(out, () => writeMessage(out, type, value as Message));
      return { wire: BYTES, write, leftOut: undefined };
    }
    const numberOf = (value: unknown) => numbers[value as string] ?? value;
    return {
      wire: VARINT,
      write: (out, value) => writeInt32(out, numberOf(value)),
      leftOut: (value) => isZero(numberOf(value)),
    };
  };

  const writerOf = ({ name, id, type, form }: FieldSchema): FieldWriter => {
    const { wire, write, leftOut } = valuesOf(type);
    const field = { name, form, packed: false, leftOut: undefined };
    if (form === "map") {
      const entry: WriteValue = (out, value) => {
        const [key, item] = value as [string, unknown];
        writeBlock(out, () => {
          write(out, item);
          writeVarint(out, (2 << 3) | wire);
          writeText(out, key);
          writeVarint(out, (1 << 3) | BYTES);
        });
      };
      return { ...field, tag: (id << 3) | BYTES, write: entry };
    }
    if (form === "list" && wire !== BYTES) return { ...field, tag: (id << 3) | BYTES, packed: true, write };
    return { ...field, tag: (id << 3) | wire, write, leftOut: form === "single" ? leftOut : undefined };
  };

  const writeMessage = (out: Output, message: string, value: Message): void => {
    for (const field of writersOf(message)) {
      const content = value[field.name];
      if (content === undefined || content === null) continue;
      if (field.form === "list") writeList(out, field, content as ArrayLike<unknown>);
      else if (field.form === "map") writeList(out, field, Object.entries(content));
      else if (field.leftOut === undefined || !field.leftOut(content)) {
        field.write(out, content);
        writeVarint(out, field.tag);
      }
    }
  };

  return (message, value) => {
    const out = createOutput();
    writeMessage(out, message, value as Message);
    return out.bytes.subarray(out.at);
  };
}

function writeList(out: Output, { tag, packed, write }: FieldWriter, values: ArrayLike<unknown>): void {
  if (values.length === 0) return;
  if (packed) {
    writeBlock(out, () => {
      for (let i = values.length - 1; i >= 0; i--) write(out, values[i]);
    });
    writeVarint(out, tag);
    return;
  }
  for (let i = values.length - 1; i >= 0; i--) {
    write(out, values[i]);
    writeVarint(out, tag);
  }
}

/** Bytes that grow to the front: the length of a message is known when it has to be written before it. */
interface Output {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  /** Where the bytes written so far begin. */
  at: number;
}

const FIRST_BYTES = 512;

function createOutput(): Output {
  const bytes = new Uint8Array(FIRST_BYTES);
  return { bytes, view: new DataView(bytes.buffer), at: FIRST_BYTES };
}

/** Makes room for `size` more bytes and returns where they begin. */
function reserve(out: Output, size: number): number {
  if (out.at < size) {
    const used = out.bytes.subarray(out.at);
    const bytes = new Uint8Array(Math.max(2 * out.bytes.length, used.length + size + FIRST_BYTES));
    out.at = bytes.length - used.length;
    bytes.set(used, out.at);
    out.bytes = bytes;
    out.view = new DataView(bytes.buffer);
  }
  out.at -= size;
  return out.at;
}

function writeBlock(out: Output, writeContent: () => void): void {
  const behind = out.bytes.length - out.at;
  writeContent();
  writeVarint(out, out.bytes.length - out.at - behind);
}

/** A non-negative safe integer. */
function writeVarint(out: Output, value: number): void {
  if (value < 0x80) {
    const at = reserve(out, 1);
    out.bytes[at] = value;
    return;
  }
  let size = 1;
  for (let rest = value; rest >= 0x80; rest /= 0x80) size++;
  let at = reserve(out, size);
  let rest = value;
  for (; size > 1; size--) {
    out.bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  out.bytes[at] = rest;
}

/** 64 bits; of a negative number its two's complement. */
function writeWide(out: Output, value: bigint): void {
  const groups: number[] = [];
  for (let rest = BigInt.asUintN(64, value); rest > 0n || groups.length === 0; rest >>= 7n) {
    groups.push(Number(rest & 0x7fn));
  }
  const at = reserve(out, groups.length);
  for (let i = 0; i < groups.length; i++) out.bytes[at + i] = groups[i]! | (i < groups.length - 1 ? 0x80 : 0);
}

function writeInteger(out: Output, value: unknown): void {
  const integer = value as Integer;
  if (typeof integer === "bigint") return writeWide(out, integer);
  if (typeof integer === "object")
    return writeWide(out, (BigInt(integer.high) << 32n) | BigInt(integer.low >>> 0));
  if (integer >= 0 && integer <= Number.MAX_SAFE_INTEGER) return writeVarint(out, Math.trunc(integer));
  writeWide(out, Number.isFinite(integer) ? BigInt(Math.trunc(integer)) : 0n);
}

function writeInt32(out: Output, value: unknown): void {
  writeInteger(out, (value as number) | 0);
}

function writeDouble(out: Output, value: unknown): void {
  const at = reserve(out, 8);
  out.view.setFloat64(at, value as number, true);
}

function writeFloat(out: Output, value: unknown): void {
  const at = reserve(out, 4);
  out.view.setFloat32(at, value as number, true);
}

function writeText(out: Output, value: unknown): void {
  const string = value as string;
  const simple = string.length < SHORT_TEXT && isAscii(string);
  const size = simple ? string.length : Buffer.byteLength(string);
  const at = reserve(out, size);
  if (simple) {
    for (let i = 0; i < size; i++) out.bytes[at + i] = string.charCodeAt(i);
  } else {
    text.encodeInto(string, out.bytes.subarray(at, at + size));
  }
  writeVarint(out, size);
}

/** Up to here a loop is faster than a call of the encoder. */
const SHORT_TEXT = 48;
function isAscii(string: string): boolean {
  for (let i = 0; i < string.length; i++) if (string.charCodeAt(i) >= 0x80) return false;
  return true;
}

const text = new TextEncoder();

function writeBytes(out: Output, value: unknown): void {
  const bytes = value as Uint8Array;
  const at = reserve(out, bytes.length);
  out.bytes.set(bytes, at);
  writeVarint(out, bytes.length);
}

function writeBool(out: Output, value: unknown): void {
  writeVarint(out, value ? 1 : 0);
}

function writeUint32(out: Output, value: unknown): void {
  writeVarint(out, (value as number) >>> 0);
}

/** Small numbers of either sign take few bytes. */
function writeZigzag(out: Output, value: unknown): void {
  const wide = BigInt(value as number);
  writeWide(out, (wide << 1n) ^ (wide >> 63n));
}

const isZero = (value: unknown) => value === 0 || value === 0n;
/** -0 is not the default. */
const isPlainZero = (value: unknown) => Object.is(value, 0);
const isEmpty = (value: unknown) => (value as { readonly length: number }).length === 0;

/** How the values of a type are written, and which of them is the default. */
const SCALARS: {
  readonly [type: string]: readonly [wire: number, write: WriteValue, isDefault: (value: unknown) => boolean];
} = {
  bool: [VARINT, writeBool, (value) => value === false],
  int32: [VARINT, writeInt32, isZero],
  uint32: [VARINT, writeUint32, isZero],
  int64: [VARINT, writeInteger, isZero],
  uint64: [VARINT, writeInteger, isZero],
  sint64: [VARINT, writeZigzag, isZero],
  double: [FIXED64, writeDouble, isPlainZero],
  float: [FIXED32, writeFloat, isPlainZero],
  string: [BYTES, writeText, isEmpty],
  bytes: [BYTES, writeBytes, isEmpty],
};
