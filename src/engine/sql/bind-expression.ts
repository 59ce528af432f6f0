/**
 * Binds expressions: names become fields, operators become functions of the catalogue with operands of equal types,
 * constants are computed, aggregates are gathered and referred to. The result is in canonical form.
 */

import { scalarFunction } from "../functions/catalogue.js";
import { literalValue } from "../functions/literal-value.js";
import { ScalarError } from "../functions/scalar-error.js";
import type { Expression, ValueType } from "../plan.js";
import { bindBinary, bindNegation } from "./bind-arithmetic.js";
import { bindCall } from "./bind-call.js";
import { bindMatch } from "./bind-pattern.js";
import { bindComparison, bindIn, bindIsBoolean, bindLike } from "./bind-predicates.js";
import { call, connected, negated, orderOperands } from "./canonical.js";
import { converted, convertedLiteral, type Operand, unify } from "./coerce.js";
import { isLiteral, isNull, literalOf, numberLiteral, TYPE_NAMES } from "./literals.js";
import { nearestName } from "./nearest-name.js";
import { QueryError, type QueryErrorCode } from "./query-error.js";
import type { BindingContext, Scope } from "./scope.js";
import type { Place, SyntaxExpression, SyntaxNode } from "./syntax.js";

const TYPES: ReadonlyMap<string, ValueType> = new Map([
  ["bigint", "i64"],
  ["int", "i64"],
  ["int8", "i64"],
  ["integer", "i64"],
  ["long", "i64"],
  ["double", "f64"],
  ["float", "f64"],
  ["float8", "f64"],
  ["real", "f64"],
  ["bool", "bool"],
  ["boolean", "bool"],
  ["string", "string"],
  ["text", "string"],
  ["varchar", "string"],
  ["timestamp", "timestamp"],
  ["timestamptz", "timestamp"],
  ["interval", "interval"],
]);

/** Text that aliases may stand for in all: they are copied in, and copies of copies must not grow without bound. */
const MAX_ALIAS_CHARACTERS = 256 * 1024;

/** Functions that may have a value where an argument is NULL. */
const KEEPS_NULL: ReadonlySet<string> = new Set(["is_null", "coalesce", "case", "in", "greatest", "least", "concat"]);

export class ExpressionBinder {
  readonly context: BindingContext;
  /** Where a field or call stands; for messages about expressions that are bound already. */
  readonly #positions = new WeakMap<Expression, number>();
  #aliasCharacters = 0;

  constructor(context: BindingContext) {
    this.context = context;
  }

  failure(code: QueryErrorCode, position: number, problem: string): QueryError {
    return new QueryError(code, this.context.sql, position, problem);
  }

  positionOf(expression: Expression): number {
    return this.#positions.get(expression) ?? 0;
  }

  bind(node: SyntaxExpression, scope: Scope): Expression {
    switch (node.kind) {
      case "number":
        return this.#number(node);
      case "string":
        return literalOf("string", node.value);
      case "boolean":
        return literalOf("bool", node.value);
      case "null":
        return literalOf("string", null);
      case "timestamp":
      case "interval":
        return this.#typedLiteral(node);
      case "name":
        return this.#name(node, scope);
      case "call":
        return bindCall(this, node, scope);
      case "negate":
        return bindNegation(this, node, scope);
      case "not":
        return negated(this.predicate(node.operand, scope));
      case "binary":
        return bindBinary(this, node, scope);
      case "and":
      case "or":
        return connected(
          node.kind,
          node.operands.map((operand) => this.predicate(operand, scope)),
        );
      case "between":
        return connected("and", [
          bindComparison(this, "ge", node.operand, node.low, scope),
          bindComparison(this, "le", node.operand, node.high, scope),
        ]);
      case "in":
        return bindIn(this, node, scope);
      case "like":
      case "ilike":
        return bindLike(this, node, scope);
      case "matches":
        return bindMatch(this, node, scope);
      case "is-null":
        return this.invoke("is_null", "bool", [this.bind(node.operand, scope)], node);
      case "is-boolean":
        return bindIsBoolean(this, node, scope);
      case "cast":
        return this.#cast(node, scope);
      case "case":
        return this.#case(node, scope);
    }
  }

  operand(node: SyntaxExpression, scope: Scope): Operand {
    return { expression: this.bind(node, scope), start: node.start, end: node.end };
  }

  predicate(node: SyntaxExpression, scope: Scope): Expression {
    return converted(this.context.sql, this.operand(node, scope), "bool");
  }

  /** A call with operands of the right types: computed now if they are constant, in canonical form otherwise. */
  invoke(name: string, type: ValueType, operands: readonly Expression[], place: Place): Expression {
    const definition = scalarFunction(name);
    if (definition !== undefined && operands.every(isLiteral)) {
      try {
        const types = { arguments: operands.map((operand) => operand.type), result: type };
        const value = definition.evaluate(operands.filter(isLiteral).map(literalValue), types);
        if (typeof value !== "number" || Number.isFinite(value)) return literalOf(type, value);
      } catch (error) {
        if (error instanceof ScalarError) throw this.failure("out-of-range", place.start, error.message);
        throw error;
      }
    }
    if (!KEEPS_NULL.has(name) && operands.some(isNull)) return literalOf(type, null);
    return this.#placed(orderOperands(call(name, type, ...operands)), place);
  }

