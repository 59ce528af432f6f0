import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateDistinct, REGISTER_BITS } from "../../../src/engine/functions/aggregates/approximate-distinct.js";
import { middleOfBin } from "../../../src/engine/functions/aggregates/approximate-quantile.js";
import { nearestDouble } from "../../../src/engine/functions/aggregates/exact-parts.js";
import type { VectorAddress } from "../../../src/engine/kernels/kernel-exports.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { VECTOR } from "../../../src/engine/kernels/layout.js";
import {
  binOfDouble,
  fractionOf,
  partOfDouble,
  partOfSquare,
  rankOfBytes,
} from "../../../src/engine/kernels/twins/details.js";
import { Batch, type Column } from "../../../src/engine/operators/batch.js";

const kernels = Kernels.instantiate();
const batch = new Batch(kernels);
const { call } = kernels;
const input = batch.newColumn("f64");
const ordered = batch.newColumn("i64");
const key = batch.newColumn("i64");
const part = batch.newColumn("i64");

const valuesOf = (column: Column): number => kernels.memory.view.getUint32(column.vector + VECTOR.values, true);
const nullsOf = (column: Column): number => kernels.memory.view.getUint32(column.vector + VECTOR.nulls, true);

function fill(column: Column, values: readonly (number | null)[]): void {
  values.forEach((value, row) => {
    kernels.memory.view.setFloat64(valuesOf(column) + row * 8, value ?? 0, true);
    kernels.memory.bytes[nullsOf(column) + row] = value === null ? 1 : 0;
  });
}

function integers(column: Column, rows: number): readonly (bigint | null)[] {
  return Array.from({ length: rows }, (_, row) =>
    kernels.memory.bytes[nullsOf(column) + row] === 1
      ? null
      : kernels.memory.view.getBigInt64(valuesOf(column) + row * 8, true),
  );
}

type Pair = { readonly key: number; readonly part: bigint } | null;

function expectPairs(
  kernel: (column: VectorAddress, rows: number) => void,
  twin: (value: number) => Pair,
  values: readonly (number | null)[],
): void {
  fill(input, values);
  kernel(input.vector, values.length);
  const keys = integers(key, values.length);
  const parts = integers(part, values.length);
  const found = keys.map((entry, row) => (entry === null ? null : { key: Number(entry), part: parts[row] }));
  expect(found).toEqual(values.map((value) => (value === null ? null : twin(value))));
}

const doubles = fc.array(fc.option(fc.double(), { freq: 8 }), { maxLength: 50 });

