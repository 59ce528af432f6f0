/** Layouts and limits that the kernels and their host share; the kernels' side is in `assembly/`. All integers are little-endian. */

/** Lines in a batch at most. */
export const BATCH_ROWS = 2048;
/** Text in a batch, about: what stays in the second-level cache while the columns are computed. */
export const BATCH_TEXT_BYTES = 256 * 1024;
/** Kernels load up to this many bytes beyond the end of a run of bytes. */
export const LOAD_SLACK_BYTES = 192;

/** {u32 cursor, u32 end} */
export const LINE_BYTES = 8;
/** A string of a column: {u32 address, u32 length}. */
export const SPAN_BYTES = 8;

/** Descriptor of a column: `Vector` of assembly/vector.ts. */
export const VECTOR = { values: 0, stride: 4, nulls: 8, nullStride: 12, sizeBytes: 16 } as const;

/** `LineSplit` of assembly/lines.ts. */
export const LINE_SPLIT = {
  lineStart: 0,
  searchFrom: 4,
  textEnd: 8,
  rangeEnd: 12,
  isLastText: 16,
  skipped: 20,
  sizeBytes: 24,
} as const;

/** Places of a needle's two bytes are below: see assembly/sieve-lines.ts. */
export const NEEDLE_PLACES = 32;

/** `GroupTable` of assembly/group-table.ts. */
export const GROUP_TABLE = {
  seed: 0,
  slots: 8,
  slotCount: 12,
  slotShift: 16,
  rowCount: 20,
  rowLimit: 24,
  arenaTop: 28,
  arenaEnd: 32,
  accumulatorBytes: 36,
  wantedBytes: 40,
  direct: 44,
  touched: 48,
  sizeBytes: 56,
} as const;

/** Keys of one small integer that are found by index. */
export const DIRECT_KEYS = 1024;
export const SLOT_BYTES = 8;

/** `Probe` of assembly/group-table.ts. */
export const PROBE = { hashes: 0, keys: 4, nullMasks: 8, candidates: 12, groups: 16, sizeBytes: 24 } as const;

/** A group's row: header, accumulators, key. */
export const ROW = { hash: 0, keyLength: 8, nullMask: 12, accumulators: 16 } as const;

/** Results of `recallResults`, in the accumulators of a table. */
export const RESULT = { value: 16, flags: 24, accumulatorBytes: 16 } as const;
export const RESULT_FLAG = { known: 1, isNull: 2, malformed: 4 } as const;

/** {u64 hash, u64 row}: what rows are sorted by. */
export const SORT_ENTRY_BYTES = 16;
export const SORT_COUNTER_BYTES = 2048 * 4;

/** Kinds of the columns of a composed key, which are listed as {u32 vector, u32 kind, u32 position in the plan}. */
export const KEY_KIND = { wide: 0, bool: 1, string: 2 } as const;

/** How `rankRows` reads an accumulator. */
export const RANK_KIND = { count: 0, sum: 1, extreme: 2, extremeDouble: 3 } as const;

/** Which details of a group decide, for `noteBestDetails`. */
export const BEST_DETAIL = { lowestText: 1, highestText: 2, firstPlace: 3, firstKnownPlace: 4, lastPlace: 5 } as const;

/** Stands for `_` in the segments of a pattern; never occurs in UTF-8. */
export const LIKE_ANY_POINT = 0xff;

export const COMPARISON = { eq: 0, ne: 1, lt: 2, le: 3, gt: 4, ge: 5 } as const;
/** Of `calculateIntegers`; doubles have `div` too. */
export const INTEGER_OPERATION = { add: 0, sub: 1, mul: 2, mod: 3 } as const;
export const DOUBLE_OPERATION = { add: 0, sub: 1, mul: 2, div: 3, mod: 4 } as const;
/** Of `findStrings`. */
export const STRING_PLACE = { starts_with: 0, ends_with: 1, contains: 2 } as const;

/** Stands for no slot, entry or node in a record program. */
export const RECORD_NONE = 0xffff_ffff;
/** `ShapeTable` of assembly/json-shapes.ts: four words, and eight shapes of 64 steps of 64 bytes. */
export const SHAPES = { sizeBytes: 16 + 8 * (16 + 64 * 64) } as const;
/** Of `parseTime` in assembly/time-layouts.ts. */
export const TIME_LAYOUT = { clf: 0, "clf-local": 1, iso: 2, ctime: 3, syslog: 4, epoch: 5, rfc3339: 6 } as const;

/** `Inflation` of assembly/inflation.ts, with what follows it. */
export const INFLATION = {
  input: 12,
  inputEnd: 16,
  output: 20,
  outputLimit: 24,
  windowStart: 28,
  sizeBytes: 10_432,
} as const;

/** Inverse of the kernels' order-preserving map from doubles to integers. */
export function doubleOfOrdered(ordered: bigint): number {
  const bits = ordered < 0n ? BigInt.asIntN(64, ordered ^ 0x7fffffffffffffffn) : ordered;
  scratch.setBigInt64(0, bits);
  return scratch.getFloat64(0);
}

const scratch = new DataView(new ArrayBuffer(8));
