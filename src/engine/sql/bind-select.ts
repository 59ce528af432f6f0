/** Binds a SELECT: finds its keys, aggregates and output, and splits it into the map half and the finish half. */

import { canonicalJson } from "../../base/canonical-json.js";
import { COMMON_FIELDS } from "../formats/format.js";
import { compareText } from "../functions/scalar/compare-values.js";
import type { AggregateCall, Expression, FinishPlan, MapPlan, OutputColumn, QueryPlan, SortKey } from "../plan.js";
import { ExpressionBinder } from "./bind-expression.js";
import { RowKeys, rowPlans } from "./bind-rows.js";
import { asFilter, call, connected, TRUE } from "./canonical.js";
import type { CompileOptions } from "./compile-options.js";
import { FinishRewriter } from "./finish-rewriter.js";
import { isLiteral, literalOf } from "./literals.js";
import { QueryError } from "./query-error.js";
import type { BindingContext, Scope } from "./scope.js";
import type { SyntaxExpression, SyntaxItem, SyntaxSelect } from "./syntax.js";

const SELECT: Scope = { clause: "SELECT", aggregates: true, aliases: "last" };
const WHERE: Scope = { clause: "WHERE", aggregates: false, aliases: "last" };
const GROUP_BY: Scope = { clause: "GROUP BY", aggregates: false, aliases: "last" };
const HAVING: Scope = { clause: "HAVING", aggregates: true, aliases: "last" };
const ORDER_BY: Scope = { clause: "ORDER BY", aggregates: true, aliases: "last" };

/** Throws a QueryError. */
export function bindSelect(sql: string, select: SyntaxSelect, options: CompileOptions): QueryPlan {
  if (!select.isOfUnparsed) return bindOverFields(sql, select, options);
  // Nothing is known of a line that did not parse but itself.
  const fields = options.fields.filter(({ name }) => COMMON_FIELDS.some((common) => common.name === name));
  const plan = bindOverFields(sql, select, { ...options, fields });
  return { ...plan, map: { ...plan.map, ofUnparsed: true } };
}

function bindOverFields(sql: string, select: SyntaxSelect, options: CompileOptions): QueryPlan {
  const binder = new ExpressionBinder(contextOf(sql, select, options));
  const filter = bindFilter(binder, select, options);
  const items = expandStars(select, options).map((item) => ({
    item,
    expression: binder.bind(item.expression, SELECT),
  }));
  const written = bindKeys(binder, select, items);
  const having = select.having === null ? null : bindHaving(binder, written, select.having);
  const sortKeys = select.orderBy.map(
    ({ expression, ...direction }): SortKey => ({
      ...direction,
      expression: bindSortKey(binder, items, written, expression),
    }),
  );
  const isOfRows = written.length === 0 && binder.context.aggregates.length === 0;
  if (isOfRows) return { ...bindRows(binder, select, { filter, items, having, sortKeys }), from: select.from };
  const keys = [...written].sort(compareCanonical);
  const gathered = binder.context.aggregates;
  const aggregates = [...gathered].sort(compareCanonical);
  const rewriter = new FinishRewriter(
    binder,
    keys,
    gathered.map((entry) => aggregates.indexOf(entry)),
  );
  const map: MapPlan = { filter, keys, aggregates };
  const orderBy = sortKeys.map(
    (key): SortKey => ({ ...key, expression: rewriter.rewrite(key.expression, "ORDER BY") }),
  );
  const finish: FinishPlan = {
    columns: outputColumns(binder, items, (expression) => rewriter.rewrite(expression, "SELECT")),
    having: having === null ? null : asFilter(rewriter.rewrite(having, "HAVING")),
    orderBy: orderBy.length > 0 ? orderBy : written.map((key) => ascending(rewriter.rewrite(key, "GROUP BY"))),
    limit: select.limit,
    offset: select.offset,
  };
  refuseDistinctGroups(binder, select, finish, keys);
  return { map, finish, from: select.from };
}

function contextOf(sql: string, select: SyntaxSelect, options: CompileOptions): BindingContext {
  const aliases = new Map<string, SyntaxItem>();
  for (const item of select.items) {
    const name = item.alias?.toLowerCase();
    if (name !== undefined && !aliases.has(name)) aliases.set(name, item);
  }
  return {
    sql,
    nowMs: options.nowMs,
    fields: new Map(options.fields.map((field) => [field.name.toLowerCase(), field])),
    qualifiers: new Set(select.qualifiers.map((name) => name.toLowerCase())),
    aliases,
    aggregates: [],
  };
}

