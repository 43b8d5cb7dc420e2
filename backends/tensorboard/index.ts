/**
 * TensorBoard event files alone: `tracelet/tensorboard-writer`.
 *
 * @packageDocumentation
 */
export { SummaryWriter, type SummaryWriterOptions } from "../../src/summary-writer.js";
export type { EventFileOptions } from "./event-file.js";
export { EventFileReader, type EventFileStatus } from "./event-reader.js";
export { EventFileWriter } from "./event-writer.js";
export type {
  AudioMessage,
  EventMessage,
  HistogramMessage,
  ImageMessage,
  LongBits,
  MetadataMessage,
  ShapeMessage,
  SummaryMessage,
  TensorMessage,
  ValueMessage,
} from "./messages.js";
export type { RecordsEnd } from "./records.js";
