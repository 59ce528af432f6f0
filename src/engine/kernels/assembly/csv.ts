/** Lines of values between delimiters (RFC 4180): a value may stand in double quotes, where `""` means one of them. */

import { equalBytes } from "./bytes";
import { BARE, clearRow, ESCAPED, NOTHING, RecordProgram, setSlot } from "./records";
import { spanAddress, spanLength } from "./vector";

const FAILED: u32 = 0xffffffff;

/**
 * Takes the values that a line is: exactly `columns` of them. The slot of each, or NONE, is at `slots`. A line that is the
 * string at `header` is no row. Fails where a quote is not closed, or has text behind it.
 */
export function takeCsv(
  lines: usize,
  rows: u32,
  delimiter: u32,
  columns: u32,
  slots: usize,
  header: usize,
  program: RecordProgram,
): u32 {
  const headerSpan = load<u64>(header);
  let failed: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const line = lines + (row << 3);
    const start = load<u32>(line);
    clearRow(program, row);
    if (start == FAILED) continue;
    const end = load<u32>(line, 4);
    const isHeader =
      end - start == spanLength(headerSpan) && equalBytes(start, spanAddress(headerSpan), end - start);
    if (!isHeader && walkValues(start, end, delimiter, columns, slots, program, row)) {
      store<u32>(line, end);
    } else {
      store<u32>(line, FAILED);
      failed++;
    }
  }
  return failed;
}

function walkValues(
  start: usize,
  end: usize,
  delimiter: u32,
  columns: u32,
  slots: usize,
  program: RecordProgram,
  row: u32,
): bool {
  const wanted = i8x16.splat(i8(delimiter));
  let at = start;
  for (let column: u32 = 0; column < columns; column++) {
    const slot = load<u32>(slots + (usize(column) << 2));
    if (at < end && load<u8>(at) == 0x22) {
      const value = at + 1;
      const close = endOfQuoted(value, end);
      if (close >= end) return false;
      setSlot(program, slot, row, hasPair ? ESCAPED : BARE, value, close);
      at = close + 1;
    } else {
      const value = at;
      while (at < end) {
        const hits = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
        if (hits != 0) {
          at += ctz(hits);
          break;
        }
        at += 16;
      }
      if (at > end) at = end;
      setSlot(program, slot, row, at == value ? NOTHING : BARE, value, at);
    }
    if (column + 1 == columns) return at == end;
    if (at >= end || load<u8>(at) != u8(delimiter)) return false;
    at++;
  }
  return false;
}

/** Whether the last value that {@link endOfQuoted} walked has a pair of quotes. */
let hasPair: bool = false;

function endOfQuoted(start: usize, end: usize): usize {
  let at = start;
  hasPair = false;
  while (at < end) {
    if (load<u8>(at) != 0x22) {
      at++;
    } else if (at + 1 < end && load<u8>(at, 1) == 0x22) {
      hasPair = true;
      at += 2;
    } else {
      return at;
    }
  }
  return end;
}