/** WHERE together with the time range of the request. */
function bindFilter(binder: ExpressionBinder, select: SyntaxSelect, options: CompileOptions): Expression | null {
  const conditions = [select.where === null ? TRUE : binder.predicate(select.where, WHERE)];
  const time = { kind: "field", type: "timestamp", name: "time" } as const;
  const isTimed = options.sinceMs !== undefined || options.untilMs !== undefined;
  if (isTimed && binder.context.fields.get("time")?.type !== "timestamp") {
    throw binder.failure("unknown-column", 0, 'a time range needs the column "time", which these files do not have');
  }
  const bounds = [
    ["ge", options.sinceMs],
    ["lt", options.untilMs],
  ] as const;
  for (const [name, boundMs] of bounds) {
    if (boundMs === undefined) continue;
    conditions.push(call(name, "bool", time, literalOf("timestamp", BigInt(Math.trunc(boundMs)) * 1000n)));
  }
  return asFilter(connected("and", conditions));
}

interface BoundItem {
  readonly item: SyntaxItem;
  readonly expression: Expression;
}

/** The keys as they were written, without repetition and without constants, which group nothing. */
function bindKeys(binder: ExpressionBinder, select: SyntaxSelect, items: readonly BoundItem[]): readonly Expression[] {
  const plain = items.filter(({ expression }) => !hasAggregate(expression));
  const isDistinctRows = select.distinct && select.groupBy.length === 0 && plain.length === items.length;
  const bound =
    select.groupBy === "all" || isDistinctRows
      ? plain.map(({ expression }) => expression)
      : select.groupBy.map((node) => bindKey(binder, items, node));
  const keys = new Map(bound.filter((key) => !isLiteral(key)).map((key) => [canonicalJson(key), key]));
  if (keys.size === 0 && bound.length > 0) {
    const position = typeof select.groupBy === "string" ? 0 : (select.groupBy[0]?.start ?? 0);
    throw binder.failure("grouping", position, "grouping by nothing but constants is not supported; name a column");
  }
  return [...keys.values()];
}

function bindKey(binder: ExpressionBinder, items: readonly BoundItem[], node: SyntaxExpression): Expression {
  const key = bindPosition(binder, items, node, "GROUP BY") ?? binder.bind(node, GROUP_BY);
  if (!hasAggregate(key)) return key;
  throw binder.failure("grouping", node.start, "GROUP BY cannot name an aggregate");
}

function bindHaving(binder: ExpressionBinder, keys: readonly Expression[], node: SyntaxExpression): Expression {
  return bindOverGroups(binder, keys, HAVING, (scope) => binder.predicate(node, scope));
}

/** A name alone is an alias first; within an expression it is one last. */
function bindSortKey(
  binder: ExpressionBinder,
  items: readonly BoundItem[],
  keys: readonly Expression[],
  node: SyntaxExpression,
): Expression {
  const position = bindPosition(binder, items, node, "ORDER BY");
  if (position !== undefined) return position;
  if (node.kind === "name") return binder.bind(node, { ...ORDER_BY, aliases: "first" });
  return bindOverGroups(binder, keys, ORDER_BY, (scope) => binder.bind(node, scope));
}

/**
 * Where a name is a field's and an alias too, the field is meant, as DuckDB has it, unless that is neither grouped nor
 * aggregated: of `sum(bytes) AS bytes … HAVING bytes > 1000` only the alias makes sense.
 */
function bindOverGroups(
  binder: ExpressionBinder,
  keys: readonly Expression[],
  scope: Scope,
  bind: (scope: Scope) => Expression,
): Expression {
  const { aggregates } = binder.context;
  const gathered = aggregates.length;
  try {
    const expression = bind(scope);
    const isOfRows = keys.length === 0 && aggregates.length === 0;
    if (!isOfRows) new FinishRewriter(binder, keys, []).rewrite(expression, scope.clause);
    return expression;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    aggregates.length = gathered;
    return bind({ ...scope, aliases: "first" });
  }
}

