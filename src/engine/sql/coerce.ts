/**
 * Types of operands: which go together, and the casts that make them equal. A constant in quotes takes the type of what
 * it meets (`status = '404'`, `time >= '2024-01-31'`); an integer becomes a number next to one; nothing else is converted
 * behind the writer's back.
 */

import { literalValue } from "../functions/literal-value.js";
import { castValue } from "../functions/scalar/cast.js";
import type { Expression, ValueType } from "../plan.js";
import { call } from "./canonical.js";
import { isLiteral, literalOf, parseInterval, TYPE_NAMES } from "./literals.js";
import { QueryError } from "./query-error.js";

/** An expression and where it stands in the query. */
export interface Operand {
  readonly expression: Expression;
  readonly start: number;
  readonly end: number;
}

const LONGEST_QUOTE = 40;

/** The operand as it was written, shortened. */
export function quoteOperand(sql: string, operand: Operand): string {
  const text = sql.slice(operand.start, operand.end).replace(/\s+/g, " ");
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

const adapts = ({ expression }: Operand): boolean =>
  isLiteral(expression) && (expression.value === null || expression.type === "string");

/** The one type that all operands can take, or the two that do not go together. */
function commonType(operands: readonly Operand[]): ValueType | readonly [Operand, Operand] {
  let leader: Operand | undefined;
  let type: ValueType | undefined;
  for (const operand of operands.filter((entry) => !adapts(entry))) {
    const next = operand.expression.type;
    if (leader === undefined || type === undefined || (type === "i64" && next === "f64")) {
      leader = operand;
      type = next;
    } else if (next !== type && !(type === "f64" && next === "i64")) {
      return [leader, operand];
    }
  }
  return type ?? operands.find((operand) => operand.expression.type !== "string")?.expression.type ?? "string";
}

/** Brings all operands to one type; throws a QueryError at the first that does not go with the others. */
export function unify(sql: string, operands: readonly Operand[]): readonly Expression[] {
  const type = commonType(operands);
  if (typeof type !== "string") {
    const [left, right] = type;
    throw new QueryError(
      "type-mismatch",
      sql,
      right.start,
      `${quoteOperand(sql, left)} is ${TYPE_NAMES[left.expression.type]} and ${quoteOperand(sql, right)} is ` +
        `${TYPE_NAMES[right.expression.type]}; convert one of them with CAST(… AS …)`,
    );
  }
  return operands.map((operand) => converted(sql, operand, type));
}

/** Makes an operand of type `type` where that loses nothing; throws a QueryError otherwise. */
export function converted(sql: string, operand: Operand, type: ValueType): Expression {
  const { expression } = operand;
  if (expression.type === type) return expression;
  if (isLiteral(expression) && (adapts(operand) || type === "f64")) return convertedLiteral(sql, operand, type);
  if (expression.type === "i64" && type === "f64") return call("cast", "f64", expression);
  throw new QueryError(
    "type-mismatch",
    sql,
    operand.start,
    `${quoteOperand(sql, operand)} is ${TYPE_NAMES[expression.type]}, but ${TYPE_NAMES[type]} is needed here`,
  );
}

/** A constant as another type; a QueryError if it has no value there. */
export function convertedLiteral(sql: string, operand: Operand, type: ValueType): Expression {
  const { expression } = operand;
  if (!isLiteral(expression)) return call("cast", type, expression);
  const value = literalValue(expression);
  const isIntervalText = type === "interval" && typeof value === "string";
  const result = isIntervalText ? (parseInterval(value) ?? null) : castValue(value, expression.type, type);
  if (value !== null && result === null) {
    throw new QueryError(
      "bad-literal",
      sql,
      operand.start,
      `${quoteOperand(sql, operand)} is not ${TYPE_NAMES[type]}${type === "timestamp" ? "; write '2024-01-31 12:30:00'" : ""}`,
    );
  }
  return literalOf(type, result);
}
