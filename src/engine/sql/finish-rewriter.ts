/** Rewrites bound expressions for the finish half, where there are keys and aggregates but no fields any more. */

import { canonicalJson } from "../../base/canonical-json.js";
import type { Expression } from "../plan.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { call, negated } from "./canonical.js";

export class FinishRewriter {
  readonly #binder: ExpressionBinder;
  readonly #keys: ReadonlyMap<string, number>;
  readonly #aggregateIndex: readonly number[];

  /** `aggregateIndex`: where each gathered aggregate stands in the map plan. */
  constructor(binder: ExpressionBinder, keys: readonly Expression[], aggregateIndex: readonly number[]) {
    this.#binder = binder;
    this.#keys = new Map(keys.map((key, index) => [canonicalJson(key), index]));
    this.#aggregateIndex = aggregateIndex;
  }

  /** The largest parts that equal a key become references to it; a field that is left over is a QueryError. */
  rewrite(expression: Expression, clause: string): Expression {
    if (expression.kind === "literal") return expression;
    if (expression.kind === "aggregate") {
      return { ...expression, index: this.#aggregateIndex[expression.index] ?? expression.index };
    }
    const key = this.#keys.get(canonicalJson(expression));
    if (key !== undefined) return { kind: "key", type: expression.type, index: key };
    if (expression.kind === "call") {
      const opposite = this.#keys.get(canonicalJson(negated(expression)));
      if (opposite !== undefined && expression.type === "bool") {
        return call("not", "bool", { kind: "key", type: "bool", index: opposite });
      }
      return { ...expression, arguments: expression.arguments.map((argument) => this.rewrite(argument, clause)) };
    }
    const name = expression.kind === "field" ? expression.name : expression.kind;
    throw this.#binder.failure(
      "grouping",
      this.#binder.positionOf(expression),
      `the column "${name}" in ${clause} must be in GROUP BY or inside an aggregate`,
    );
  }
}
