/** Tokens to values of a type. */

import { unreachable } from "../../base/assert.js";
import type { Conversion } from "../formats/format.js";
import type { Address } from "../kernels/kernel-exports.js";
import { BATCH_ROWS, VECTOR } from "../kernels/layout.js";
import type { Column } from "./batch.js";
import { type FieldContext, layoutArguments } from "./field-context.js";

export interface Tokens {
  readonly tokens: Column;
  /** What they are, one byte a row; 0 where they stand for themselves. */
  readonly kinds: Address;
  /** Whether escapes are those of CSV. */
  readonly isCsv: boolean;
}

/** Fills a column; returns for how many rows a token did not convert that are live in the column at `live` (none if 0). */
export type ConversionStep = (rows: number, live: Address) => number;

export function conversionStep(
  context: FieldContext,
  { tokens, kinds, isCsv }: Tokens,
  conversion: Conversion,
  out: Column,
): ConversionStep {
  const { call } = context.batch.kernels;
  switch (conversion.type) {
    case "string": {
      const room = context.newRoom();
      return (rows) => {
        const target = room(Number(call.escapedBytes(tokens.vector, kinds, rows)));
        call.convertTexts(tokens.vector, kinds, isCsv ? 1 : 0, target, out.vector, rows);
        return 0;
      };
    }
    case "i64":
      return (rows, live) => call.convertIntegers(tokens.vector, kinds, live, out.vector, rows);
    case "bool":
      return (rows, live) => call.convertBools(tokens.vector, kinds, live, out.vector, rows);
    case "timestamp": {
      const { code, parameter } = layoutArguments(conversion.layout);
      return (rows, live) => call.convertTimes(tokens.vector, kinds, code, parameter, live, out.vector, rows);
    }
    case "f64":
      return doubleStep(context, tokens, kinds, conversion.divisor ?? 1, out);
    default:
      return unreachable(conversion);
  }
}

const SLOW_SHIFT = 16;

/** Numbers that the kernel cannot round in one step are read by JavaScript, which rounds all of them right. */
function doubleStep(
  context: FieldContext,
  tokens: Column,
  kinds: Address,
  divisor: number,
  out: Column,
): ConversionStep {
  const { kernels } = context.batch;
  const slow = kernels.memory.allocate(BATCH_ROWS * 4).address;
  return (rows, live) => {
    const outcome = kernels.call.convertDoubles(tokens.vector, kinds, divisor, live, out.vector, slow, rows);
    let failures = outcome % 2 ** SLOW_SHIFT;
    const slowCount = outcome >>> SLOW_SHIFT;
    const { view, bytes } = kernels.memory;
    const spans = view.getUint32(tokens.vector + VECTOR.values, true);
    const values = view.getUint32(out.vector + VECTOR.values, true);
    const nulls = view.getUint32(out.vector + VECTOR.nulls, true);
    for (let index = 0; index < slowCount; index += 1) {
      const row = view.getUint32(slow + index * 4, true);
      const start = view.getUint32(spans + row * 8, true);
      const end = start + view.getUint32(spans + row * 8 + 4, true);
      const value = Number(Buffer.from(bytes.subarray(start, end)).toString("latin1")) / divisor;
      const isGood = Number.isFinite(value);
      view.setFloat64(values + row * 8, isGood ? value : 0, true);
      bytes[nulls + row] = isGood ? 0 : 1;
      if (!isGood && live !== 0 && bytes[live + row] === 1) failures += 1;
    }
    return failures;
  };
}
