/** Ranges of code points as sequences of ranges of bytes (after R. Cox, "Regular Expression Matching in the Wild"). */

import type { CodeRange } from "./pattern.js";

/** Inclusive range of bytes. */
export type ByteRange = readonly [first: number, last: number];

const LONGEST_OF_LENGTH = [0x7f, 0x7ff, 0xffff];
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const CONTINUATION_BITS = 6;

/** Sequences that together match the UTF-8 of exactly these code points. */
export function utf8Sequences([first, last]: CodeRange): readonly (readonly ByteRange[])[] {
  if (first > last) return [];
  if (first <= LAST_SURROGATE && last >= FIRST_SURROGATE) {
    return [...utf8Sequences([first, FIRST_SURROGATE - 1]), ...utf8Sequences([LAST_SURROGATE + 1, last])];
  }
  for (const longest of LONGEST_OF_LENGTH) {
    if (first <= longest && last > longest) {
      return [...utf8Sequences([first, longest]), ...utf8Sequences([longest + 1, last])];
    }
  }
  if (last <= 0x7f) return [[[first, last]]];
  return splitByContinuation(first, last);
}

/** Splits until all but the leading bytes that differ are whole ranges of continuation bytes. */
function splitByContinuation(first: number, last: number): readonly (readonly ByteRange[])[] {
  for (let bits = CONTINUATION_BITS; bits <= 3 * CONTINUATION_BITS; bits += CONTINUATION_BITS) {
    const mask = 2 ** bits - 1;
    if ((first & ~mask) === (last & ~mask)) continue;
    if ((first & mask) !== 0) {
      return [...utf8Sequences([first, first | mask]), ...utf8Sequences([(first | mask) + 1, last])];
    }
    if ((last & mask) !== mask) {
      return [...utf8Sequences([first, (last & ~mask) - 1]), ...utf8Sequences([last & ~mask, last])];
    }
  }
  const from = encoded(first);
  const to = encoded(last);
  return [from.map((byte, index): ByteRange => [byte, to[index] ?? byte])];
}

const encoder = new TextEncoder();
const encoded = (point: number): readonly number[] => [...encoder.encode(String.fromCodePoint(point))];
