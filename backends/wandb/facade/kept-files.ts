import { join } from "node:path";
import type { ArtifactEvent, GraphEvent } from "../../../src/events/event.js";
import type { Tensor } from "../../../src/events/tensor.js";
import { Artifact } from "../artifacts/artifact.js";
import { safeArtifactName } from "../artifacts/digests/digest.js";
import { filesBelow } from "../artifacts/folder.js";
import { checkAliases } from "../artifacts/rules.js";
import type { RunWriter } from "../run/run-writer.js";

/** A version of an artifact that holds what was given. What is no file in a folder is told of and left out. */
export function keepArtifact(run: RunWriter, event: ArtifactEvent, warn: (message: string) => void): void {
  const { type, path, source, description, metadata, aliases = [] } = event;
  const artifact = new Artifact(safeArtifactName(event.name), {
    type,
    staging: run.staging,
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined ? {} : { metadata }),
  });
  if ("file" in source) artifact.addFile(source.file, { name: path });
  else if ("folder" in source) {
    const { folder } = source;
    const files = filesBelow(folder, (other) =>
      warn(`artifact ${event.name}: ${other} is no file, and left out`),
    );
    for (const file of files) artifact.addFile(join(folder, file), { name: `${path}/${file}` });
  } else if ("bytes" in source) artifact.newFile(path, source.bytes);
  else artifact.addReference(source.reference, { name: path });
  run.logArtifact(artifact.toPlan(), { aliases: checkAliases(aliases) });
}

/** A model's graph as an artifact of the run: W&B draws none but those its own Python hooks make. */
export function keepGraph(run: RunWriter, { graph }: GraphEvent): void {
  const artifact = new Artifact(safeArtifactName(`run-${run.settings.runId}-graph`), {
    type: "graph",
    staging: run.staging,
  });
  if ("onnx" in graph) artifact.newFile("model.onnx", graph.onnx);
  else artifact.newFile("graph.json", `${JSON.stringify(graph, null, 2)}\n`);
  run.logArtifact(artifact.toPlan(), { aliases: ["latest"] });
}

/** NumPy's names of the element types, little-endian as every machine Node.js runs on but s390x. */
const DTYPES = new Map<unknown, string>([
  [Float32Array, "<f4"],
  [Float64Array, "<f8"],
  [Int8Array, "|i1"],
  [Uint8Array, "|u1"],
  [Uint8ClampedArray, "|u1"],
  [Int16Array, "<i2"],
  [Uint16Array, "<u2"],
  [Int32Array, "<i4"],
  [Uint32Array, "<u4"],
  [BigInt64Array, "<i8"],
  [BigUint64Array, "<u8"],
]);

/** A tensor as a file of NumPy's format (`.npy`, version 1.0), in which nothing of it is lost. */
export function npyBytes({ shape, data, bool }: Tensor): Uint8Array {
  const descr = bool ? "|b1" : DTYPES.get(data.constructor)!;
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  // Magic, version and length take 10 bytes; the data begin at a multiple of 64, after a line feed.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const values = bool ? Uint8Array.from(data as ArrayLike<number>, (value) => (value ? 1 : 0)) : data;
  const body = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    Buffer.from(Uint16Array.of(length).buffer),
    Buffer.from(`${header.padEnd(length - 1)}\n`, "latin1"),
    body,
  ]);
}
