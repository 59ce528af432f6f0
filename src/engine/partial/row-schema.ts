/** The shape of a table's rows: where in a row each accumulator lies, and where in the key bytes each key. */

import type { Aggregate } from "../functions/aggregates/aggregate.js";
import { ROW } from "../kernels/layout.js";
import { PlanError } from "../operators/plan-error.js";
import type { ValueType } from "../plan.js";

/** Bits of the null mask. */
const MAX_KEYS = 32;
export const FIXED_KEY_BYTES = 8;
export const STRING_LENGTH_BYTES = 4;

export interface KeyPlace {
  readonly type: ValueType;
  /** Its number among the keys of fixed width, or among the strings. */
  readonly index: number;
}

export interface AccumulatorPlace {
  readonly aggregate: Aggregate;
  /** Of the argument; i64 for `count(*)`. */
  readonly argumentType: ValueType;
  /** Offset in the row. */
  readonly offset: number;
}

export interface RowSchema {
  readonly keys: readonly KeyPlace[];
  readonly fixedKeys: number;
  readonly stringKeys: number;
  readonly accumulators: readonly AccumulatorPlace[];
  readonly accumulatorBytes: number;
}

/** Rows with keys of these types. Throws a {@link PlanError} if there are too many. */
export function rowSchema(
  keyTypes: readonly ValueType[],
  aggregates: readonly Omit<AccumulatorPlace, "offset">[],
): RowSchema {
  if (keyTypes.length > MAX_KEYS) {
    throw new PlanError(
      "too-many-keys",
      `The query groups by ${keyTypes.length} keys; at most ${MAX_KEYS} are possible, one less beside an aggregate that keeps values`,
    );
  }
  let fixedKeys = 0;
  let stringKeys = 0;
  const keys = keyTypes.map((type) => {
    const index = type === "string" ? stringKeys : fixedKeys;
    if (type === "string") stringKeys += 1;
    else fixedKeys += 1;
    return { type, index };
  });
  let offset: number = ROW.accumulators;
  const accumulators = aggregates.map(({ aggregate, argumentType }) => {
    const place = { aggregate, argumentType, offset };
    offset += aggregate.accumulatorBytes;
    return place;
  });
  return { keys, fixedKeys, stringKeys, accumulators, accumulatorBytes: offset - ROW.accumulators };
}

/** Where the bytes of a key lie, relative to the row's key bytes. */
export interface KeyBytes {
  readonly start: number;
  readonly length: number;
}

/** Finds a key within the `keyLength` key bytes at `at`. */
export function locateKey(
  schema: RowSchema,
  place: KeyPlace,
  memory: DataView,
  at: number,
  keyLength: number,
): KeyBytes {
  if (place.type !== "string") return { start: place.index * FIXED_KEY_BYTES, length: FIXED_KEY_BYTES };
  const lengths = schema.fixedKeys * FIXED_KEY_BYTES;
  let start = lengths + (schema.stringKeys - 1) * STRING_LENGTH_BYTES;
  for (let index = 0; index < place.index; index += 1) {
    start += memory.getUint32(at + lengths + index * STRING_LENGTH_BYTES, true);
  }
  const isLast = place.index === schema.stringKeys - 1;
  const length = isLast ? keyLength - start : memory.getUint32(at + lengths + place.index * STRING_LENGTH_BYTES, true);
  return { start, length };
}
