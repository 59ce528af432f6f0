/**
 * Compiles expressions to sequences of kernel calls. Equal expressions are computed once. Every expression is computed
 * for all rows of a batch; a value of a row that is not live is never looked at, and never an error.
 */

import { canonicalJson } from "../../base/canonical-json.js";
import { hasKernel } from "../functions/catalogue.js";
import type { CallExpression, Expression } from "../plan.js";
import type { Batch, Column } from "./batch.js";
import type { Compilation } from "./calls/call-compiler.js";
import { callCompiler } from "./calls/call-compilers.js";
import { compileRemembered } from "./calls/remembered.js";
import type { FieldColumns } from "./field-columns.js";
import { literalValue } from "./literals.js";
import type { Step } from "./step.js";

export class ExpressionCompiler implements Compilation {
  readonly batch: Batch;
  readonly #fields: FieldColumns;
  readonly #known = new Map<string, Column>();
  #steps: Step[] = [];

  constructor(batch: Batch, fields: FieldColumns) {
    this.batch = batch;
    this.#fields = fields;
  }

  /** Gives an expression a column that is filled by other means. */
  define(expression: Expression, column: Column): void {
    this.#known.set(canonicalJson(expression), column);
  }

  /** Steps since the last call. */
  takeSteps(): readonly Step[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  addStep(step: Step): void {
    this.#steps.push(step);
  }

  /** The column that will hold the expression's values. Throws a `PlanError` for what cannot be computed. */
  compile(expression: Expression): Column {
    const text = canonicalJson(expression);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const column = this.#compileNew(expression);
    this.#known.set(text, column);
    return column;
  }

  #compileNew(expression: Expression): Column {
    switch (expression.kind) {
      case "field":
        return this.#fields.column(expression.name, expression.type);
      case "literal":
        return this.batch.constant(expression.type, literalValue(expression));
      case "call":
        return this.#compileCall(expression);
      default:
        throw new Error(`Broken invariant: a ${expression.kind} reference in the map half of a plan`);
    }
  }

  #compileCall(call: CallExpression): Column {
    const compile = hasKernel(call) ? callCompiler(call.function) : undefined;
    return compile === undefined ? compileRemembered(this, call) : compile(this, call);
  }
}

/** The fields that an expression reads. */
export function collectFields(expression: Expression | null, into: Set<string>): void {
  if (expression === null) return;
  if (expression.kind === "field") into.add(expression.name);
  if (expression.kind === "call") for (const argument of expression.arguments) collectFields(argument, into);
}
