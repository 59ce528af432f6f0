/** Lines of `key=value` pairs between spaces; values with spaces stand in double quotes, where a backslash escapes. */

import { BARE, clearRow, Entry, ESCAPED, findEntry, NONE, NOTHING, RecordProgram, setSlot, TEXT } from "./records";

const FAILED: u32 = 0xffffffff;

/** Takes the pairs that a line is. It begins with one; further words without `=` are keys without a value. */
export function takeLogfmt(lines: usize, rows: u32, program: RecordProgram): u32 {
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    clearRow(program, row);
    if (start == FAILED) continue;
    const end = load<u32>(line, 4);
    if (walkPairs(start, end, program, row)) {
      store<u32>(line, end);
    } else {
      store<u32>(line, FAILED);
      failed++;
    }
  }
  return failed;
}

function walkPairs(start: usize, end: usize, program: RecordProgram, row: u32): bool {
  let at = start;
  let hasPair = false;
  while (true) {
    while (at < end && isBlank(load<u8>(at))) at++;
    if (at >= end) return hasPair;
    const key = at;
    while (at < end && load<u8>(at) != 0x3d && load<u8>(at) != 0x22 && !isBlank(load<u8>(at))) at++;
    if (at == key || (at < end && load<u8>(at) == 0x22)) return false;
    const entry = changetype<Entry>(findEntry(program, 0, key, u32(at - key)));
    const slot = changetype<usize>(entry) == 0 ? NONE : entry.slot;
    if (at >= end || load<u8>(at) != 0x3d) {
      if (!hasPair) return false;
      setSlot(program, slot, row, NOTHING, at, at);
      continue;
    }
    hasPair = true;
    at++;
    const value = at;
    if (at < end && load<u8>(at) == 0x22) {
      at++;
      let isEscaped = false;
      while (at < end && load<u8>(at) != 0x22) {
        const isBackslash = load<u8>(at) == 0x5c;
        isEscaped = isEscaped || isBackslash;
        at += isBackslash ? 2 : 1;
      }
      if (at >= end || (at + 1 < end && !isBlank(load<u8>(at, 1)))) return false;
      setSlot(program, slot, row, isEscaped ? ESCAPED : TEXT, value + 1, at);
      at++;
    } else {
      while (at < end && !isBlank(load<u8>(at))) at++;
      setSlot(program, slot, row, at == value ? NOTHING : BARE, value, at);
    }
  }
}

@inline
function isBlank(byte: u8): bool {
  return byte == 0x20 || byte == 0x09;
}
