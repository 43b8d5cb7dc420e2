import v8 from "node:v8";

/**
 * Messages through the ring: structured-clone bytes (so NaN, -0, undefined and any string survive), with typed arrays
 * laid beside them instead of inside. A view is then copied once, from the caller's memory into the ring, and on the
 * other side it is a window on the message's own bytes.
 *
 * Layout: head length (u32), number of views (u32), head padded to 8 bytes, then each view's bytes padded to 8.
 */

const VIEW_TYPES = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** The length of a view is written with 32 bits. */
const MOST_BYTES = 2 ** 32 - 1;

class MessageSerializer extends v8.Serializer {
  readonly views: Uint8Array[] = [];

  // Called by V8 for each ArrayBufferView, because of the setter in `encodeMessage`.
  _writeHostObject(view: ArrayBufferView): void {
    // By its tag: a Buffer is the Uint8Array it is, and arrays of other realms (vm, Jest) are no instances of ours.
    const name = (view as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag];
    const type = VIEW_TYPES.findIndex((candidate) => candidate.name === name);
    if (type < 0) throw new TypeError(`cannot log a ${name}`);
    if (view.byteLength > MOST_BYTES) throw new RangeError(`cannot log an array of ${view.byteLength} bytes`);
    this.writeUint32(type);
    this.writeUint32(view.byteLength);
    this.views.push(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }
}

class MessageDeserializer extends v8.Deserializer {
  readonly #message: Uint8Array<ArrayBuffer>;
  #offset: number;

  constructor(message: Uint8Array<ArrayBuffer>, head: Uint8Array<ArrayBuffer>, firstView: number) {
    super(head);
    this.#message = message;
    this.#offset = firstView;
  }

  _readHostObject(): ArrayBufferView {
    const Type = VIEW_TYPES[this.readUint32()]!;
    const bytes = this.readUint32();
    const view = new Type(
      this.#message.buffer,
      this.#message.byteOffset + this.#offset,
      bytes / Type.BYTES_PER_ELEMENT,
    );
    this.#offset += padded(bytes);
    return view;
  }
}

const padded = (bytes: number) => Math.ceil(bytes / 8) * 8;
const PADDING = new Uint8Array(8);

/** The message as pieces to be written one after another; they still point into the caller's arrays. */
export function encodeMessage(value: unknown): Uint8Array[] {
  const serializer = new MessageSerializer();
  // The native setter is missing from the type definitions of Node 20.
  (
    serializer as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void }
  )._setTreatArrayBufferViewsAsHostObjects(true);
  serializer.writeHeader();
  serializer.writeValue(value);
  const head = serializer.releaseBuffer();
  const lengths = new Uint32Array([head.byteLength, serializer.views.length]);
  const parts: Uint8Array[] = [new Uint8Array(lengths.buffer), head];
  if (serializer.views.length === 0) return parts;
  parts.push(PADDING.subarray(0, padded(head.byteLength) - head.byteLength));
  for (const view of serializer.views) {
    parts.push(view, PADDING.subarray(0, padded(view.byteLength) - view.byteLength));
  }
  return parts.filter((part) => part.byteLength > 0);
}

/** The value of a whole message; its typed arrays are windows on `message`. */
export function decodeMessage(message: Uint8Array<ArrayBuffer>): unknown {
  const [headLength] = new Uint32Array(message.buffer, message.byteOffset, 2);
  const head = message.subarray(8, 8 + headLength!);
  const deserializer = new MessageDeserializer(message, head, 8 + padded(headLength!));
  deserializer.readHeader();
  return deserializer.readValue();
}
