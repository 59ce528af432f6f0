/**
 * Sums of doubles without rounding, and therefore without an order: a double is an integer of 53 bits at a binary order.
 * The kernels `splitDoubles` and `splitSquares` shift these integers to one of every tenth order and add them up in 128
 * bits, an order to a detail; here the details become one integer, which is rounded once.
 */

import type { Details } from "./listed-aggregate.js";
import { SUM } from "./sum.js";
import { wrongDetail } from "./wrong-detail.js";

const ORDERS_OF_PART = 10n;
/** Bit 0 of a sum of values counts 2^-1075, that of a sum of squares 2^-2150. */
const VALUE_ORDER = 1075;
const SQUARE_ORDER = 2 * VALUE_ORDER;
const LAST_VALUES_KEY = 204n;
const KEY_NAN = 210n;
const KEY_INFINITY = 211n;
const KEY_MINUS_INFINITY = 212n;
const FIRST_SQUARES_KEY = 300n;
const LAST_SQUARES_KEY = 714n;
/** Key of the number of values, among the details of moments. */
export const COUNT_KEY = 900n;

/** What the details of a group add up to. */
export interface ExactSums {
  /** In units of 2^-1075. */
  readonly sum: bigint;
  /** In units of 2^-2150. */
  readonly squares: bigint;
  readonly count: bigint;
  /** What the sum is if a value was not finite. */
  readonly special: number | undefined;
}

export function exactSums(details: Details): ExactSums {
  let sum = 0n;
  let squares = 0n;
  let count = 0n;
  let special: number | undefined;
  for (let index = 0; index < details.count; index += 1) {
    const key = BigInt(details.key(index) ?? 0n);
    const part = BigInt(SUM.value(details.memory, details.accumulator(index), "i64") ?? 0n);
    if (key === COUNT_KEY) count = part;
    else if (key >= 0n && key <= LAST_VALUES_KEY) sum += part << (ORDERS_OF_PART * key);
    else if (key >= FIRST_SQUARES_KEY && key <= LAST_SQUARES_KEY) {
      squares += part << (ORDERS_OF_PART * (key - FIRST_SQUARES_KEY));
    } else special = (special ?? 0) + specialOf(key);
  }
  return { sum, squares, count, special };
}

/** Infinities of both signs add up to NaN, as they do in doubles. */
function specialOf(key: bigint): number {
  if (key === KEY_NAN) return Number.NaN;
  if (key === KEY_INFINITY) return Number.POSITIVE_INFINITY;
  if (key === KEY_MINUS_INFINITY) return Number.NEGATIVE_INFINITY;
  throw wrongDetail("part", key);
}

/** The double nearest to `numerator` / (`denominator` · 2^`order`), ties to even. */
export function nearestDouble(numerator: bigint, denominator: bigint, order: number): number {
  if (numerator === 0n) return 0;
  const magnitude = numerator < 0n ? -numerator : numerator;
  // A quotient of more bits than a double has; what is cut off shows in a lowest bit of its own.
  const shift = Math.max(0, QUOTIENT_BITS + bitLength(denominator) - bitLength(magnitude));
  const scaled = magnitude << BigInt(shift);
  const quotient = scaled / denominator;
  const isExact = quotient * denominator === scaled;
  const rounded = roundToDouble((quotient << 1n) | (isExact ? 0n : 1n), -(order + shift + 1));
  return numerator < 0n ? -rounded : rounded;
}

const QUOTIENT_BITS = 64;
const DOUBLE_BITS = 53;
const LOWEST_ORDER = -1074;

/** The double nearest to `integer` · 2^`order`. */
function roundToDouble(integer: bigint, order: number): number {
  const drop = Math.max(0, bitLength(integer) - DOUBLE_BITS, LOWEST_ORDER - order);
  const half = drop === 0 ? 0n : 1n << BigInt(drop - 1);
  const kept = integer >> BigInt(drop);
  const rest = integer - (kept << BigInt(drop));
  const roundsUp = drop > 0 && (rest > half || (rest === half && (kept & 1n) === 1n));
  return scale(Number(roundsUp ? kept + 1n : kept), order + drop);
}

/** `value` · 2^`order`, in steps that neither overflow nor round before the end. */
function scale(value: number, order: number): number {
  let scaled = value;
  let left = order;
  for (; left > 1000; left -= 1000) scaled *= 2 ** 1000;
  for (; left < -1000; left += 1000) scaled *= 2 ** -1000;
  return scaled * 2 ** left;
}

const bitLength = (value: bigint): number => value.toString(2).length;

/** The sum of the values, rounded once. */
export const sumOf = ({ sum, special }: ExactSums): number => special ?? nearestDouble(sum, 1n, VALUE_ORDER);

/** The variance of a sample, rounded once: (Σx² - (Σx)² / n) / (n - 1). */
export const varianceOf = ({ sum, squares, count, special }: ExactSums): number =>
  special === undefined ? nearestDouble(squares * count - sum * sum, count * (count - 1n), SQUARE_ORDER) : Number.NaN;
