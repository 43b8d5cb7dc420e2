/**
 * TensorBoard's messages as plain objects, as far as its own writers use them; field names are those of the .proto
 * files in camelCase. `schema.ts` turns them into bytes and back.
 */

/** One record of an event file. Of the fields after `step`, one is set (`sourceMetadata` may come along). */
export interface EventMessage {
  /** Seconds since the epoch. */
  readonly wallTime?: number;
  /** Absent reads as 0. */
  readonly step?: number;
  /** `brain.Event:2` in the first record of a file. */
  readonly fileVersion?: string;
  /** A serialized GraphDef. */
  readonly graphDef?: Uint8Array;
  readonly summary?: SummaryMessage;
  readonly sessionLog?: { readonly status?: number; readonly checkpointPath?: string; readonly msg?: string };
  readonly taggedRunMetadata?: { readonly tag?: string; readonly runMetadata?: Uint8Array };
  readonly sourceMetadata?: { readonly writer?: string };
}

/** One value list of an event file (TensorFlow: `Summary`). */
export interface SummaryMessage {
  readonly value?: readonly ValueMessage[];
}

/** What is logged under a tag: one of `simpleValue`, `image`, `histo`, `audio`, `tensor`. */
export interface ValueMessage {
  readonly tag?: string;
  readonly simpleValue?: number;
  readonly image?: ImageMessage;
  readonly histo?: HistogramMessage;
  readonly audio?: AudioMessage;
  readonly tensor?: TensorMessage;
  readonly metadata?: MetadataMessage;
}

/** An encoded picture and its size in pixels (TensorFlow: `Summary.Image`). */
export interface ImageMessage {
  readonly height?: number;
  readonly width?: number;
  /** Number of channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly colorspace?: number;
  /** A PNG, JPEG, GIF or BMP file. */
  readonly encodedImageString?: Uint8Array;
}

/** Buckets and moments of values (TensorFlow: `HistogramProto`). */
export interface HistogramMessage {
  readonly min?: number;
  readonly max?: number;
  readonly num?: number;
  readonly sum?: number;
  readonly sumSquares?: number;
  /** Right edges; the first bucket begins at minus infinity. */
  readonly bucketLimit?: ArrayLike<number>;
  readonly bucket?: ArrayLike<number>;
}

/** An encoded sound (TensorFlow: `Summary.Audio`). */
export interface AudioMessage {
  readonly sampleRate?: number;
  readonly numChannels?: number;
  readonly lengthFrames?: number;
  readonly encodedAudioString?: Uint8Array;
  readonly contentType?: string;
}

/** A 64-bit integer as two halves, for values a number cannot hold. */
export interface LongBits {
  readonly low: number;
  readonly high: number;
  readonly unsigned?: boolean;
}

/** A tensor: raw bytes in `tensorContent`, or the list of its type; a list of one fills the whole shape. */
export interface TensorMessage {
  /** A `DataType` number. */
  readonly dtype?: number;
  readonly tensorShape?: ShapeMessage;
  readonly tensorContent?: Uint8Array;
  readonly floatVal?: ArrayLike<number>;
  readonly doubleVal?: ArrayLike<number>;
  readonly intVal?: ArrayLike<number>;
  readonly stringVal?: readonly Uint8Array[];
  readonly int64Val?: ArrayLike<number | LongBits>;
  readonly boolVal?: ArrayLike<boolean>;
  readonly uint32Val?: ArrayLike<number>;
}

/** A tensor's sizes (TensorFlow: `TensorShapeProto`). */
export interface ShapeMessage {
  readonly dim?: readonly { readonly size?: number }[];
}

/** Which plugin shows a value, and how (TensorFlow: `SummaryMetadata`). */
export interface MetadataMessage {
  readonly pluginData?: { readonly pluginName?: string; readonly content?: Uint8Array };
  readonly displayName?: string;
  /** Markdown. */
  readonly summaryDescription?: string;
  /** One of `DataClass`. */
  readonly dataClass?: number;
}

/** How TensorBoard's data providers class a tag. */
export const DataClass = { scalar: 1, tensor: 2, blobSequence: 3 } as const;

/** TensorFlow's element types that this package writes. */
export const DataType = {
  float: 1,
  double: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  int64: 9,
  bool: 10,
  uint16: 17,
  uint32: 22,
  uint64: 23,
} as const;

/** The shape message of a list of sizes; an empty list is rank 0, and is written. */
export function shapeMessage(sizes: readonly number[]): ShapeMessage {
  return { dim: sizes.map((size) => ({ size })) };
}
