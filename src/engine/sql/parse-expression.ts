/**
 * Expressions, by precedence climbing: OR < AND < NOT < IS and comparisons < LIKE, IN, BETWEEN, ~ < || < + - < * / // %
 * < unary minus < `::`. Linear in the number of tokens.
 */

import { parsePrimary, refuseSubquery } from "./parse-primary.js";
import { parseTypeName } from "./parse-type-name.js";
import type { BinaryOperator, SyntaxExpression } from "./syntax.js";
import { MAX_NESTING, type TokenCursor } from "./token-cursor.js";

/** Operators of the query language that this version does not compute, and of SQL that logmr does not have. */
const UNSUPPORTED_OPERATORS: ReadonlySet<string> = new Set([
  "~*",
  "!~*",
  "**",
  "^",
  "->",
  "->>",
  "[",
  "&",
  "|",
  "#",
  "@",
  "?",
]);

const COMPARISONS: ReadonlyMap<string, BinaryOperator> = new Map([
  ["=", "="],
  ["==", "="],
  ["<>", "<>"],
  ["!=", "<>"],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
]);
const ADDITIVE: ReadonlyMap<string, BinaryOperator> = new Map([
  ["+", "+"],
  ["-", "-"],
]);
const JOINING: ReadonlyMap<string, BinaryOperator> = new Map([["||", "||"]]);
/** Whether a text matches a regular expression somewhere. */
const MATCHING: ReadonlySet<string> = new Set(["~", "!~"]);
const MULTIPLICATIVE: ReadonlyMap<string, BinaryOperator> = new Map([
  ["*", "*"],
  ["/", "/"],
  ["//", "//"],
  ["%", "%"],
]);

export const parseExpression = (cursor: TokenCursor): SyntaxExpression => cursor.nested(() => parseChain(cursor, "or"));

function parseChain(cursor: TokenCursor, kind: "and" | "or"): SyntaxExpression {
  const readOperand = (): SyntaxExpression => (kind === "or" ? parseChain(cursor, "and") : parseNot(cursor));
  const first = readOperand();
  if (!cursor.isKeyword(kind)) return first;
  const operands = [first];
  while (cursor.takeKeywords(kind)) operands.push(readOperand());
  return { kind, operands, start: first.start, end: cursor.lastEnd };
}

function parseNot(cursor: TokenCursor): SyntaxExpression {
  if (!cursor.isKeyword("not")) return parseComparison(cursor);
  const { start } = cursor.next();
  const operand = cursor.nested(() => parseNot(cursor));
  return { kind: "not", operand, start, end: operand.end };
}

function parseComparison(cursor: TokenCursor): SyntaxExpression {
  let left = parseBinary(cursor, COMPARISONS, parsePredicate);
  while (cursor.takeKeywords("is")) left = parseIs(cursor, left);
  return left;
}

function parseIs(cursor: TokenCursor, operand: SyntaxExpression): SyntaxExpression {
  const negated = cursor.takeKeywords("not");
  const place = { start: operand.start, end: cursor.peek().end };
  if (cursor.takeKeywords("null")) return negateIf(negated, { kind: "is-null", operand, ...place });
  if (cursor.takeKeywords("true")) return negateIf(negated, { kind: "is-boolean", value: true, operand, ...place });
  if (cursor.takeKeywords("false")) return negateIf(negated, { kind: "is-boolean", value: false, operand, ...place });
  if (cursor.isKeyword("distinct")) throw cursor.failure("not-supported", "IS DISTINCT FROM is not supported");
  throw cursor.unexpected("expected NULL, TRUE or FALSE after IS", ["NULL", "TRUE", "FALSE"]);
}

function parsePredicate(cursor: TokenCursor): SyntaxExpression {
  let operand = parseJoin(cursor);
  while (true) {
    const negated =
      cursor.isKeyword("not") && ["in", "like", "ilike", "between"].some((word) => cursor.isKeyword(word, 1));
    if (negated) cursor.next();
    const predicate = parsePredicateTail(cursor, operand);
    if (predicate === undefined) return operand;
    operand = negateIf(negated, predicate);
  }
}

