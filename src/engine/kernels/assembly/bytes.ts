/** Comparing and copying runs of bytes. Loads may reach 16 bytes beyond a run; the host keeps memory there. */

import { partialWord } from "./hash";

/** From its byte 16 - n on, a mask of the first n bytes of 16. */
export const MASKS = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0,
]);

/** The last words that are compared may overlap those before, so that no length needs a loop over its remainder. */
export function equalBytes(left: usize, right: usize, length: u32): bool {
  if (length >= 16) {
    const last = length - 16;
    for (let offset: u32 = 0; offset < last; offset += 16) {
      if (v128.any_true(v128.xor(v128.load(left + offset), v128.load(right + offset)))) return false;
    }
    return !v128.any_true(v128.xor(v128.load(left + last), v128.load(right + last)));
  }
  if (length >= 8) {
    const last = length - 8;
    return load<u64>(left) == load<u64>(right) && load<u64>(left + last) == load<u64>(right + last);
  }
  return partialWord(left, length) == partialWord(right, length);
}

/**
 * {@link equalBytes} for loops in which most keys have 8 to 64 bytes: a branch on how many 16 bytes there are would be guessed
 * wrong too often.
 */
@inline
export function equalKeys(left: usize, right: usize, length: u32): bool {
  if (length - 16 <= 48) {
    const last = length - 16;
    const second = last < 16 ? last : 16;
    const third = last < 32 ? last : 32;
    const front = v128.or(
      v128.xor(v128.load(left), v128.load(right)),
      v128.xor(v128.load(left + second), v128.load(right + second)),
    );
    const back = v128.or(
      v128.xor(v128.load(left + third), v128.load(right + third)),
      v128.xor(v128.load(left + last), v128.load(right + last)),
    );
    return !v128.any_true(v128.or(front, back));
  }
  if (length - 8 <= 8) {
    const last = length - 8;
    return ((load<u64>(left) ^ load<u64>(right)) | (load<u64>(left + last) ^ load<u64>(right + last))) == 0;
  }
  return equalBytes(left, right, length);
}

/** Negative, 0 or positive: the order of the bytes, a prefix before what it begins. */
export function compareBytes(left: usize, leftLength: u32, right: usize, rightLength: u32): i32 {
  const shared = leftLength < rightLength ? leftLength : rightLength;
  let offset: u32 = 0;
  while (offset + 8 <= shared) {
    if (load<u64>(left + offset) != load<u64>(right + offset)) break;
    offset += 8;
  }
  while (offset < shared) {
    const difference = i32(load<u8>(left + offset)) - i32(load<u8>(right + offset));
    if (difference != 0) return difference;
    offset++;
  }
  return leftLength < rightLength ? -1 : leftLength > rightLength ? 1 : 0;
}

/** Copies `length` bytes and pads with zeros to a multiple of 8. */
export function copyPadded(target: usize, source: usize, length: u32): void {
  let offset: u32 = 0;
  while (offset + 8 <= length) {
    store<u64>(target + offset, load<u64>(source + offset));
    offset += 8;
  }
  if (offset < length) store<u64>(target + offset, partialWord(source + offset, length - offset));
}

/** Copies `length` bytes exactly. */
export function copyBytes(target: usize, source: usize, length: u32): void {
  let offset: u32 = 0;
  while (offset + 8 <= length) {
    store<u64>(target + offset, load<u64>(source + offset));
    offset += 8;
  }
  while (offset < length) {
    store<u8>(target + offset, load<u8>(source + offset));
    offset++;
  }
}
