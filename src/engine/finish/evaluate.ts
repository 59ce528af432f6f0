/**
 * Expressions over one group, compiled once into closures: exact values for what is printed, and doubles for what only
 * has to be compared, which covers half a million groups without an object for each.
 */

import { assert } from "../../base/assert.js";
import type { Value } from "../../job/result.js";
import { scalarFunction } from "../functions/catalogue.js";
import { literalValue } from "../functions/literal-value.js";
import type { GroupReader, GroupRow } from "../partial/group-rows.js";
import type { CallExpression, Expression } from "../plan.js";

export type ExactReader = (row: GroupRow) => Value;
export type NumberReader = (row: GroupRow) => number;

/** The value of `expression` for a group. */
export function exactReader(expression: Expression, rows: GroupReader): ExactReader {
  switch (expression.kind) {
    case "literal": {
      const constant = literalValue(expression);
      return () => constant;
    }
    case "key":
      return (row) => rows.keyValue(row, expression.index);
    case "aggregate":
      return (row) => rows.aggregateValue(row, expression.index);
    case "call":
      return callReader(expression, rows);
    case "field":
    case "position":
      assert(false, `the finish half has keys, and no ${expression.kind}`);
  }
}

function callReader(expression: CallExpression, rows: GroupReader): ExactReader {
  const definition = scalarFunction(expression.function);
  assert(definition !== undefined, `the catalogue has the function ${expression.function}`);
  const operands = expression.arguments.map((argument) => exactReader(argument, rows));
  const types = { arguments: expression.arguments.map((argument) => argument.type), result: expression.type };
  return (row) =>
    definition.evaluate(
      operands.map((operand) => operand(row)),
      types,
    );
}

/**
 * The value of `expression` as a double, NaN for NULL; undefined for text, and for what has no shortcut. Rounding keeps
 * order: where two doubles differ, the exact values differ the same way.
 */
export function numberReader(expression: Expression, rows: GroupReader): NumberReader | undefined {
  if (expression.type === "string") return undefined;
  switch (expression.kind) {
    case "key":
      return (row) => rows.keyNumber(row, expression.index);
    case "aggregate":
      return (row) => rows.aggregateNumber(row, expression.index);
    case "literal": {
      const constant = expression.value === null ? Number.NaN : Number(expression.value);
      return () => constant;
    }
    case "call":
      return numericCall(expression, rows);
    case "field":
    case "position":
      return undefined;
  }
}

/** Only monotone shortcuts: a conversion to double, and a quotient of doubles, are exactly what the function computes. */
function numericCall(expression: CallExpression, rows: GroupReader): NumberReader | undefined {
  const operands = expression.arguments.map((argument) => numberReader(argument, rows));
  const [left, right] = operands;
  if (expression.function === "cast" && expression.type === "f64" && left !== undefined) return left;
  if (expression.function === "div" && left !== undefined && right !== undefined) {
    return (row) => left(row) / right(row);
  }
  return undefined;
}

const EXACT_LIMIT = 2 ** 53;

/** Whether a predicate is true for a group. Numbers are compared as doubles where doubles cannot err. */
export function truthReader(expression: Expression, rows: GroupReader): (row: GroupRow) => boolean {
  const exact = exactReader(expression, rows);
  const fallback = (row: GroupRow): boolean => exact(row) === true;
  if (expression.kind !== "call") return fallback;
  const [left, right] = expression.arguments;
  if (left === undefined || right === undefined) return fallback;
  if (expression.function === "and" || expression.function === "or") {
    const first = truthReader(left, rows);
    const second = truthReader(right, rows);
    return expression.function === "and" ? (row) => first(row) && second(row) : (row) => first(row) || second(row);
  }
  const readLeft = numberReader(left, rows);
  const readRight = numberReader(right, rows);
  const compare = COMPARISONS.get(expression.function);
  if (compare === undefined || readLeft === undefined || readRight === undefined) return fallback;
  return (row) => {
    const first = readLeft(row);
    const second = readRight(row);
    const isSafe = Math.abs(first) < EXACT_LIMIT && Math.abs(second) < EXACT_LIMIT;
    return isSafe ? compare(first, second) : fallback(row);
  };
}

const COMPARISONS: ReadonlyMap<string, (left: number, right: number) => boolean> = new Map([
  ["eq", (left: number, right: number) => left === right],
  ["ne", (left: number, right: number) => left !== right],
  ["lt", (left: number, right: number) => left < right],
  ["le", (left: number, right: number) => left <= right],
  ["gt", (left: number, right: number) => left > right],
  ["ge", (left: number, right: number) => left >= right],
]);
