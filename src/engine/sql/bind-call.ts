/** Binds `name(…)`: aggregates with their FILTER, scalar functions with their argument rules, `now()`. */

import { AGGREGATE_NAMES, AGGREGATE_SYNONYMS, UNSUPPORTED_FUNCTIONS } from "../functions/aggregate-catalogue.js";
import { CALLABLE_FUNCTIONS, scalarFunction } from "../functions/catalogue.js";
import type { Expression } from "../plan.js";
import { bindAggregate } from "./bind-aggregate.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { converted, unify } from "./coerce.js";
import { literalOf } from "./literals.js";
import { nearestName } from "./nearest-name.js";
import type { Scope } from "./scope.js";
import type { SyntaxExpression } from "./syntax.js";

type CallNode = Extract<SyntaxExpression, { readonly kind: "call" }>;

const FUNCTION_NAMES: readonly string[] = ["now", ...CALLABLE_FUNCTIONS].sort();
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ...AGGREGATE_SYNONYMS,
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
  if (UNSUPPORTED_FUNCTIONS.has(name)) {
    throw binder.failure(
      "not-supported",
      node.start,
      `${name}() is not supported yet; there are ${FUNCTION_NAMES.join(", ")}`,
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
