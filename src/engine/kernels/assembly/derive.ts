/** Fields that are made of others. */

import { copyBytes } from "./bytes";
import { i64At, isNull, setI64, setNull, spanAddress, spanLength, spanOf, Vector } from "./vector";

/** Cuts strings at their last byte `delimiter`. Without one, all is `behind` if `wholeIsBehind`, else `before`; the other is NULL. */
export function splitLast(
  text: Vector,
  delimiter: u32,
  wholeIsBehind: u32,
  before: Vector,
  behind: Vector,
  rows: u32,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(text, row);
    const span = missing != 0 ? 0 : u64(i64At(text, row));
    const start = spanAddress(span);
    const end = start + spanLength(span);
    let cut = end;
    while (cut > start && load<u8>(cut - 1) != u8(delimiter)) cut--;
    const isFound = u32(cut > start);
    const beforeEnd = isFound != 0 ? cut - 1 : end;
    const behindStart = isFound != 0 ? cut : start;
    setI64(before, row, spanOf(start, u32(beforeEnd - start)));
    setNull(before, row, missing | ((1 - isFound) & wholeIsBehind));
    setI64(behind, row, spanOf(behindStart, u32(end - behindStart)));
    setNull(behind, row, missing | ((1 - isFound) & (1 - wholeIsBehind)));
  }
}

/** Names of the severity and the facility of a syslog priority, from lists of spans. What is not 0 to 191 is NULL. */
export function splitPriority(
  priority: Vector,
  severities: usize,
  facilities: usize,
  severity: Vector,
  facility: Vector,
  rows: u32,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    const span = isNull(priority, row) != 0 ? 0 : u64(i64At(priority, row));
    const length = spanLength(span);
    let value: u32 = length == 0 || length > 3 ? 1000 : 0;
    for (let index: u32 = 0; index < length && value < 1000; index++) {
      const digit = u32(load<u8>(spanAddress(span) + index)) - 0x30;
      value = digit > 9 ? 1000 : value * 10 + digit;
    }
    const missing = u32(value > 191);
    setI64(severity, row, missing != 0 ? 0 : load<i64>(severities + (usize(value & 7) << 3)));
    setI64(facility, row, missing != 0 ? 0 : load<i64>(facilities + (usize(value >> 3) << 3)));
    setNull(severity, row, missing);
    setNull(facility, row, missing);
  }
}

/** Writes `path?query` to `target`; the path alone, where it lies, if there is no query. */
export function joinUrls(path: Vector, query: Vector, target: usize, out: Vector, rows: u32): void {
  let top = target;
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(path, row);
    let span = u64(i64At(path, row));
    if (missing == 0 && isNull(query, row) == 0) {
      const tail = u64(i64At(query, row));
      const start = top;
      copyBytes(top, spanAddress(span), spanLength(span));
      top += spanLength(span);
      store<u8>(top, 0x3f);
      copyBytes(top + 1, spanAddress(tail), spanLength(tail));
      top += 1 + spanLength(tail);
      span = spanOf(start, u32(top - start));
    }
    setI64(out, row, missing != 0 ? 0 : i64(span));
    setNull(out, row, missing);
  }
}

/** The first string of JSON arrays, and strings that are none as they are. An empty array, or one of no strings, is NULL. */
export function firstOfArrays(text: Vector, out: Vector, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(text, row);
    const span = missing != 0 ? 0 : u64(i64At(text, row));
    let start = spanAddress(span);
    let end = start + spanLength(span);
    let isThere = missing == 0;
    if (start < end && load<u8>(start) == 0x5b) {
      start++;
      while (start < end && load<u8>(start) == 0x20) start++;
      isThere = start < end && load<u8>(start) == 0x22;
      start++;
      const limit = end;
      end = start;
      while (end < limit && load<u8>(end) != 0x22) end += load<u8>(end) == 0x5c ? 2 : 1;
      isThere = isThere && end < limit;
    }
    setI64(out, row, isThere ? spanOf(start, u32(end - start)) : 0);
    setNull(out, row, u32(!isThere));
  }
}
