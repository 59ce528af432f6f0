/** Binds `name(…)`: aggregates with their FILTER, scalar functions with their argument rules, `now()`. */

import { canonicalJson } from "../../base/canonical-json.js";
import {
  AGGREGATE_NAMES,
  type AggregateFunction,
  aggregateFunction,
  UNSUPPORTED_AGGREGATES,
  UNSUPPORTED_FUNCTIONS,
} from "../functions/aggregate-catalogue.js";
import { CALLABLE_FUNCTIONS, scalarFunction } from "../functions/catalogue.js";
import type { AggregateCall, Expression, ValueType } from "../plan.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { asFilter, call } from "./canonical.js";
import { converted, type Operand, quoteOperand, unify } from "./coerce.js";
import { isLiteral, isNull, literalOf, TYPE_NAMES } from "./literals.js";
import { nearestName } from "./nearest-name.js";
import type { Scope } from "./scope.js";
import type { SyntaxExpression } from "./syntax.js";

type CallNode = Extract<SyntaxExpression, { readonly kind: "call" }>;

const FUNCTION_NAMES: readonly string[] = ["now", ...CALLABLE_FUNCTIONS].sort();
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["mean", "avg"],
  ["lcase", "lower"],
  ["ucase", "upper"],
  ["len", "length"],
  ["char_length", "length"],
  ["prefix", "starts_with"],
  ["suffix", "ends_with"],
  ["current_timestamp", "now"],
  ["datetrunc", "date_trunc"],
]);

export function bindCall(binder: ExpressionBinder, node: CallNode, scope: Scope): Expression {
  const name = SYNONYMS.get(node.call.name) ?? node.call.name;
  if (AGGREGATE_NAMES.includes(name)) return bindAggregate(binder, node, name, scope);
  if (UNSUPPORTED_AGGREGATES.has(name) || UNSUPPORTED_FUNCTIONS.has(name)) {
    const supported = UNSUPPORTED_AGGREGATES.has(name) ? AGGREGATE_NAMES : FUNCTION_NAMES;
    throw binder.failure(
      "not-supported",
      node.start,
      `${name}() is not supported yet; there are ${supported.join(", ")}`,
    );
  }
  const definition = scalarFunction(name);
  const isNow = name === "now";
  if (!isNow && !definition?.callable) {
    const near = nearestName(name, [...FUNCTION_NAMES, ...AGGREGATE_NAMES]);
    const known = [...AGGREGATE_NAMES, ...FUNCTION_NAMES].join(", ");
    const help = near === undefined ? `; there are ${known}` : `; did you mean "${near}"?`;
    throw binder.failure("unknown-function", node.start, `unknown function "${name}"${help}`);
  }
  if (node.call.star || node.call.distinct || node.call.filter !== null) {
    const what = node.call.star ? "*" : node.call.distinct ? "DISTINCT" : "FILTER";
    throw binder.failure("type-mismatch", node.start, `${name}() is no aggregate and takes no ${what}`);
  }
  if (isNow) {
    expectCount(binder, node, name, 0, 0);
    return literalOf("timestamp", BigInt(Math.trunc(binder.context.nowMs)) * 1000n);
  }
  return bindScalar(binder, node, name, scope);
}

function bindScalar(binder: ExpressionBinder, node: CallNode, name: string, scope: Scope): Expression {
  const definition = scalarFunction(name);
  if (definition === undefined) throw binder.failure("unknown-function", node.start, `unknown function "${name}"`);
  const { rule } = definition;
  if (rule.kind === "same") {
    expectCount(binder, node, name, rule.least, rule.most);
    const operands = node.call.arguments.map((argument) => binder.operand(argument, scope));
    const unified = unify(binder.context.sql, operands);
    return binder.invoke(name, definition.resultType(unified.map((entry) => entry.type)), unified, node);
  }
  expectCount(binder, node, name, rule.types.length, rule.types.length);
  const operands = node.call.arguments.map((argument, index): Expression => {
    const operand = binder.operand(argument, scope);
    if (name === "date_trunc" && index === 0) return binder.truncationUnit(operand);
    return converted(binder.context.sql, operand, rule.types[index] ?? operand.expression.type);
  });
  return binder.invoke(name, definition.resultType(rule.types), operands, node);
}

