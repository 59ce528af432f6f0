/** Fields that end at a byte, several at once, with the contract of tokenizer.ts. */

import { setNoToken, setToken, Vector } from "./vector";

const FAILED: u32 = 0xffffffff;
const WINDOW_BYTES: u32 = 32;

/**
 * Takes `count` (1 to 4) fields, each up to the byte `first` and over it. If `second` is not 0, the last one ends only where
 * that byte follows, and the cursor steps over both. `outs` lists the columns to fill, 0 to take without keeping.
 *
 * One comparison finds the ends of all fields within the first bytes of a line; where they are not all there, the line is
 * taken by itself.
 */
export function takeUntils(lines: usize, rows: u32, first: u32, second: u32, count: u32, outs: usize): u32 {
  const wanted = i8x16.splat(i8(first));
  const width: u32 = second == 0 ? 1 : 2;
  const isKept = (load<u32>(outs) | load<u32>(outs, 4) | load<u32>(outs, 8) | load<u32>(outs, 12)) != 0;
  const behind = lines + (usize(rows) << 3);
  let failed: u32 = 0;
  for (let line = lines; line < behind; line += 8) {
    const start = load<u32>(line);
    const end = load<u32>(line, 4);
    let isTaken = false;
    if (start < end) {
      const hits = endsAt(start, wanted);
      let last = hits;
      if (count > 1) last &= last - 1;
      if (count > 2) last &= last - 1;
      if (count > 3) last &= last - 1;
      const next = start + ctz(last) + width;
      if (last != 0 && next <= end && (second == 0 || load<u8>(next - 1) == u8(second))) {
        isTaken = true;
        store<u32>(line, next);
        if (isKept) keepFields(outs, u32(line - lines) >> 3, start, hits, count);
      }
    }
    if (!isTaken) failed += takeOtherUntils(line, first, second, count, outs, u32(line - lines) >> 3);
  }
  return failed;
}

/** One bit for each of 32 bytes. */
@inline
function endsAt(at: usize, wanted: v128): u32 {
  return (
    u32(i8x16.bitmask(i8x16.eq(v128.load(at), wanted))) |
    (u32(i8x16.bitmask(i8x16.eq(v128.load(at, 16), wanted))) << 16)
  );
}

@inline
export function keepFields(outs: usize, row: u32, start: u32, hits: u64, count: u32): void {
  let from = start;
  let ends = hits;
  for (let field: u32 = 0; field < count; field++) {
    const end = start + u32(ctz(ends));
    ends &= ends - 1;
    const out = usize(load<u32>(outs + (field << 2)));
    if (out != 0) setToken(changetype<Vector>(out), row, from, end);
    from = end + 1;
  }
}

/** {@link takeUntils} for the line of one row: long fields, and what fails. */
export function takeOtherUntils(line: usize, first: u32, second: u32, count: u32, outs: usize, row: u32): u32 {
  const wanted = i8x16.splat(i8(first));
  const cursor = load<u32>(line);
  const end = usize(load<u32>(line, 4));
  let start = usize(cursor);
  let field: u32 = 0;
  // A cursor of FAILED is behind every end.
  while (field < count && start < end) {
    const follower = field + 1 == count ? second : 0;
    const at = findEnd(start, end, wanted, follower);
    if (at == end) break;
    const out = usize(load<u32>(outs + (field << 2)));
    if (out != 0) setToken(changetype<Vector>(out), row, start, at);
    start = at + 1 + usize(follower != 0);
    field++;
  }
  if (field == count) {
    store<u32>(line, u32(start));
    return 0;
  }
  for (; field < count; field++) {
    const out = usize(load<u32>(outs + (field << 2)));
    if (out != 0) setNoToken(changetype<Vector>(out), row);
  }
  store<u32>(line, FAILED);
  return u32(cursor != FAILED);
}

/** The first place in [start, end) of the byte, with `follower` behind it unless that is 0; `end` if there is none. */
function findEnd(start: usize, end: usize, wanted: v128, follower: u32): usize {
  for (let block = start; block < end; block += WINDOW_BYTES) {
    let hits = endsAt(block, wanted);
    while (hits != 0) {
      const at = block + ctz(hits);
      if (at >= end) return end;
      if (follower == 0 || (at + 1 < end && load<u8>(at, 1) == u8(follower))) return at;
      hits &= hits - 1;
    }
  }
  return end;
}
