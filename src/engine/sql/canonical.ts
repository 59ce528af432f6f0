/**
 * One form for what means the same, so that the same question has the same map plan and finds the same finished work:
 * comparisons have their constant on the right, NOT stands only where it must, AND and OR are sorted without repetition
 * and balanced (a long chain makes no deep tree). Every rewrite keeps SQL's three-valued meaning.
 */

import { canonicalJson } from "../../base/canonical-json.js";
import { compareText } from "../functions/scalar/compare-values.js";
import type { CallExpression, Expression } from "../plan.js";
import { isLiteral, isNull, literalOf } from "./literals.js";

export const call = (
  name: string,
  type: CallExpression["type"],
  ...operands: readonly Expression[]
): CallExpression => ({
  kind: "call",
  type,
  function: name,
  arguments: operands,
});

export const TRUE = literalOf("bool", true);
const FALSE = literalOf("bool", false);

const isBool = (expression: Expression, value: boolean): boolean => isLiteral(expression) && expression.value === value;

const MIRRORED: ReadonlyMap<string, string> = new Map([
  ["eq", "eq"],
  ["ne", "ne"],
  ["lt", "gt"],
  ["le", "ge"],
  ["gt", "lt"],
  ["ge", "le"],
]);

const NEGATED: ReadonlyMap<string, string> = new Map([
  ["eq", "ne"],
  ["ne", "eq"],
  ["lt", "ge"],
  ["le", "gt"],
  ["gt", "le"],
  ["ge", "lt"],
]);

const COMMUTATIVE: ReadonlySet<string> = new Set(["add", "mul"]);

/** The order of operands: constants last, others by their canonical text. */
function compareOperands(left: Expression, right: Expression): number {
  return Number(isLiteral(left)) - Number(isLiteral(right)) || compareText(canonicalJson(left), canonicalJson(right));
}

/** Turns a comparison, sum or product around where its operands are out of order. */
export function orderOperands(expression: CallExpression): CallExpression {
  const [left, right] = expression.arguments;
  if (left === undefined || right === undefined || expression.arguments.length !== 2) return expression;
  const mirrored =
    MIRRORED.get(expression.function) ?? (COMMUTATIVE.has(expression.function) ? expression.function : undefined);
  if (mirrored === undefined || compareOperands(left, right) <= 0) return expression;
  return call(mirrored, expression.type, right, left);
}

/** NOT pushed inwards as far as it goes. */
export function negated(expression: Expression): Expression {
  if (isNull(expression)) return expression;
  if (isBool(expression, true)) return FALSE;
  if (isBool(expression, false)) return TRUE;
  if (expression.kind === "call") {
    const opposite = NEGATED.get(expression.function);
    if (opposite !== undefined) return call(opposite, "bool", ...expression.arguments);
    const [first] = expression.arguments;
    if (expression.function === "not" && first !== undefined) return first;
    if (expression.function === "and") return connected("or", expression.arguments.map(negated));
    if (expression.function === "or") return connected("and", expression.arguments.map(negated));
  }
  return call("not", "bool", expression);
}

/** AND or OR of any number of operands. */
export function connected(name: "and" | "or", operands: readonly Expression[]): Expression {
  const neutral = name === "and";
  const distinct = new Map<string, Expression>();
  for (const operand of operands.flatMap((entry) => flattened(name, entry))) {
    if (isBool(operand, !neutral)) return operand;
    if (!isBool(operand, neutral)) distinct.set(canonicalJson(operand), operand);
  }
  const sorted = [...distinct].sort(([left], [right]) => compareText(left, right)).map(([, operand]) => operand);
  return sorted.length === 0 ? literalOf("bool", neutral) : balanced(name, sorted);
}

/** What a chain of one connective connects. */
export function flattened(name: string, expression: Expression): readonly Expression[] {
  if (expression.kind !== "call" || expression.function !== name) return [expression];
  return expression.arguments.flatMap((operand) => flattened(name, operand));
}

function balanced(name: string, operands: readonly Expression[]): Expression {
  const [first] = operands;
  if (first !== undefined && operands.length === 1) return first;
  const middle = Math.ceil(operands.length / 2);
  return call(name, "bool", balanced(name, operands.slice(0, middle)), balanced(name, operands.slice(middle)));
}

/**
 * A predicate of which only truth matters, as in WHERE: there NULL is as good as false. Null when it holds for every row.
 */
export function asFilter(predicate: Expression): Expression | null {
  const truth = withoutNull(predicate);
  return isBool(truth, true) ? null : truth;
}

function withoutNull(predicate: Expression): Expression {
  if (isNull(predicate)) return FALSE;
  if (predicate.kind !== "call" || (predicate.function !== "and" && predicate.function !== "or")) return predicate;
  return connected(predicate.function, predicate.arguments.map(withoutNull));
}
