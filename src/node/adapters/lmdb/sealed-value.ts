/**
 * Values as they lie in the store: four bytes of CRC-32, little-endian, over content and key, then the content. LMDB
 * itself notices almost no corruption, and the key in the sum keeps a value from answering for another.
 */

import { crc32 } from "node:zlib";

const CHECKSUM_BYTES = 4;

export function sealValue(key: string, content: Uint8Array): Buffer {
  const value = Buffer.allocUnsafe(CHECKSUM_BYTES + content.length);
  value.writeUInt32LE(crc32(key, crc32(content)), 0);
  value.set(content, CHECKSUM_BYTES);
  return value;
}

/** The content, or undefined when the value is not what was sealed under this key. A view, not a copy. */
export function openValue(key: string, value: Uint8Array): Uint8Array | undefined {
  if (value.length < CHECKSUM_BYTES) return undefined;
  const content = value.subarray(CHECKSUM_BYTES);
  const expected = new DataView(value.buffer, value.byteOffset).getUint32(0, true);
  return crc32(key, crc32(content)) === expected ? content : undefined;
}
