import type { Network } from "./network.js";

/**
 * The trained network as a safetensors file: the length of a JSON header (8 bytes, little endian), the header (where
 * each tensor is), the numbers. The names and shapes are those of PyTorch's `Linear`, so that Python reads it with
 * `safetensors.torch.load_file("digits.safetensors")`.
 */
export function toSafetensors(network: Network, metadata: { readonly [name: string]: string }): Uint8Array {
  const tensors = network.flatMap((layer) => [
    { name: `${layer.name}.weight`, shape: [layer.outputs, layer.inputs], data: layer.weights },
    { name: `${layer.name}.bias`, shape: [layer.outputs], data: layer.biases },
  ]);
  const header: { [name: string]: unknown } = { __metadata__: metadata };
  let end = 0;
  for (const { name, shape, data } of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  // Spaces after the header keep the numbers aligned to 8 bytes.
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const file = Buffer.alloc(8 + padded + end, " ");
  file.writeBigUInt64LE(BigInt(padded));
  json.copy(file, 8);
  let at = 8 + padded;
  for (const { data } of tensors)
    for (const value of data) {
      file.writeFloatLE(value, at);
      at += 4;
    }
  return file;
}
