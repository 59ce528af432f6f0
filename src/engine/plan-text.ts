/** Plans as people read them: the steps of a query, with expressions written in SQL. */

import { unreachable } from "../base/assert.js";
import { collectFields } from "./operators/expressions.js";
import {
  type AggregateCall,
  type CallExpression,
  type Expression,
  inputOrderLimit,
  type LiteralExpression,
  type MapPlan,
  type QueryPlan,
  type SortKey,
} from "./plan.js";

export interface PlanStep {
  readonly step: string;
  readonly detail: string;
}

/** What is done, in order: for every line, with what merged of it, and with what is shown. */
export function planSteps(plan: QueryPlan): readonly PlanStep[] {
  const { map, finish } = plan;
  const text = (expression: Expression): string => expressionText(expression, map);
  const orderBy = finish.orderBy.map((key) => sortText(key, text)).join(", ");
  const steps: (PlanStep | undefined)[] = [
    { step: "fields", detail: [...fieldsOf(map)].sort().join(", ") || "none" },
    map.ofUnparsed === true ? { step: "lines", detail: "those that are no rows of their format" } : undefined,
    map.filter === null ? undefined : { step: "filter", detail: text(map.filter) },
    map.rows === undefined ? { step: "group", detail: map.keys.map(text).join(", ") || "all rows" } : rowStep(map),
    map.aggregates.length === 0
      ? undefined
      : { step: "aggregate", detail: map.aggregates.map((call) => aggregateText(call, map)).join(", ") },
    finish.having === null ? undefined : { step: "having", detail: text(finish.having) },
    {
      step: "show",
      detail: finish.columns.map(({ name, expression }) => `${text(expression)} AS ${quoted(name)}`).join(", "),
    },
    orderBy === "" ? undefined : { step: "order", detail: orderBy },
    finish.limit === null ? undefined : { step: "limit", detail: String(finish.limit) },
    finish.offset === 0 ? undefined : { step: "offset", detail: String(finish.offset) },
  ];
  return steps.filter((step) => step !== undefined);
}

function rowStep(map: MapPlan): PlanStep {
  const first = inputOrderLimit(map);
  if (first !== undefined) return { step: "rows", detail: `the first ${first} of the input; then reading stops` };
  const limit = map.rows?.limit ?? null;
  return { step: "rows", detail: limit === null ? "all that pass" : `the first ${limit} in order, of all that pass` };
}

function fieldsOf(map: MapPlan): ReadonlySet<string> {
  const names = new Set<string>();
  collectFields(map.filter, names);
  for (const key of map.keys) collectFields(key, names);
  for (const { argument, filter } of map.aggregates) {
    collectFields(argument, names);
    collectFields(filter, names);
  }
  return names;
}

const quoted = (name: string): string => (/^[a-z_]\w*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

const sortText = ({ expression, descending, nullsFirst }: SortKey, text: (expression: Expression) => string): string =>
  `${text(expression)}${descending ? " DESC" : ""}${nullsFirst ? " NULLS FIRST" : ""}`;

function aggregateText({ function: name, argument, parameters = [], filter }: AggregateCall, map: MapPlan): string {
  const written = argument === null ? "*" : expressionText(argument, map);
  const call = `${name}(${[written, ...parameters].join(", ")})`;
  return filter === null ? call : `${call} FILTER (WHERE ${expressionText(filter, map)})`;
}

const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["eq", "="],
  ["ne", "<>"],
  ["lt", "<"],
  ["le", "<="],
  ["gt", ">"],
  ["ge", ">="],
  ["and", "AND"],
  ["or", "OR"],
  ["add", "+"],
  ["sub", "-"],
  ["mul", "*"],
  ["div", "/"],
  ["int_div", "//"],
  ["mod", "%"],
  ["join", "||"],
  ["like", "LIKE"],
  ["ilike", "ILIKE"],
  ["regexp_matches", "~"],
]);

function expressionText(expression: Expression, map: MapPlan): string {
  switch (expression.kind) {
    case "literal":
      return literalText(expression);
    case "field":
      return quoted(expression.name);
    case "position":
      return "place in the input";
    case "key": {
      const key = map.keys[expression.index];
      return key === undefined ? "?" : expressionText(key, map);
    }
    case "aggregate": {
      const call = map.aggregates[expression.index];
      return call === undefined ? "?" : aggregateText(call, map);
    }
    case "call":
      return callText(expression, map);
    default:
      return unreachable(expression);
  }
}

function callText(call: CallExpression, map: MapPlan): string {
  const operands = call.arguments.map((argument) => expressionText(argument, map));
  const [first = "", second = ""] = operands;
  const operator = OPERATORS.get(call.function);
  if (operator !== undefined && operands.length === 2) return `(${first} ${operator} ${second})`;
  if (call.function === "not") return `NOT ${first}`;
  if (call.function === "is_null") return `${first} IS NULL`;
  if (call.function === "in") return `${first} IN (${operands.slice(1).join(", ")})`;
  if (call.function === "cast") return `CAST(${first} AS ${call.type})`;
  return `${call.function}(${operands.join(", ")})`;
}

function literalText({ type, value }: LiteralExpression): string {
  if (value === null) return "NULL";
  return type === "string" ? `'${String(value).replaceAll("'", "''")}'` : String(value);
}