describe("the kernels of details equal their twins:", () => {
  test("parts of doubles", () => {
    const kernel = (column: VectorAddress, rows: number): void =>
      call.splitDoubles(column, key.vector, part.vector, rows);
    fc.assert(
      fc.property(doubles, (values) => expectPairs(kernel, partOfDouble, values)),
      { numRuns: 500 },
    );
  });

  test.each([0, 1] as const)("half %i of the parts of squares", (half) => {
    const kernel = (column: VectorAddress, rows: number): void =>
      call.splitSquares(column, half, key.vector, part.vector, rows);
    const twin = (value: number): Pair => (Number.isFinite(value) ? partOfSquare(value, half) : null);
    fc.assert(
      fc.property(doubles, (values) => expectPairs(kernel, twin, values)),
      { numRuns: 500 },
    );
  });

  test("bins", () => {
    fc.assert(
      fc.property(doubles, (values) => {
        fill(input, values);
        call.orderDoubles(input.vector, ordered.vector, values.length);
        call.binDoubles(ordered.vector, key.vector, values.length);
        expect(integers(key, values.length)).toEqual(
          values.map((value) => (value === null ? null : binOfDouble(value))),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("registers and ranks", () => {
    fc.assert(
      fc.property(doubles, (values) => {
        fill(input, values);
        call.rankValues(input.vector, 0, REGISTER_BITS, key.vector, part.vector, values.length);
        const bytes = new DataView(new ArrayBuffer(8));
        const expected = values.map((value) => {
          if (value === null) return null;
          bytes.setFloat64(0, value, true);
          return rankOfBytes(new Uint8Array(bytes.buffer), REGISTER_BITS);
        });
        expect(integers(key, values.length)).toEqual(expected.map((twin) => twin && BigInt(twin.register)));
        expect(integers(part, values.length)).toEqual(expected.map((twin) => twin && BigInt(twin.rank)));
      }),
      { numRuns: 200 },
    );
  });
});

describe("exact sums", () => {
  test("have parts that add up to the value and to its square", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const { fraction, order } = fractionOf(value);
        const { key: valueKey, part: valuePart } = partOfDouble(value);
        expect(valuePart << BigInt(10 * valueKey)).toBe(fraction << BigInt(order));
        const squares = ([0, 1] as const).map((half) => partOfSquare(value, half));
        const square = squares.reduce((sum, share) => sum + (share.part << BigInt(10 * (share.key - 300))), 0n);
        expect(square).toBe((fraction * fraction) << BigInt(2 * order));
      }),
      { numRuns: 1000 },
    );
  });

  test("round as doubles do", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (integer) => {
        expect(nearestDouble(integer, 1n, 0)).toBe(Number(integer));
      }),
      { numRuns: 1000 },
    );
    const exact = fc.bigInt({ min: 1n, max: 2n ** 53n });
    fc.assert(
      fc.property(exact, exact, (numerator, denominator) => {
        expect(nearestDouble(numerator, denominator, 0)).toBe(Number(numerator) / Number(denominator));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["the least double", 1n, 1n, 1074, Number.MIN_VALUE],
    ["half the least double, which ties to zero", 1n, 1n, 1075, 0],
    ["more than half the least double", 3n, 1n, 1076, Number.MIN_VALUE],
    ["the largest double", (2n ** 53n - 1n) << 971n, 1n, 0, Number.MAX_VALUE],
    ["more than the largest double", 2n ** 1024n, 1n, 0, Number.POSITIVE_INFINITY],
    ["a tie to the even one above", 2n ** 54n + 6n, 1n, 0, 2 ** 54 + 8],
    ["a negative one", -3n, 2n, 0, -1.5],
  ])("round %s", (_name, numerator, denominator, order, expected) => {
    expect(nearestDouble(numerator, denominator, order)).toBe(expected);
  });
});

describe("approximations keep their promise:", () => {
  test("the middle of a bin is within 0.8 % of every double in it", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        fc.pre(Math.abs(value) > 1e-300);
        const middle = Number(middleOfBin(binOfDouble(value), "f64"));
        expect(Math.abs(middle - value)).toBeLessThanOrEqual(0.008 * Math.abs(value));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])(
    "the bin of %d has nothing else",
    (value) => {
      expect(middleOfBin(binOfDouble(value), "f64")).toBe(value);
    },
  );

  test("and of every integer, small ones being exact", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -200, max: 200 }), fc.maxSafeInteger()), (value) => {
        const middle = Number(middleOfBin(binOfDouble(value), "i64"));
        expect(Math.abs(middle - value)).toBeLessThanOrEqual(Math.abs(value) < 128 ? 0 : 0.008 * Math.abs(value));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([0, 1, 100, 1000, 20_000, 100_000])("%i distinct integers are counted within 2 %%", (distinct) => {
    const ranks = new Map<number, number>();
    const bytes = new DataView(new ArrayBuffer(8));
    for (let value = 0; value < distinct; value += 1) {
      bytes.setBigInt64(0, BigInt(value) * 1009n, true);
      const { register, rank } = rankOfBytes(new Uint8Array(bytes.buffer), REGISTER_BITS);
      ranks.set(register, Math.max(rank, ranks.get(register) ?? 0));
    }
    const counts = new Array<number>(64).fill(0);
    counts[0] = 2 ** REGISTER_BITS - ranks.size;
    for (const rank of ranks.values()) counts[rank] = (counts[rank] ?? 0) + 1;
    expect(Math.abs(estimateDistinct(counts) - distinct)).toBeLessThanOrEqual(distinct * 0.02);
  });
});
