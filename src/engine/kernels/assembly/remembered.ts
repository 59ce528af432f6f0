/**
 * Results of functions by their arguments, for functions that are computed once for each distinct list of arguments. They
 * lie in the accumulators of a group table: {u64 value, u32 flags, u32 unused}.
 */

import { ROW_HEADER_BYTES } from "./group-table";
import { setBool, setI64, setNull, Vector } from "./vector";

const IS_KNOWN: u32 = 1;
const IS_NULL: u32 = 2;
const IS_MALFORMED: u32 = 4;

/** Lists the rows of the table, each once, that have no result yet, and marks them as known; returns how many. */
export function listUnknown(groups: usize, count: u32, list: usize): u32 {
  let listed: u32 = 0;
  for (let at: u32 = 0; at < count; at++) {
    const row = usize(load<u32>(groups + (at << 2)));
    if ((load<u32>(row + ROW_HEADER_BYTES, 8) & IS_KNOWN) != 0) continue;
    store<u32>(row + ROW_HEADER_BYTES, IS_KNOWN, 8);
    store<u32>(list + (listed << 2), u32(row));
    listed++;
  }
  return listed;
}

/**
 * Copies the results to the selected rows of a column, and NULL to its other `rows`; returns how many results say that a
 * value was malformed.
 */
export function recallResults(
  groups: usize,
  selection: usize,
  count: u32,
  isBool: u32,
  out: Vector,
  rows: u32,
): u32 {
  let malformed: u32 = 0;
  memory.fill(out.nulls, 1, rows);
  for (let at: u32 = 0; at < count; at++) {
    const result = usize(load<u32>(groups + (at << 2))) + ROW_HEADER_BYTES;
    const row = load<u32>(selection + (at << 2));
    const flags = load<u32>(result, 8);
    if (isBool != 0) setBool(out, row, load<u8>(result));
    else setI64(out, row, load<i64>(result));
    setNull(out, row, u32((flags & IS_NULL) != 0));
    malformed += u32((flags & IS_MALFORMED) != 0);
  }
  return malformed;
}