/** `GROUP BY 2`: the second selected expression. Undefined for anything but a whole number. */
function bindPosition(
  binder: ExpressionBinder,
  items: readonly BoundItem[],
  node: SyntaxExpression,
  clause: string,
): Expression | undefined {
  if (node.kind !== "number" || !/^\d+$/.test(node.text)) return undefined;
  const item = items[Number(node.text) - 1];
  if (item !== undefined) return item.expression;
  const count =
    items.length === 1 ? "there is 1 selected expression" : `there are ${items.length} selected expressions`;
  throw binder.failure("grouping", node.start, `${clause} ${node.text} is out of range: ${count}`);
}

function hasAggregate(expression: Expression): boolean {
  if (expression.kind === "aggregate") return true;
  return expression.kind === "call" && expression.arguments.some(hasAggregate);
}

/** The select list with each `*` replaced by the fields of the formats; those of lines as such only where there are no others. */
function expandStars(select: SyntaxSelect, options: CompileOptions): readonly SyntaxItem[] {
  const own = options.fields.filter(({ name }) => !COMMON_FIELDS.some((common) => common.name === name));
  const fields =
    own.length > 0
      ? own
      : options.fields.filter(({ name }) => name === "_raw" || (name === "_file" && select.isOfUnparsed));
  const items: SyntaxItem[] = [];
  for (let before = 0; before <= select.items.length; before += 1) {
    for (const { start, end } of select.stars.filter((star) => star.before === before)) {
      for (const { name } of fields) {
        items.push({ expression: { kind: "name", qualifier: null, name, start, end }, alias: null });
      }
    }
    const item = select.items[before];
    if (item !== undefined) items.push(item);
  }
  return items;
}

interface BoundClauses {
  readonly filter: Expression | null;
  readonly items: readonly BoundItem[];
  readonly having: Expression | null;
  readonly sortKeys: readonly SortKey[];
}

/** Queries that show rows as they are, without groups. */
function bindRows(binder: ExpressionBinder, select: SyntaxSelect, clauses: BoundClauses): Omit<QueryPlan, "from"> {
  if (select.having !== null) {
    throw binder.failure("grouping", select.having.start, "HAVING needs GROUP BY or an aggregate; use WHERE");
  }
  const rowKeys = new RowKeys();
  const columns = outputColumns(binder, clauses.items, (expression) => rowKeys.take(expression));
  const orderBy = clauses.sortKeys.map((key) => ({ ...key, expression: rowKeys.takeWhole(key.expression) }));
  const { limit, offset } = select;
  return rowPlans(clauses.filter, rowKeys, { columns, having: null, orderBy, limit, offset });
}

/** DISTINCT of groups changes nothing when every key is shown; other uses are refused. */
function refuseDistinctGroups(
  binder: ExpressionBinder,
  select: SyntaxSelect,
  finish: FinishPlan,
  keys: readonly Expression[],
): void {
  const shown = new Set(finish.columns.map(({ expression }) => (expression.kind === "key" ? expression.index : -1)));
  if (!select.distinct || keys.every((_, index) => shown.has(index))) return;
  throw binder.failure("not-supported", 0, "DISTINCT of groups is not supported unless every GROUP BY key is selected");
}

function outputColumns(
  binder: ExpressionBinder,
  items: readonly BoundItem[],
  rewrite: (expression: Expression) => Expression,
): readonly OutputColumn[] {
  const taken = new Set<string>();
  return items.map(({ item, expression }) => {
    const rewritten = rewrite(expression);
    if (rewritten.type === "interval") {
      const advice = "compare it, or truncate times with date_trunc";
      throw binder.failure("not-supported", item.expression.start, `an interval cannot be shown yet; ${advice}`);
    }
    const name = freeName(item.alias ?? columnName(binder, item.expression, expression), taken);
    taken.add(name);
    return { name, expression: rewritten };
  });
}

/** A column is named after its field, anything else as it was written. */
function columnName(binder: ExpressionBinder, node: SyntaxExpression, expression: Expression): string {
  if (node.kind === "name" && expression.kind === "field") return expression.name;
  return binder.context.sql.slice(node.start, node.end).replace(/\s+/g, " ");
}

/** Two columns of one name would be one in JSON: the second is numbered. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 1; taken.has(free); number += 1) free = `${name}_${number}`;
  return free;
}

const ascending = (expression: Expression): SortKey => ({ expression, descending: false, nullsFirst: false });

function compareCanonical(left: Expression | AggregateCall, right: Expression | AggregateCall): number {
  return compareText(canonicalJson(left), canonicalJson(right));
}
