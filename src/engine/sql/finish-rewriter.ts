/** Rewrites bound expressions for the finish half, where there are keys and aggregates but no fields any more. */

import { canonicalJson } from "../../base/canonical-json.js";
import type { CallExpression, Expression } from "../plan.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { call, connected, flattened, negated } from "./canonical.js";

/** A key, or its opposite, that is an AND or OR: the texts of what it connects, and what it becomes. */
interface ConnectedKey {
  readonly function: string;
  readonly operands: readonly string[];
  readonly reference: Expression;
}

export class FinishRewriter {
  readonly #binder: ExpressionBinder;
  readonly #keys: ReadonlyMap<string, number>;
  readonly #aggregateIndex: readonly number[];
  readonly #connectedKeys: readonly ConnectedKey[];

  /** `aggregateIndex`: where each gathered aggregate stands in the map plan. */
  constructor(binder: ExpressionBinder, keys: readonly Expression[], aggregateIndex: readonly number[]) {
    this.#binder = binder;
    this.#keys = new Map(keys.map((key, index) => [canonicalJson(key), index]));
    this.#aggregateIndex = aggregateIndex;
    this.#connectedKeys = keys.flatMap(connectedKeys);
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
      if (expression.function === "and" || expression.function === "or") {
        const connective = this.#connective(expression.function, expression, clause);
        if (connective !== undefined) return connective;
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

  /**
   * AND and OR in their one form do not tell how they were grouped: a key is a part if all that it connects is there. What
   * two keys share may count twice.
   */
  #connective(name: "and" | "or", expression: CallExpression, clause: string): Expression | undefined {
    if (!this.#connectedKeys.some((key) => key.function === name)) return undefined;
    const operands = new Map(flattened(name, expression).map((operand) => [canonicalJson(operand), operand]));
    const parts = this.#connectedKeys.filter(
      (key) => key.function === name && key.operands.every((text) => operands.has(text)),
    );
    if (parts.length === 0) return undefined;
    for (const text of parts.flatMap((key) => key.operands)) operands.delete(text);
    const rest = [...operands.values()].map((operand) => this.rewrite(operand, clause));
    return connected(name, [...parts.map(({ reference }) => reference), ...rest]);
  }
}

function connectedKeys(key: Expression, index: number): readonly ConnectedKey[] {
  if (key.kind !== "call" || (key.function !== "and" && key.function !== "or")) return [];
  const itself: Expression = { kind: "key", type: "bool", index };
  return [[key, itself] as const, [negated(key), call("not", "bool", itself)] as const].flatMap(([form, reference]) => {
    if (form.kind !== "call") return [];
    return [{ function: form.function, operands: flattened(form.function, form).map(canonicalJson), reference }];
  });
}
