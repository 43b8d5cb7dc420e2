/*
 * Layout of a `.wandb` file: LevelDB's log format with an IEEE checksum and a header. Blocks are aligned to the start of
 * the file, so the header counts toward the first one.
 */

export const BLOCK_SIZE = 32768;
/** checksum u32 LE, payload length u16 LE, type u8. */
export const CHUNK_HEADER_SIZE = 7;
/** `:W&B`, magic 0xBEE1 LE, version 0. */
export const FILE_HEADER = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00);

export const ChunkType = { full: 1, first: 2, middle: 3, last: 4 } as const;
