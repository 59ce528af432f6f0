/** Binds regular expressions: `~`, and the patterns of functions, whose errors point into the pattern. */

import type { Expression } from "../plan.js";
import { type CompiledPattern, compilePattern } from "../regex/compiled-pattern.js";
import { PatternError } from "../regex/pattern.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { converted, type Operand } from "./coerce.js";
import { isLiteral } from "./literals.js";
import type { Scope } from "./scope.js";
import type { SyntaxNode } from "./syntax.js";

/** Whether a text matches a pattern somewhere. */
export function bindMatch(binder: ExpressionBinder, node: SyntaxNode<"matches">, scope: Scope): Expression {
  const { sql } = binder.context;
  const text = converted(sql, binder.operand(node.operand, scope), "string");
  const written = binder.operand(node.pattern, scope);
  const pattern = { ...written, expression: converted(sql, written, "string") };
  compiledPattern(binder, pattern, "~");
  return binder.invoke("regexp_matches", "bool", [text, pattern.expression], node);
}

/** The compiled form of a constant pattern; undefined for NULL. Throws a QueryError at the place of what is wrong. */
export function compiledPattern(binder: ExpressionBinder, operand: Operand, name: string): CompiledPattern | undefined {
  const { expression } = operand;
  if (!isLiteral(expression)) {
    throw binder.failure("not-supported", operand.start, `the pattern of ${name} must be a constant`);
  }
  if (typeof expression.value !== "string") return undefined;
  try {
    return compilePattern(expression.value);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw binder.failure("bad-literal", placeInQuery(binder.context.sql, operand, error.position), error.message);
  }
}

/** Where a place of a text in quotes stands in the query; the beginning of what is no plain text in quotes. */
function placeInQuery(sql: string, operand: Operand, position: number): number {
  if (sql[operand.start] !== "'") return operand.start;
  let at = operand.start + 1;
  for (let passed = 0; passed < position; passed += 1) at += sql.startsWith("''", at) ? 2 : 1;
  return at;
}
