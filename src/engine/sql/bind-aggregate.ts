/** Binds an aggregate: its argument, DISTINCT, FILTER, and the share of a quantile. */

import { canonicalJson } from "../../base/canonical-json.js";
import {
  type AggregateFunction,
  aggregateFunction,
  COUNT_DISTINCT,
  NAMED_QUANTILES,
} from "../functions/aggregate-catalogue.js";
import type { AggregateCall, Expression, ValueType } from "../plan.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { asFilter, call } from "./canonical.js";
import { type Operand, quoteOperand } from "./coerce.js";
import { isLiteral, isNull, literalOf, TYPE_NAMES } from "./literals.js";
import type { Scope } from "./scope.js";
import type { SyntaxExpression } from "./syntax.js";

type CallNode = Extract<SyntaxExpression, { readonly kind: "call" }>;

/** What is aggregated, besides which rows. */
interface Target {
  readonly definition: AggregateFunction;
  /** Null for `count(*)`. */
  readonly argument: Expression | null;
  readonly parameters: readonly number[];
}

/** `name` is one of `AGGREGATE_NAMES`. */
export function bindAggregate(binder: ExpressionBinder, node: CallNode, name: string, scope: Scope): Expression {
  if (!scope.aggregates) {
    const advice = scope.clause === "WHERE" ? "; use HAVING" : "";
    throw binder.failure("grouping", node.start, `the aggregate ${name}() cannot stand in ${scope.clause}${advice}`);
  }
  const aliases = scope.aliases === "none" ? "none" : "last";
  const inside: Scope = { clause: `the argument of ${name}()`, aggregates: false, aliases };
  const filterScope: Scope = { ...inside, clause: "FILTER" };
  const filter = node.call.filter === null ? null : asFilter(binder.predicate(node.call.filter, filterScope));
  const share = NAMED_QUANTILES.get(name);
  const definition = definitionOf(binder, node, share === undefined ? name : "approx_quantile");
  const operands = argumentsOf(binder, node, name, definition.takesShare && share === undefined, inside);
  const argument = operands === null ? null : typedArgument(binder, name, definition, operands[0]);
  if (name === "avg" && argument !== null) return average(binder, argument, filter);
  if (!definition.takesShare) return aggregateReference(binder, { definition, argument, parameters: [] }, filter);
  const parameters = [share ?? shareOf(binder, name, operands?.[1])];
  return aggregateReference(binder, { definition, argument, parameters }, filter);
}

/** Of `avg` the sum's: it takes the same arguments. */
function definitionOf(binder: ExpressionBinder, node: CallNode, name: string): AggregateFunction {
  const isDistinct = node.call.distinct;
  // The lowest of all values is the lowest of the distinct ones; for other aggregates this is not so.
  const ignoresRepetition = ["min", "max", "any_value", "approx_count_distinct"].includes(name);
  if (isDistinct && name !== "count" && !ignoresRepetition) {
    throw binder.failure(
      "not-supported",
      node.start,
      `${name}(DISTINCT …) is not supported yet; only count(DISTINCT …) is, or GROUP BY the expression`,
    );
  }
  if (isDistinct && name === "count") return COUNT_DISTINCT;
  const definition = aggregateFunction(name === "avg" ? "sum" : name);
  if (definition === undefined) throw binder.failure("unknown-function", node.start, `unknown aggregate "${name}"`);
  return definition;
}

/** The argument, and the share where one is taken; null for `count(*)` and for the count of a constant. */
function argumentsOf(
  binder: ExpressionBinder,
  node: CallNode,
  name: string,
  takesShare: boolean,
  scope: Scope,
): readonly [Operand, Operand | undefined] | null {
  const { star, distinct, arguments: written } = node.call;
  if (name === "count" && !distinct && (star || written.length === 0)) return null;
  if (star) throw binder.failure("type-mismatch", node.start, `${name}(*) has no meaning; name a column`);
  const [first, second] = written;
  const wanted = takesShare ? 2 : 1;
  if (first === undefined || written.length !== wanted) {
    const form = takesShare ? "2 arguments, a column and a share from 0 to 1" : "1 argument";
    throw binder.failure("type-mismatch", node.start, `${name}() takes ${form}, not ${written.length}`);
  }
  const operand = binder.operand(first, scope);
  if (name === "count" && !distinct && isLiteral(operand.expression) && !isNull(operand.expression)) return null;
  return [operand, second === undefined ? undefined : binder.operand(second, scope)];
}

function typedArgument(
  binder: ExpressionBinder,
  name: string,
  definition: AggregateFunction,
  operand: Operand,
): Expression {
  const { expression } = operand;
  if (definition.takes.includes(expression.type)) return expression;
  if (definition.name === "sum" && expression.type === "bool") {
    return binder.invoke("cast", "i64", [expression], operand);
  }
  if (isNull(expression)) return literalOf("i64", null);
  const quoted = quoteOperand(binder.context.sql, operand);
  const wanted =
    definition.takes.includes("string") || definition.takes.includes("timestamp") ? typeNames(definition) : "numbers";
  const problem = `${name}() takes ${wanted}, but ${quoted} is ${TYPE_NAMES[expression.type]}`;
  throw binder.failure("type-mismatch", operand.start, problem);
}

const typeNames = ({ takes }: AggregateFunction): string => takes.map((type) => TYPE_NAMES[type]).join(", ");

/** The constant behind the argument of a quantile. */
function shareOf(binder: ExpressionBinder, name: string, operand: Operand | undefined): number {
  const expression = operand?.expression;
  if (operand === undefined || expression === undefined) return 0;
  const isNumber = isLiteral(expression) && (expression.type === "f64" || expression.type === "i64");
  const share = isNumber ? Number(expression.value ?? Number.NaN) : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  const quoted = quoteOperand(binder.context.sql, operand);
  throw binder.failure(
    "type-mismatch",
    operand.start,
    `the share of ${name}() must be a constant from 0 to 1, not ${quoted}`,
  );
}

const reference = (type: ValueType, index: number): Expression => ({ kind: "aggregate", type, index });

function aggregateReference(
  binder: ExpressionBinder,
  { definition, argument, parameters }: Target,
  filter: Expression | null,
): Expression {
  const bare: AggregateCall = { function: definition.name, argument, filter };
  const aggregate = parameters.length === 0 ? bare : { ...bare, parameters };
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
    const part = aggregateReference(binder, { definition, argument, parameters: [] }, filter);
    return part.type === "f64" ? part : call("cast", "f64", part);
  });
  return call("div", "f64", ...parts);
}