function parsePredicateTail(cursor: TokenCursor, operand: SyntaxExpression): SyntaxExpression | undefined {
  const { start } = operand;
  if (cursor.takeKeywords("between")) {
    const low = parseJoin(cursor);
    cursor.expectKeyword("and");
    const high = parseJoin(cursor);
    return { kind: "between", operand, low, high, start, end: high.end };
  }
  if (cursor.takeKeywords("in")) {
    const candidates = parseList(cursor);
    return { kind: "in", operand, candidates, start, end: cursor.lastEnd };
  }
  for (const kind of ["like", "ilike"] as const) {
    if (!cursor.takeKeywords(kind)) continue;
    const pattern = parseJoin(cursor);
    if (cursor.isKeyword("escape")) throw cursor.failure("not-supported", "LIKE … ESCAPE is not supported");
    return { kind, operand, pattern, start, end: pattern.end };
  }
  const symbol = cursor.peek();
  if (symbol.kind === "symbol" && MATCHING.has(symbol.text)) {
    cursor.next();
    const pattern = parseJoin(cursor);
    const match: SyntaxExpression = { kind: "matches", operand, pattern, start, end: pattern.end };
    return negateIf(symbol.text === "!~", match);
  }
  if (cursor.isKeyword("similar")) {
    throw cursor.failure("not-supported", "SIMILAR TO is not supported; use LIKE or ~");
  }
  return undefined;
}

function parseList(cursor: TokenCursor): readonly SyntaxExpression[] {
  cursor.expectSymbol("(");
  refuseSubquery(cursor);
  const candidates = [parseExpression(cursor)];
  while (cursor.takeSymbol(",")) candidates.push(parseExpression(cursor));
  cursor.expectSymbol(")");
  return candidates;
}

const parseJoin = (cursor: TokenCursor): SyntaxExpression => parseBinary(cursor, JOINING, parseSum);
const parseSum = (cursor: TokenCursor): SyntaxExpression => parseBinary(cursor, ADDITIVE, parseProduct);
const parseProduct = (cursor: TokenCursor): SyntaxExpression => parseBinary(cursor, MULTIPLICATIVE, parseUnary);

/** A chain that groups to the left. It becomes a tree as deep as it is long, and so its length counts as nesting. */
function parseBinary(
  cursor: TokenCursor,
  operators: ReadonlyMap<string, BinaryOperator>,
  readOperand: (cursor: TokenCursor) => SyntaxExpression,
): SyntaxExpression {
  let left = readOperand(cursor);
  for (let length = 1; ; length += 1) {
    const token = cursor.peek();
    const operator = token.kind === "symbol" ? operators.get(token.text) : undefined;
    if (operator === undefined) return left;
    if (length > MAX_NESTING) {
      throw cursor.failure("too-deep", `this chain of "${token.text}" is longer than ${MAX_NESTING}; simplify it`);
    }
    cursor.next();
    const right = readOperand(cursor);
    left = { kind: "binary", operator, left, right, start: left.start, end: right.end };
  }
}

function parseUnary(cursor: TokenCursor): SyntaxExpression {
  if (cursor.isSymbol("-")) {
    const { start } = cursor.next();
    const operand = cursor.nested(() => parseUnary(cursor));
    return { kind: "negate", operand, start, end: operand.end };
  }
  if (cursor.takeSymbol("+")) return cursor.nested(() => parseUnary(cursor));
  return parseSuffix(cursor, parsePrimary(cursor, parseExpression));
}

function parseSuffix(cursor: TokenCursor, primary: SyntaxExpression): SyntaxExpression {
  let operand = primary;
  for (let length = 1; cursor.takeSymbol("::"); length += 1) {
    if (length > MAX_NESTING) throw cursor.failure("too-deep", `more than ${MAX_NESTING} casts in a row; simplify it`);
    const typeStart = cursor.peek().start;
    const typeName = parseTypeName(cursor);
    operand = { kind: "cast", operand, typeName, typeStart, start: operand.start, end: cursor.lastEnd };
  }
  const after = cursor.peek();
  if (after.kind === "symbol" && UNSUPPORTED_OPERATORS.has(after.text)) {
    throw cursor.failure("not-supported", `the operator ${after.text} is not supported yet`);
  }
  return operand;
}

const negateIf = (negated: boolean, operand: SyntaxExpression): SyntaxExpression =>
  negated ? { kind: "not", operand, start: operand.start, end: operand.end } : operand;
