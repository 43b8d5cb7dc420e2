/** What the header of an image file says. */
export interface ImageHeader {
  readonly format: "png" | "jpeg" | "gif" | "bmp" | "webp";
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Colour channels after decoding: 1 gray, 2 gray+alpha, 3 RGB, 4 with alpha (or CMYK). */
  readonly channels: number;
}

/**
 * Recognises an image file by its first bytes and reads its size; nothing is decoded, and only headers are looked
 * at, so hostile bytes cost no memory and at most one pass.
 *
 * @returns undefined when the bytes are no PNG, JPEG, GIF, BMP or WebP file, or its header is cut off or senseless.
 * @example
 * ```ts
 * sniffImage(readFileSync("plot.png")); // { format: "png", width: 640, height: 480, channels: 4 }
 * ```
 */
export function sniffImage(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = sniffPng(view) ?? sniffJpeg(view) ?? sniffGif(view) ?? sniffBmp(view) ?? sniffWebp(view);
  return header !== undefined && header.width > 0 && header.height > 0 ? header : undefined;
}

function sniffPng(view: DataView): ImageHeader | undefined {
  if (view.byteLength < 26 || view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a)
    return undefined;
  if (!hasText(view, 12, "IHDR")) return undefined;
  const channels = [1, 0, 3, 3, 2, 0, 4][view.getUint8(25)] ?? 0; // by colour type; 3 is a palette of RGB
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  return channels === 0 || width > 0x7fffffff || height > 0x7fffffff
    ? undefined
    : { format: "png", width, height, channels };
}

function sniffJpeg(view: DataView): ImageHeader | undefined {
  const end = view.byteLength;
  if (end < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  let position = 2;
  while (position + 4 <= end) {
    if (view.getUint8(position) !== 0xff) return undefined;
    const marker = view.getUint8(position + 1);
    if (marker === 0xff) {
      position++; // fill byte
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      position += 2; // markers without a length
    } else if (marker === 0xd9 || marker === 0xda) {
      return undefined; // the picture ends or its data begin before any frame header
    } else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      if (position + 10 > end) return undefined;
      const channels = view.getUint8(position + 9);
      if (channels < 1 || channels > 4) return undefined;
      return {
        format: "jpeg",
        width: view.getUint16(position + 7),
        height: view.getUint16(position + 5),
        channels,
      };
    } else {
      const length = view.getUint16(position + 2);
      if (length < 2) return undefined;
      position += 2 + length;
    }
  }
  return undefined;
}

function sniffGif(view: DataView): ImageHeader | undefined {
  if (view.byteLength < 10 || !(hasText(view, 0, "GIF87a") || hasText(view, 0, "GIF89a"))) return undefined;
  return { format: "gif", width: view.getUint16(6, true), height: view.getUint16(8, true), channels: 3 };
}

function sniffBmp(view: DataView): ImageHeader | undefined {
  if (view.byteLength < 26 || !hasText(view, 0, "BM")) return undefined;
  const headerSize = view.getUint32(14, true);
  if (headerSize === 12) {
    return { format: "bmp", width: view.getUint16(18, true), height: view.getUint16(20, true), channels: 3 };
  }
  if (headerSize < 40 || view.byteLength < 30) return undefined;
  return {
    format: "bmp",
    width: view.getInt32(18, true),
    height: Math.abs(view.getInt32(22, true)), // negative: rows stored from the top
    channels: view.getUint16(28, true) === 32 ? 4 : 3,
  };
}

function sniffWebp(view: DataView): ImageHeader | undefined {
  if (view.byteLength < 25 || !hasText(view, 0, "RIFF") || !hasText(view, 8, "WEBP")) return undefined;
  if (hasText(view, 12, "VP8L")) {
    if (view.getUint8(20) !== 0x2f) return undefined;
    const bits = view.getUint32(21, true);
    return {
      format: "webp",
      width: (bits & 0x3fff) + 1,
      height: ((bits >>> 14) & 0x3fff) + 1,
      channels: (bits >>> 28) & 1 ? 4 : 3,
    };
  }
  if (view.byteLength < 30) return undefined;
  if (hasText(view, 12, "VP8X")) {
    return {
      format: "webp",
      width: (view.getUint32(24, true) & 0xffffff) + 1,
      height: (view.getUint32(26, true) >>> 8) + 1,
      channels: view.getUint8(20) & 0x10 ? 4 : 3,
    };
  }
  // The start code of a VP8 key frame, then two sizes of 14 bits with a scale in the upper two.
  if (!hasText(view, 12, "VP8 ") || view.getUint16(23) !== 0x9d01 || view.getUint8(25) !== 0x2a)
    return undefined;
  return {
    format: "webp",
    width: view.getUint16(26, true) & 0x3fff,
    height: view.getUint16(28, true) & 0x3fff,
    channels: 3,
  };
}

function hasText(view: DataView, position: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (view.getUint8(position + index) !== text.charCodeAt(index)) return false;
  }
  return true;
}
