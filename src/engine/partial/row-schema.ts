/**
 * The shape of a plan's rows: where in a row each accumulator lies, and where in the key bytes each key. It follows from
 * the map plan alone.
 */

import type { Aggregate } from "../functions/aggregates/aggregate.js";
import { aggregateByName } from "../functions/aggregates/aggregates.js";
import { ROW } from "../kernels/layout.js";
import { PlanError } from "../operators/plan-error.js";
import type { AggregateCall, MapPlan, ValueType } from "../plan.js";

/** Bits of the null mask. */
const MAX_KEYS = 32;
const FIXED_KEY_BYTES = 8;
const STRING_LENGTH_BYTES = 4;

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

/** Throws a {@link PlanError} for aggregates, argument types and numbers of keys that partials cannot hold. */
export function rowSchemaOf(plan: MapPlan): RowSchema {
  if (plan.keys.length > MAX_KEYS) {
    throw new PlanError("too-many-keys", `GROUP BY has ${plan.keys.length} keys; at most ${MAX_KEYS} are possible`);
  }
  let fixedKeys = 0;
  let stringKeys = 0;
  const keys = plan.keys.map(({ type }) => {
    const index = type === "string" ? stringKeys : fixedKeys;
    if (type === "string") stringKeys += 1;
    else fixedKeys += 1;
    return { type, index };
  });
  let offset: number = ROW.accumulators;
  const accumulators = plan.aggregates.map((call) => {
    const place = { ...accumulatorOf(call), offset };
    offset += place.aggregate.accumulatorBytes;
    return place;
  });
  return { keys, fixedKeys, stringKeys, accumulators, accumulatorBytes: offset - ROW.accumulators };
}

function accumulatorOf(call: AggregateCall): Pick<AccumulatorPlace, "aggregate" | "argumentType"> {
  const aggregate = aggregateByName(call.function);
  if (aggregate === undefined) {
    throw new PlanError("unsupported-function", `The aggregate ${call.function} cannot be computed yet`);
  }
  const argumentType = call.argument?.type ?? "i64";
  if (!aggregate.argumentTypes.includes(argumentType)) {
    const types = aggregate.argumentTypes.join(", ");
    throw new PlanError(
      "unsupported-type",
      `${call.function} of a ${argumentType} cannot be computed yet; it takes ${types}`,
    );
  }
  return { aggregate, argumentType };
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
