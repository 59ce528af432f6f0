/** Binds comparisons, IN, LIKE and IS TRUE. */

import { canonicalJson } from "../../base/canonical-json.js";
import { literalValue } from "../functions/literal-value.js";
import { compareValues } from "../functions/scalar/compare-values.js";
import { hasCaseBeyondAscii } from "../functions/scalar/text.js";
import type { Expression } from "../plan.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { connected, negated } from "./canonical.js";
import { converted, type Operand, quoteOperand, unify } from "./coerce.js";
import { isLiteral, isNull, literalOf, TYPE_NAMES } from "./literals.js";
import type { Scope } from "./scope.js";
import type { BinaryOperator, SyntaxExpression, SyntaxNode } from "./syntax.js";

export const COMPARISONS: ReadonlyMap<BinaryOperator, string> = new Map([
  ["=", "eq"],
  ["<>", "ne"],
  ["<", "lt"],
  ["<=", "le"],
  [">", "gt"],
  [">=", "ge"],
]);

export function bindComparison(
  binder: ExpressionBinder,
  name: string,
  left: SyntaxExpression,
  right: SyntaxExpression,
  scope: Scope,
): Expression {
  const operands = [binder.operand(left, scope), binder.operand(right, scope)].map((operand, index, both) =>
    integralBeside(operand, both[1 - index]),
  );
  return binder.invoke(name, "bool", unify(binder.context.sql, operands), { start: left.start, end: right.end });
}

export function bindIn(binder: ExpressionBinder, node: SyntaxNode<"in">, scope: Scope): Expression {
  const operands = [node.operand, ...node.candidates].map((entry) => binder.operand(entry, scope));
  const [subject, ...candidates] = unify(binder.context.sql, operands);
  if (subject === undefined) throw binder.failure("syntax", node.start, "IN needs something to look for");
  const values = new Map<string, Expression>();
  for (const candidate of candidates.filter((entry) => isLiteral(entry) && !isNull(entry))) {
    values.set(canonicalJson(candidate), candidate);
  }
  const constants = [...values.values()].sort(compareLiterals);
  const tests = candidates
    .filter((candidate) => !isLiteral(candidate))
    .map((candidate) => binder.invoke("eq", "bool", [subject, candidate], node));
  if (constants.length > 0) {
    tests.push(binder.invoke(constants.length === 1 ? "eq" : "in", "bool", [subject, ...constants], node));
  }
  if (candidates.some(isNull) || isNull(subject)) tests.push(literalOf("bool", null));
  return connected("or", tests);
}

export function bindLike(binder: ExpressionBinder, node: SyntaxNode<"like" | "ilike">, scope: Scope): Expression {
  const operand = binder.operand(node.operand, scope);
  const pattern = converted(binder.context.sql, binder.operand(node.pattern, scope), "string");
  if (operand.expression.type !== "string") {
    const quoted = quoteOperand(binder.context.sql, operand);
    const problem = `${node.kind.toUpperCase()} compares text, but ${quoted} is ${TYPE_NAMES[operand.expression.type]}`;
    throw binder.failure("type-mismatch", operand.start, `${problem}; use = < > or IN`);
  }
  if (!isLiteral(pattern)) {
    throw binder.failure(
      "not-supported",
      node.pattern.start,
      `the pattern of ${node.kind.toUpperCase()} must be a constant`,
    );
  }
  if (node.kind === "ilike" && hasCaseBeyondAscii(String(pattern.value))) {
    const problem = "ILIKE ignores the case of a to z only, and this pattern has other letters; use LIKE";
    throw binder.failure("not-supported", node.pattern.start, problem);
  }
  const isExact = node.kind === "like" && typeof pattern.value === "string" && !/[%_]/.test(pattern.value);
  return binder.invoke(isExact ? "eq" : node.kind, "bool", [operand.expression, pattern], node);
}

export function bindIsBoolean(binder: ExpressionBinder, node: SyntaxNode<"is-boolean">, scope: Scope): Expression {
  const operand = binder.predicate(node.operand, scope);
  const known = negated(binder.invoke("is_null", "bool", [operand], node));
  return connected("and", [known, node.value ? operand : negated(operand)]);
}

/** A whole number written with a point or exponent is an integer beside one, so that the column needs no conversion. */
function integralBeside(operand: Operand, other: Operand | undefined): Operand {
  const { expression } = operand;
  if (other?.expression.type !== "i64" || isLiteral(other.expression) || !isLiteral(expression)) return operand;
  if (expression.type !== "f64" || !Number.isSafeInteger(expression.value)) return operand;
  return { ...operand, expression: literalOf("i64", BigInt(Number(expression.value))) };
}

function compareLiterals(left: Expression, right: Expression): number {
  if (!isLiteral(left) || !isLiteral(right)) return 0;
  const leftValue = literalValue(left);
  const rightValue = literalValue(right);
  return leftValue === null || rightValue === null ? 0 : compareValues(leftValue, rightValue);
}
