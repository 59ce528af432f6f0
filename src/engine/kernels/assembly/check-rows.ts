/** Checking the rows of a partial that comes from outside, before anything follows their lengths. */

import { hashKey } from "./hash";
import { compareRows } from "./sort-rows";
import { GroupTable, ROW_HEADER_BYTES, rowBytes, rowKey } from "./group-table";

/**
 * Checks the whole rows in [from, end): lengths, the layout of composite keys, padding, hashes, strictly ascending order
 * from `previous` (0 if there is none) on. Stops in front of a row that `end` cuts, or that is wrong; returns its address.
 * Whether it was wrong or cut, the caller knows by what is left.
 */
export function checkRows(
  table: GroupTable,
  previous: usize,
  from: usize,
  end: usize,
  fixedCount: u32,
  stringCount: u32,
): usize {
  let row = from;
  let before = previous;
  const knownNulls = fixedCount + stringCount >= 32 ? ~(<u32>0) : (<u32>1 << (fixedCount + stringCount)) - 1;
  while (end - row >= ROW_HEADER_BYTES) {
    const keyLength = load<u32>(row, 8);
    const nullMask = load<u32>(row, 12);
    if (keyLength > 0xf0000000) return row;
    const size = rowBytes(table, keyLength);
    if (end - row < size) return row;
    const key = rowKey(table, row);
    if ((nullMask & ~knownNulls) != 0 || !isKeyLayout(key, keyLength, fixedCount, stringCount)) return row;
    for (let at = key + keyLength; at < row + size; at++) if (load<u8>(at) != 0) return row;
    if (hashKey(key, keyLength, nullMask) != load<u64>(row)) return row;
    if (before != 0 && compareRows(table, before, row) >= 0) return row;
    before = row;
    row += size;
  }
  return row;
}

function isKeyLayout(key: usize, keyLength: u32, fixedCount: u32, stringCount: u32): bool {
  if (stringCount == 0) return keyLength == fixedCount * 8;
  let known: u64 = u64(fixedCount) * 8 + u64(stringCount - 1) * 4;
  if (known > u64(keyLength)) return false;
  for (let index: u32 = 0; index + 1 < stringCount; index++) {
    known += load<u32>(key + fixedCount * 8 + (index << 2));
  }
  return known <= u64(keyLength);
}
