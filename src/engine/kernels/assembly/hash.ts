/**
 * The hash that orders partials. Unseeded and fixed by the format's version: two lanes of multiply and xorshift over
 * 8-byte words. The last two words are the key's last 16 bytes, which may overlap what came before; shorter keys have their
 * first and last 8 bytes, or one word padded with zeros.
 */

const FIRST: u64 = 0x9e3779b97f4a7c15;
const SECOND: u64 = 0xc2b2ae3d27d4eb4f;
const THIRD: u64 = 0x165667b19e3779f9;

@inline
function mix(word: u64, multiplier: u64): u64 {
  const product = word * multiplier;
  return product ^ (product >> 32);
}

/** The word of the first `count` (0 to 8) bytes at `at`; the bytes behind them are read but do not matter. */
@inline
export function partialWord(at: usize, count: u32): u64 {
  if (count >= 8) return load<u64>(at);
  if (count == 0) return 0;
  return load<u64>(at) & (~(<u64>0) >> (64 - (u64(count) << 3)));
}

export function hashKey(key: usize, length: u32, nullMask: u32): u64 {
  return hashOf(key, length, nullMask);
}

/** {@link hashKey} for loops in which a call would take as long as hashing a short key. */
@inline
export function hashOf(key: usize, length: u32, nullMask: u32): u64 {
  let left: u64 = FIRST ^ (u64(length) * THIRD);
  let right: u64 = SECOND ^ u64(nullMask);
  if (length - 17 < 32) {
    // Whether a key of 17 to 48 bytes takes one step or two would be guessed wrong too often: both are computed.
    left = mix(left ^ load<u64>(key), FIRST);
    right = mix(right ^ load<u64>(key, 8), SECOND);
    const secondLeft = mix(left ^ load<u64>(key, 16), FIRST);
    const secondRight = mix(right ^ load<u64>(key, 24), SECOND);
    left = select(secondLeft, left, length > 32);
    right = select(secondRight, right, length > 32);
  } else {
    let at = key;
    let remaining = length;
    while (remaining > 16) {
      left = mix(left ^ load<u64>(at), FIRST);
      right = mix(right ^ load<u64>(at, 8), SECOND);
      at += 16;
      remaining -= 16;
    }
  }
  const end = key + length;
  if (length >= 16) {
    left = mix(left ^ load<u64>(end - 16), FIRST);
    right = mix(right ^ load<u64>(end - 8), SECOND);
  } else if (length >= 8) {
    left = mix(left ^ load<u64>(key), FIRST);
    right = mix(right ^ load<u64>(end - 8), SECOND);
  } else {
    left = mix(left ^ partialWord(key, length), FIRST);
    right = mix(right, SECOND);
  }
  return mix(mix(left ^ rotl(right, 31), THIRD), FIRST);
}
