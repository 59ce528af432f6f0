/** Twin of the hash kernel. */

const FIRST = 0x9e3779b97f4a7c15n;
const SECOND = 0xc2b2ae3d27d4eb4fn;
const THIRD = 0x165667b19e3779f9n;
const WORD_BITS = 64;

const word = (value: bigint): bigint => BigInt.asUintN(WORD_BITS, value);

function mix(value: bigint, multiplier: bigint): bigint {
  const product = word(value * multiplier);
  return product ^ (product >> 32n);
}

const rotateLeft = (value: bigint, bits: bigint): bigint => word(value << bits) | (value >> (64n - bits));

/** The little-endian word of at most 8 bytes from `start` on, padded with zeros. */
function wordAt(key: Uint8Array, start: number): bigint {
  let value = 0n;
  for (let index = Math.min(8, key.length - start) - 1; index >= 0; index -= 1) {
    value = (value << 8n) | BigInt(key[start + index] ?? 0);
  }
  return value;
}

/** The hash that orders the rows of partials: of the key's bytes, their number, and the null mask. */
export function hashKey(key: Uint8Array, nullMask: number): bigint {
  const { length } = key;
  let left = FIRST ^ word(BigInt(length) * THIRD);
  let right = SECOND ^ BigInt(nullMask);
  for (let at = 0; length - at > 16; at += 16) {
    left = mix(left ^ wordAt(key, at), FIRST);
    right = mix(right ^ wordAt(key, at + 8), SECOND);
  }
  const leftWord = length >= 16 ? wordAt(key, length - 16) : wordAt(key, 0);
  const rightWord = length >= 8 ? wordAt(key, length - 8) : 0n;
  left = mix(left ^ leftWord, FIRST);
  right = mix(right ^ rightWord, SECOND);
  return mix(mix(left ^ rotateLeft(right, 31n), THIRD), FIRST);
}
