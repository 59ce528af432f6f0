/** Binds `name(…)`: aggregates with their FILTER, scalar functions with their argument rules, `now()`. */

import { AGGREGATE_NAMES, AGGREGATE_SYNONYMS } from "../functions/aggregate-catalogue.js";
import { CALLABLE_FUNCTIONS, scalarFunction } from "../functions/catalogue.js";
import type { Expression, ValueType } from "../plan.js";
import { compilePattern } from "../regex/compiled-pattern.js";
import { bindAggregate } from "./bind-aggregate.js";
import { constantArgument } from "./bind-constants.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { converted, type Operand, quoteOperand, unify } from "./coerce.js";
import { isLiteral, isNull, literalOf, TYPE_NAMES } from "./literals.js";
import { nearestName } from "./nearest-name.js";
import type { Scope } from "./scope.js";
import type { SyntaxExpression } from "./syntax.js";

type CallNode = Extract<SyntaxExpression, { readonly kind: "call" }>;

/** Functions that are parts of time by their name. */
const PART_FUNCTIONS: ReadonlyMap<string, string> = new Map(
  "year quarter month week day hour minute second dow isodow doy dayofweek dayofyear dayofmonth weekofyear"
    .split(" ")
    .map((name) => [name, name]),
);

const FUNCTION_NAMES: readonly string[] = ["now", "nullif", ...CALLABLE_FUNCTIONS, ...PART_FUNCTIONS.keys()].sort();
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
  ["datepart", "date_part"],
  ["substr", "substring"],
  ["ifnull", "coalesce"],
  ["instr", "strpos"],
  ["position", "strpos"],
  ["pow", "power"],
  ["ceiling", "ceil"],
]);

/** Of an integer these are the integer, which no double need hold. */
const ROUNDING: ReadonlySet<string> = new Set(["round", "trunc"]);

export function bindCall(binder: ExpressionBinder, node: CallNode, scope: Scope): Expression {
  const name = SYNONYMS.get(node.call.name) ?? node.call.name;
  if (AGGREGATE_NAMES.includes(name)) return bindAggregate(binder, node, name, scope);
  const definition = scalarFunction(name);
  const part = PART_FUNCTIONS.get(name);
  if (part !== undefined) return bindPartFunction(binder, node, part, scope);
  const isNow = name === "now";
  const isNullIf = name === "nullif";
  if (!isNow && !isNullIf && !definition?.callable) {
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
  return isNullIf ? bindNullIf(binder, node, scope) : bindScalar(binder, node, name, scope);
}

/** `hour(time)` is `date_part('hour', time)`. */
function bindPartFunction(binder: ExpressionBinder, node: CallNode, part: string, scope: Scope): Expression {
  expectCount(binder, node, node.call.name, 1, 1);
  const unit: SyntaxExpression = { kind: "string", value: part, start: node.start, end: node.start };
  const call = { ...node.call, name: "date_part", arguments: [unit, ...node.call.arguments] };
  return bindCall(binder, { ...node, call }, scope);
}

/** `nullif(a, b)` is `CASE WHEN a = b THEN NULL ELSE a END`. */
function bindNullIf(binder: ExpressionBinder, node: CallNode, scope: Scope): Expression {
  expectCount(binder, node, "nullif", 2, 2);
  const operands = node.call.arguments.map((argument) => binder.operand(argument, scope));
  const unified = unify(binder.context.sql, operands);
  const [first] = unified;
  if (first === undefined) throw binder.failure("type-mismatch", node.start, "nullif() takes 2 arguments");
  const isEqual = binder.invoke("eq", "bool", unified, node);
  return binder.invoke("case", first.type, [isEqual, literalOf(first.type, null), first], node);
}

function bindScalar(binder: ExpressionBinder, node: CallNode, name: string, scope: Scope): Expression {
  const definition = scalarFunction(name);
  if (definition === undefined) throw binder.failure("unknown-function", node.start, `unknown function "${name}"`);
  const { rule } = definition;
  if (rule.kind === "same") {
    expectCount(binder, node, name, rule.least, rule.most);
    const isOfText = rule.among?.length === 1 && rule.among[0] === "string";
    const operands = node.call.arguments.map((argument) => {
      const operand = binder.operand(argument, scope);
      return isOfText ? { ...operand, expression: binder.asText(operand) } : operand;
    });
    const unified = unify(binder.context.sql, operands);
    refuseOtherTypes(binder, name, operands, unified, rule.among);
    return binder.invoke(name, definition.resultType(unified.map((entry) => entry.type)), unified, node);
  }
  expectCount(binder, node, name, rule.least ?? rule.types.length, rule.types.length);
  let written: Expression | undefined;
  const operands = node.call.arguments.map((argument, index): Expression => {
    const operand = binder.operand(argument, scope);
    written ??= operand.expression;
    const expression = converted(binder.context.sql, operand, rule.types[index] ?? operand.expression.type);
    return constantArgument(binder, name, index, { ...operand, expression });
  });
  const [unit, second, group] = operands;
  if (written?.type === "i64" && operands.length === 1 && ROUNDING.has(name)) return written;
  if (name === "regexp_extract" && second !== undefined) checkGroup(binder, node, second, group);
  if (name === "date_part" && unit !== undefined && isLiteral(unit) && unit.value === "epoch") {
    return binder.invoke("epoch", "f64", operands.slice(1), node);
  }
  return binder.invoke(name, definition.resultType(rule.types), operands, node);
}

/** A pattern must have the group that is asked for. */
function checkGroup(
  binder: ExpressionBinder,
  node: CallNode,
  pattern: Expression,
  group: Expression | undefined,
): void {
  if (group === undefined || !isLiteral(pattern) || typeof pattern.value !== "string") return;
  const at = node.call.arguments[2]?.start ?? node.start;
  if (!isLiteral(group)) throw binder.failure("not-supported", at, "the group of regexp_extract must be a constant");
  const { groups } = compilePattern(pattern.value);
  if (isNull(group) || (Number(group.value) >= 0 && Number(group.value) <= groups)) return;
  throw binder.failure("bad-literal", at, `the pattern has ${groups} groups, and 0 is the whole match`);
}

function refuseOtherTypes(
  binder: ExpressionBinder,
  name: string,
  operands: readonly Operand[],
  unified: readonly Expression[],
  among: readonly ValueType[] | undefined,
): void {
  const index = unified.findIndex((expression) => among !== undefined && !among.includes(expression.type));
  const operand = operands[index];
  if (operand === undefined || isNull(operand.expression)) return;
  const quoted = quoteOperand(binder.context.sql, operand);
  const wanted = (among ?? []).map((type) => TYPE_NAMES[type]).join(" or ");
  const problem = `${name}() takes ${wanted}, but ${quoted} is ${TYPE_NAMES[operand.expression.type]}`;
  throw binder.failure("type-mismatch", operand.start, problem);
}

function expectCount(binder: ExpressionBinder, node: CallNode, name: string, least: number, most: number): void {
  const count = node.call.arguments.length;
  if (count >= least && count <= most) return;
  const wanted = least === most ? `${least}` : Number.isFinite(most) ? `${least} to ${most}` : `at least ${least}`;
  const noun = least === 1 && (most === 1 || !Number.isFinite(most)) ? "argument" : "arguments";
  throw binder.failure("type-mismatch", node.start, `${name}() takes ${wanted} ${noun}, not ${count}`);
}
