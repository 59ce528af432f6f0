/**
 * The hash that places things on the ring: fast, pure, the same on every node for ever. Not for content (see `digest.ts`).
 */

/** MurmurHash3, 32 bits, by Austin Appleby (public domain), over UTF-16 code units taken as 16-bit little-endian. */
export function murmur3(text: string, seed: number): number {
  let hash = seed | 0;
  const pairs = text.length >> 1;
  for (let pair = 0; pair < pairs; pair += 1) {
    hash ^= scramble(text.charCodeAt(pair * 2) | (text.charCodeAt(pair * 2 + 1) << 16));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (text.length % 2 === 1) hash ^= scramble(text.charCodeAt(text.length - 1));
  hash ^= text.length * 2;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/** 53 bits, the most that a double holds exactly: collisions on rings of a million points stay under one in 10^4. */
export function ringHash(text: string): number {
  const high = murmur3(text, 0x9747b28c) >>> 11;
  return high * 2 ** 32 + murmur3(text, 0x3c6ef372);
}
