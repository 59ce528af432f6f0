/** Arguments that must be constants of a known form: units, widths, patterns. */

import { TRUNCATION_UNITS } from "../functions/scalar/time.js";
import { TIME_LETTERS, unknownTimeLetter } from "../functions/scalar/time-format.js";
import { DATE_PARTS } from "../functions/scalar/time-parts.js";
import type { Expression } from "../plan.js";
import type { ExpressionBinder } from "./bind-expression.js";
import { compiledPattern } from "./bind-pattern.js";
import { type Operand, quoteOperand } from "./coerce.js";
import { isLiteral, literalOf, normalizedUnit } from "./literals.js";

/** Gives an argument in its one form; throws a QueryError for one that the function cannot take. */
type ConstantCheck = (binder: ExpressionBinder, operand: Operand, name: string) => Expression;

/** Other spellings of parts of time, which are no units. */
const PART_ALIASES: ReadonlyMap<string, string> = new Map([
  ["dayofweek", "dow"],
  ["weekday", "dow"],
  ["dayofyear", "doy"],
  ["dayofmonth", "day"],
  ["weekofyear", "week"],
]);

const oneOf =
  (known: readonly string[]): ConstantCheck =>
  (binder, operand, name) => {
    const { expression } = operand;
    const written = isLiteral(expression) && typeof expression.value === "string" ? expression.value.trim() : "";
    const lower = written.toLowerCase();
    const word = PART_ALIASES.get(lower) ?? (known.includes(lower) ? lower : normalizedUnit(written));
    if (known.includes(word)) return literalOf("string", word);
    const problem = `${name} takes one of '${known.join("', '")}', not ${quoteOperand(binder.context.sql, operand)}`;
    throw binder.failure("bad-literal", operand.start, problem);
  };

const width: ConstantCheck = (binder, operand, name) => {
  const { expression } = operand;
  if (isLiteral(expression) && expression.value !== null && BigInt(expression.value) > 0n) return expression;
  const quoted = quoteOperand(binder.context.sql, operand);
  const problem = `${name} takes a constant width above 0, such as '5 minutes', not ${quoted}`;
  throw binder.failure("bad-literal", operand.start, problem);
};

const timeFormat: ConstantCheck = (binder, operand, name) => {
  const { expression } = operand;
  if (!isLiteral(expression) || typeof expression.value !== "string") {
    throw binder.failure("not-supported", operand.start, `the format of ${name} must be a constant text`);
  }
  const unknown = unknownTimeLetter(expression.value);
  if (unknown === undefined) return expression;
  const known = TIME_LETTERS.map((letter) => `%${letter}`).join(" ");
  throw binder.failure("bad-literal", operand.start, `${name} knows no ${unknown}; it knows ${known}`);
};

const pattern: ConstantCheck = (binder, operand, name) => {
  compiledPattern(binder, operand, name);
  return operand.expression;
};

const CHECKS: ReadonlyMap<string, ConstantCheck> = new Map([
  ["date_trunc 0", oneOf(TRUNCATION_UNITS)],
  ["date_part 0", oneOf([...DATE_PARTS, "epoch"])],
  ["time_bucket 0", width],
  ["strftime 1", timeFormat],
  ["regexp_matches 1", pattern],
  ["regexp_extract 1", pattern],
]);

/** The argument at `index` of a function, checked if it must be a constant. It has its type already. */
export function constantArgument(binder: ExpressionBinder, name: string, index: number, operand: Operand): Expression {
  return CHECKS.get(`${name} ${index}`)?.(binder, operand, name) ?? operand.expression;
}