  /** The operand as text, as `||` and concat() take it. */
  asText({ expression, ...place }: Operand): Expression {
    if (expression.type === "string") return expression;
    if (expression.type === "interval") {
      throw this.failure("not-supported", place.start, "an interval has no text yet; divide or compare it");
    }
    return this.invoke("cast", "string", [expression], place);
  }

  #placed<Bound extends Expression>(expression: Bound, place: Place): Bound {
    this.#positions.set(expression, place.start);
    return expression;
  }

  #number(node: SyntaxNode<"number">): Expression {
    const literal = numberLiteral(node.text);
    if (literal !== undefined) return literal;
    throw this.failure("bad-literal", node.start, "the number is larger than any that can be computed with");
  }

  #typedLiteral(node: SyntaxNode<"timestamp" | "interval">): Expression {
    const operand = { ...node, expression: literalOf("string", node.text) };
    if (node.kind === "interval" && /\b(?:mon|months?|quarters?|years?)\b/i.test(node.text)) {
      throw this.failure("not-supported", node.start, "intervals of months and years have no fixed length; write days");
    }
    return convertedLiteral(this.context.sql, operand, node.kind);
  }

  #name(node: SyntaxNode<"name">, scope: Scope): Expression {
    const { fields, qualifiers, aliases } = this.context;
    const name = node.name.toLowerCase();
    const isQualified = node.qualifier !== null;
    const isKnownQualifier = node.qualifier === null || qualifiers.has(node.qualifier.toLowerCase());
    const field = isKnownQualifier ? fields.get(name) : undefined;
    const item = isQualified || scope.aliases === "none" ? undefined : aliases.get(name);
    if (item !== undefined && (scope.aliases === "first" || field === undefined)) {
      const { start, end } = item.expression;
      this.#aliasCharacters += end - start;
      if (this.#aliasCharacters > MAX_ALIAS_CHARACTERS) {
        throw this.failure("too-deep", node.start, "the aliases stand for too much text in all; simplify the query");
      }
      return this.bind(item.expression, { ...scope, aliases: "none" });
    }
    if (field !== undefined) return this.#placed({ kind: "field", type: field.type, name: field.name }, node);
    throw this.#unknownColumn(node, scope);
  }

  #unknownColumn(node: SyntaxNode<"name">, scope: Scope): QueryError {
    const { fields, aliases } = this.context;
    const written = node.qualifier === null ? node.name : `${node.qualifier}.${node.name}`;
    const problem = `unknown column "${written}"`;
    if (fields.has(written.toLowerCase())) {
      return this.failure("unknown-column", node.start, `${problem}; a name with dots needs quotes: "${written}"`);
    }
    const known = [...fields.values()].map((field) => field.name);
    const near = nearestName(node.name, scope.aliases === "none" ? known : [...known, ...aliases.keys()]);
    const help = near === undefined ? `; the columns are ${known.join(", ")}` : `; did you mean "${near}"?`;
    return this.failure("unknown-column", node.start, problem + help);
  }

  #cast(node: SyntaxNode<"cast">, scope: Scope): Expression {
    const operand = this.operand(node.operand, scope);
    const type = TYPES.get(node.typeName);
    if (type === undefined) {
      const isDate = node.typeName === "date";
      const near = nearestName(node.typeName, [...TYPES.keys()]);
      const help = isDate ? "; use date_trunc('day', …)" : near === undefined ? "" : `; did you mean "${near}"?`;
      throw this.failure("not-supported", node.typeStart, `the type "${node.typeName}" is not supported${help}`);
    }
    const from = operand.expression.type;
    if (from === type) return operand.expression;
    if (isLiteral(operand.expression)) return convertedLiteral(this.context.sql, operand, type);
    const isTime = (entry: ValueType): boolean => entry === "timestamp" || entry === "interval";
    if (
      type === "interval" ||
      from === "interval" ||
      (isTime(from) && type !== "string") ||
      (isTime(type) && from !== "string")
    ) {
      throw this.failure("type-mismatch", node.start, `${TYPE_NAMES[from]} cannot be converted to ${TYPE_NAMES[type]}`);
    }
    return this.#placed(call("cast", type, operand.expression), node);
  }

  #case(node: SyntaxNode<"case">, scope: Scope): Expression {
    const otherwise: Operand =
      node.otherwise === null
        ? { ...node, expression: literalOf("string", null) }
        : this.operand(node.otherwise, scope);
    const values = unify(this.context.sql, [
      ...node.branches.map(({ value }) => this.operand(value, scope)),
      otherwise,
    ]);
    const operands = node.branches.flatMap(({ when }, index) => {
      const value = values[index];
      return value === undefined ? [] : [this.predicate(when, scope), value];
    });
    const last = values.at(-1) ?? otherwise.expression;
    return this.invoke("case", last.type, [...operands, last], node);
  }
}