function expectCount(binder: ExpressionBinder, node: CallNode, name: string, least: number, most: number): void {
  const count = node.call.arguments.length;
  if (count >= least && count <= most) return;
  const wanted = least === most ? `${least}` : `at least ${least}`;
  const noun = wanted === "1" || wanted === "at least 1" ? "argument" : "arguments";
  throw binder.failure("type-mismatch", node.start, `${name}() takes ${wanted} ${noun}, not ${count}`);
}

function bindAggregate(binder: ExpressionBinder, node: CallNode, name: string, scope: Scope): Expression {
  if (!scope.aggregates) {
    const advice = scope.clause === "WHERE" ? "; use HAVING" : "";
    throw binder.failure("grouping", node.start, `the aggregate ${name}() cannot stand in ${scope.clause}${advice}`);
  }
  if (node.call.distinct) {
    throw binder.failure(
      "not-supported",
      node.start,
      `${name}(DISTINCT …) is not supported yet; GROUP BY the expression`,
    );
  }
  const inside: Scope = { ...scope, clause: `the argument of ${name}()`, aggregates: false };
  const filterScope: Scope = { ...inside, clause: "FILTER" };
  const filter = node.call.filter === null ? null : asFilter(binder.predicate(node.call.filter, filterScope));
  const argument = aggregateArgument(binder, node, name, inside);
  if (name === "avg" && argument !== null) return average(binder, argument, filter);
  const definition = aggregateFunction(name);
  if (definition === undefined) throw binder.failure("unknown-function", node.start, `unknown aggregate "${name}"`);
  return aggregateReference(binder, definition, argument, filter);
}

/** The one argument, of a type that the aggregate takes; null for `count(*)` and for the count of a constant. */
function aggregateArgument(binder: ExpressionBinder, node: CallNode, name: string, scope: Scope): Expression | null {
  if (name === "count" && (node.call.star || node.call.arguments.length === 0)) return null;
  if (node.call.star) throw binder.failure("type-mismatch", node.start, `${name}(*) has no meaning; name a column`);
  expectCount(binder, node, name, 1, 1);
  const [argument] = node.call.arguments;
  if (argument === undefined) return null;
  const operand = binder.operand(argument, scope);
  if (name === "count" && isLiteral(operand.expression) && !isNull(operand.expression)) return null;
  if (name === "sum" || name === "avg") return summable(binder, name, operand);
  if (!aggregateFunction(name)?.takes.includes(operand.expression.type)) {
    const problem = `${name}() of text is not supported yet; it takes numbers, times and booleans`;
    throw binder.failure("not-supported", operand.start, problem);
  }
  return operand.expression;
}

function summable(binder: ExpressionBinder, name: string, operand: Operand): Expression {
  const { expression } = operand;
  if (aggregateFunction("sum")?.takes.includes(expression.type)) return expression;
  if (expression.type === "bool") return binder.invoke("cast", "i64", [expression], operand);
  if (isNull(expression)) return literalOf("i64", null);
  const quoted = quoteOperand(binder.context.sql, operand);
  const problem = `${name}() takes numbers, but ${quoted} is ${TYPE_NAMES[expression.type]}`;
  throw binder.failure("type-mismatch", operand.start, problem);
}

const reference = (type: ValueType, index: number): Expression => ({ kind: "aggregate", type, index });

function aggregateReference(
  binder: ExpressionBinder,
  definition: AggregateFunction,
  argument: Expression | null,
  filter: Expression | null,
): Expression {
  const aggregate: AggregateCall = { function: definition.name, argument, filter };
  const text = canonicalJson(aggregate);
  const { aggregates } = binder.context;
  const known = aggregates.findIndex((entry) => canonicalJson(entry) === text);
  if (known < 0) aggregates.push(aggregate);
  const type = definition.resultType(argument?.type ?? "i64");
  return reference(type, known < 0 ? aggregates.length - 1 : known);
}

/** The mean is the exact sum by the count of what is not NULL; NULL when there is nothing, because the sum is. */
function average(binder: ExpressionBinder, argument: Expression, filter: Expression | null): Expression {
  const parts = ["sum", "count"].map((name) => {
    const definition = aggregateFunction(name);
    if (definition === undefined) throw binder.failure("unknown-function", 0, `unknown aggregate "${name}"`);
    const part = aggregateReference(binder, definition, argument, filter);
    return part.type === "f64" ? part : call("cast", "f64", part);
  });
  return call("div", "f64", ...parts);
}
