/** Comparing and copying runs of bytes. Loads may reach 16 bytes beyond a run; the host keeps memory there. */

import { partialWord } from "./hash";

export function equalBytes(left: usize, right: usize, length: u32): bool {
  let offset: u32 = 0;
  while (offset + 16 <= length) {
    if (v128.any_true(v128.xor(v128.load(left + offset), v128.load(right + offset)))) return false;
    offset += 16;
  }
  if (offset + 8 <= length) {
    if (load<u64>(left + offset) != load<u64>(right + offset)) return false;
    offset += 8;
  }
  const rest = length - offset;
  return rest == 0 || partialWord(left + offset, rest) == partialWord(right + offset, rest);
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
