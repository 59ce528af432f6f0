/**
 * Binds a SELECT that shows single rows. A row is a group of its own: its position in the input is a key, and so is
 * whatever kernels can compute of what is shown and sorted by; the rest is computed in the finish half.
 */

import { canonicalJson } from "../../base/canonical-json.js";
import { isComputedInKernels } from "../functions/catalogue.js";
import type { Expression, FinishPlan, MapPlan, PositionExpression, SortKey } from "../plan.js";
import { packKeys } from "./pack-keys.js";

const POSITION: PositionExpression = { kind: "position", type: "i64" };

/** Gathers the keys of a row query, the position first. */
export class RowKeys {
  readonly #keys = new Map<string, Expression>([[canonicalJson(POSITION), POSITION]]);

  get keys(): readonly Expression[] {
    return [...this.#keys.values()];
  }

  get position(): Expression {
    return this.#reference(POSITION);
  }

  /** The expression for the finish half: what kernels compute is a key, and becomes a reference to it. */
  take(expression: Expression): Expression {
    if (expression.kind === "literal") return expression;
    if (expression.kind !== "call" || isComputedInKernels(expression)) return this.#reference(expression);
    return { ...expression, arguments: expression.arguments.map((argument) => this.take(argument)) };
  }

  /** The same for what rows are sorted by: all of it is computed before, since many rows are compared for one that is shown. */
  takeWhole(expression: Expression): Expression {
    return expression.kind === "literal" ? expression : this.#reference(expression);
  }

  #reference(expression: Expression): Expression {
    const text = canonicalJson(expression);
    if (!this.#keys.has(text)) this.#keys.set(text, expression);
    return { kind: "key", type: expression.type, index: [...this.#keys.keys()].indexOf(text) };
  }
}

/** The two halves of a row query. `finish.orderBy` is as it was written, over the keys. */
export function rowPlans(
  filter: Expression | null,
  rowKeys: RowKeys,
  finish: FinishPlan,
): { readonly map: MapPlan; readonly finish: FinishPlan } {
  const ascending = (expression: Expression): SortKey => ({ expression, descending: false, nullsFirst: false });
  const written = finish.orderBy.length > 0 ? finish.orderBy : [ascending(rowKeys.position)];
  const sorted = new Set([rowKeys.position, ...written.map(({ expression }) => expression)].map(indexOfKey));
  const packed = packKeys(rowKeys.keys, (index) => sorted.has(index));
  const shown = finish.columns.map(({ expression }) => expression);
  // What is packed has no order that kernels know: behind the columns that are not, rows go by their position.
  const isPacked = packed.keys.length < rowKeys.keys.length;
  const whole = shown.filter((column) => !isPacked || (column.kind === "key" && packed.isWhole(column.index)));
  const total = withoutRepetition([...written, ...whole.map(ascending), ascending(rowKeys.position)]);
  const sortKeys = total.map((key) => ({ ...key, expression: packed.rewrite(key.expression) }));
  const limit = finish.limit === null ? null : finish.limit + finish.offset;
  const orderBy = isPacked ? sortKeys : written;
  const columns = finish.columns.map((column) => ({ ...column, expression: packed.rewrite(column.expression) }));
  return {
    map: { filter, keys: packed.keys, aggregates: [], rows: { limit, orderBy: sortKeys } },
    finish: { ...finish, columns, orderBy },
  };
}

const indexOfKey = (expression: Expression): number => (expression.kind === "key" ? expression.index : -1);

/** Behind the position no sort key decides anything, nor does a constant or a repetition. */
function withoutRepetition(sortKeys: readonly SortKey[]): readonly SortKey[] {
  const distinct = new Map<string, SortKey>();
  for (const key of sortKeys) {
    const text = canonicalJson(key.expression);
    if (key.expression.kind === "literal" || distinct.has(text)) continue;
    distinct.set(text, key);
    if (key.expression.kind === "key" && key.expression.index === 0) break;
  }
  return [...distinct.values()];
}
