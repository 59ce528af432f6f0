/** Binds `+ - * / // % ||` and the unary minus, over numbers and over time. */

import type { Expression, ValueType } from "../plan.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { bindComparison, COMPARISONS } from "./bind-predicates.js";
import { converted, type Operand, unify } from "./coerce.js";
import { isNull, literalOf } from "./literals.js";
import type { Scope } from "./scope.js";
import type { BinaryOperator, SyntaxNode } from "./syntax.js";

const ARITHMETIC: ReadonlyMap<BinaryOperator, string> = new Map([
  ["+", "add"],
  ["-", "sub"],
  ["*", "mul"],
  ["%", "mod"],
]);

const ZERO = literalOf("f64", 0);

/** The one magnitude that fits 64 bits only behind a minus sign. */
const BEYOND_I64 = "9223372036854775808";

export function bindNegation(binder: ExpressionBinder, node: SyntaxNode<"negate" | "not">, scope: Scope): Expression {
  if (node.operand.kind === "number" && node.operand.text === BEYOND_I64) return literalOf("i64", -BigInt(BEYOND_I64));
  const operand = binder.operand(node.operand, scope);
  const { type } = operand.expression;
  const numeric = type === "f64" || type === "interval" ? type : "i64";
  return binder.invoke("neg", numeric, [converted(binder.context.sql, operand, numeric)], node);
}

export function bindBinary(binder: ExpressionBinder, node: SyntaxNode<"binary">, scope: Scope): Expression {
  const comparison = COMPARISONS.get(node.operator);
  if (comparison !== undefined) return bindComparison(binder, comparison, node.left, node.right, scope);
  const left = binder.operand(node.left, scope);
  const right = binder.operand(node.right, scope);
  const { sql } = binder.context;
  if (node.operator === "||") {
    return binder.invoke("join", "string", [binder.asText(left), binder.asText(right)], node);
  }
  const isOfDoubles = left.expression.type === "f64" || right.expression.type === "f64";
  if (node.operator === "//" && !isOfDoubles) {
    return binder.invoke("int_div", "i64", [converted(sql, left, "i64"), converted(sql, right, "i64")], node);
  }
  if (node.operator === "/" || node.operator === "//") {
    const [dividend, divisor] = [converted(sql, left, "f64"), converted(sql, right, "f64")];
    // By zero `//` is NULL for doubles too, while `/` is infinite.
    const isZero = binder.invoke("eq", "bool", [divisor, ZERO], node);
    const nonZero =
      node.operator === "/" ? divisor : binder.invoke("case", "f64", [isZero, literalOf("f64", null), divisor], node);
    return binder.invoke("div", "f64", [dividend, nonZero], node);
  }
  const name = ARITHMETIC.get(node.operator) ?? node.operator;
  const timed = timeArithmetic(name, left, right);
  if (timed !== undefined) {
    const operands = [converted(sql, left, timed.left), converted(sql, right, timed.right)];
    return binder.invoke(name, timed.result, operands, node);
  }
  const [first, second] = unify(sql, [numeric(binder, left, right), numeric(binder, right, left)]);
  if (first === undefined || second === undefined) throw binder.failure("syntax", node.start, "an operand is missing");
  return binder.invoke(name, first.type, [first, second], node);
}

interface OperationTypes {
  readonly left: ValueType;
  readonly right: ValueType;
  readonly result: ValueType;
}

/** Types of arithmetic with time; undefined for numbers. Quoted constants take the type that makes sense. */
function timeArithmetic(
  name: string,
  { expression: left }: Operand,
  { expression: right }: Operand,
): OperationTypes | undefined {
  const isLeftTime = left.type === "timestamp";
  if (isLeftTime || right.type === "timestamp") {
    const other = isLeftTime ? right : left;
    if (name === "add" && (other.type === "interval" || other.type === "string")) {
      return isLeftTime
        ? { left: "timestamp", right: "interval", result: "timestamp" }
        : { left: "interval", right: "timestamp", result: "timestamp" };
    }
    if (name !== "sub") return undefined;
    return right.type === "interval"
      ? { left: "timestamp", right: "interval", result: "timestamp" }
      : { left: "timestamp", right: "timestamp", result: "interval" };
  }
  const isLeftInterval = left.type === "interval";
  if ((!isLeftInterval && right.type !== "interval") || name === "mod") return undefined;
  if (name !== "mul") return { left: "interval", right: "interval", result: "interval" };
  return isLeftInterval
    ? { left: "interval", right: "i64", result: "interval" }
    : { left: "i64", right: "interval", result: "interval" };
}

/** An operand of numeric arithmetic; between two constants in quotes, or beside one, text is read as a number. */
function numeric(binder: ExpressionBinder, operand: Operand, other: Operand): Operand {
  const { type } = operand.expression;
  if (type === "i64" || type === "f64") return operand;
  const target = other.expression.type === "f64" || type === "string" ? "f64" : "i64";
  const wanted = isNull(operand.expression) && other.expression.type === "i64" ? "i64" : target;
  return { ...operand, expression: converted(binder.context.sql, operand, wanted) };
}
