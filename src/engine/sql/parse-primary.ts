/** The leaves of expressions: literals, names, calls, parentheses, CASE and CAST. */

import { parseTypeName } from "./parse-type-name.js";
import type { SyntaxCall, SyntaxExpression } from "./syntax.js";
import type { TokenCursor } from "./token-cursor.js";

type ReadExpression = (cursor: TokenCursor) => SyntaxExpression;

/** Words that end an expression, and so are no names unless quoted. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    "all and as asc between by case cast cross desc distinct else end except exists false fetch filter from full group " +
    "having ilike in inner intersect is join left like limit natural not null nulls offset on or order outer over " +
    "qualify right select similar then true union using when where window with"
  ).split(" "),
);

export function parsePrimary(cursor: TokenCursor, readExpression: ReadExpression): SyntaxExpression {
  const token = cursor.peek();
  const place = { start: token.start, end: token.end };
  switch (token.kind) {
    case "number":
      cursor.next();
      return { kind: "number", text: token.text, ...place };
    case "string":
      cursor.next();
      return { kind: "string", value: token.text, ...place };
    case "name":
      return parseName(cursor);
    case "word":
      return parseWord(cursor, readExpression);
    case "symbol":
      if (token.text === "(") return parseParentheses(cursor, readExpression);
  }
  throw cursor.unexpected("expected an expression");
}

function parseParentheses(cursor: TokenCursor, readExpression: ReadExpression): SyntaxExpression {
  cursor.expectSymbol("(");
  refuseSubquery(cursor);
  const inner = readExpression(cursor);
  cursor.expectSymbol(")");
  return inner;
}

export function refuseSubquery(cursor: TokenCursor): void {
  if (cursor.isKeyword("select") || cursor.isKeyword("with")) {
    throw cursor.failure("not-supported", "a subquery is not supported; ask two queries instead");
  }
}

function parseWord(cursor: TokenCursor, readExpression: ReadExpression): SyntaxExpression {
  const token = cursor.peek();
  const word = token.text.toLowerCase();
  const place = { start: token.start, end: token.end };
  if (cursor.takeKeywords("null")) return { kind: "null", ...place };
  if (cursor.takeKeywords("true")) return { kind: "boolean", value: true, ...place };
  if (cursor.takeKeywords("false")) return { kind: "boolean", value: false, ...place };
  if (word === "case") return parseCase(cursor, readExpression);
  if (word === "cast" && cursor.isSymbol("(", 1)) return parseCast(cursor, readExpression);
  if (word === "exists") throw cursor.failure("not-supported", "EXISTS needs a subquery, which is not supported");
  if (word === "current_timestamp") {
    cursor.next();
    return { kind: "call", call: { ...NO_ARGUMENTS, name: "now" }, ...place };
  }
  if (word === "extract" && cursor.isSymbol("(", 1)) return parseExtract(cursor, readExpression);
  const literal = parseTypedLiteral(cursor);
  if (literal !== undefined) return literal;
  if (cursor.isSymbol("(", 1)) return parseCall(cursor, readExpression);
  if (RESERVED_WORDS.has(word)) throw cursor.unexpected("expected an expression");
  return parseName(cursor);
}

const NO_ARGUMENTS: Omit<SyntaxCall, "name"> = { arguments: [], star: false, distinct: false, filter: null };

function parseTypedLiteral(cursor: TokenCursor): SyntaxExpression | undefined {
  const { start } = cursor.peek();
  const value = cursor.peek(1);
  const isTime = cursor.isKeyword("timestamp") || cursor.isKeyword("timestamptz") || cursor.isKeyword("date");
  if (isTime && value.kind === "string") {
    cursor.next();
    cursor.next();
    return { kind: "timestamp", text: value.text, start, end: value.end };
  }
  if (!cursor.isKeyword("interval") || (value.kind !== "string" && value.kind !== "number")) return undefined;
  cursor.next();
  cursor.next();
  const unit = cursor.peek();
  const hasUnit = unit.kind === "word" && !/[a-z]/i.test(value.text) && !RESERVED_WORDS.has(unit.text.toLowerCase());
  if (hasUnit) cursor.next();
  return { kind: "interval", text: hasUnit ? `${value.text} ${unit.text}` : value.text, start, end: cursor.lastEnd };
}

function parseName(cursor: TokenCursor): SyntaxExpression {
  const first = cursor.next();
  if (!cursor.takeSymbol(".")) {
    return { kind: "name", qualifier: null, name: first.text, start: first.start, end: first.end };
  }
  const second = cursor.peek();
  if (second.kind !== "word" && second.kind !== "name")
    throw cursor.unexpected(`expected a column after "${first.text}."`);
  cursor.next();
  return { kind: "name", qualifier: first.text, name: second.text, start: first.start, end: second.end };
}

function parseCall(cursor: TokenCursor, readExpression: ReadExpression): SyntaxExpression {
  const nameToken = cursor.next();
  const name = nameToken.text.toLowerCase();
  cursor.expectSymbol("(");
  const arguments_: SyntaxExpression[] = [];
  const star = cursor.takeSymbol("*");
  const distinct = !star && cursor.takeKeywords("distinct");
  if (!star && !distinct) cursor.takeKeywords("all");
  if (!star && !cursor.isSymbol(")")) {
    refuseSubquery(cursor);
    do arguments_.push(readExpression(cursor));
    while (cursor.takeSymbol(","));
  }
  if (cursor.isKeyword("order")) throw cursor.failure("not-supported", `ORDER BY inside ${name}() is not supported`);
  cursor.expectSymbol(")");
  let filter: SyntaxExpression | null = null;
  if (cursor.takeKeywords("filter")) {
    cursor.expectSymbol("(");
    cursor.expectKeyword("where");
    filter = readExpression(cursor);
    cursor.expectSymbol(")");
  }
  if (cursor.isKeyword("over")) {
    throw cursor.failure("not-supported", `window functions (${name}(…) OVER …) are not supported; use GROUP BY`);
  }
  const call = { name, arguments: arguments_, star, distinct, filter };
  return { kind: "call", call, start: nameToken.start, end: cursor.lastEnd };
}

function parseCast(cursor: TokenCursor, readExpression: ReadExpression): SyntaxExpression {
  const { start } = cursor.next();
  cursor.expectSymbol("(");
  const operand = readExpression(cursor);
  cursor.expectKeyword("as");
  const typeStart = cursor.peek().start;
  const typeName = parseTypeName(cursor);
  cursor.expectSymbol(")");
  return { kind: "cast", operand, typeName, typeStart, start, end: cursor.lastEnd };
}

/** `extract(hour FROM time)` is `date_part('hour', time)`. */
function parseExtract(cursor: TokenCursor, readExpression: ReadExpression): SyntaxExpression {
  const { start } = cursor.next();
  cursor.expectSymbol("(");
  const part = cursor.peek();
  if (part.kind !== "word" && part.kind !== "string") throw cursor.unexpected("expected a part of time, such as hour");
  cursor.next();
  cursor.expectKeyword("from");
  const unit: SyntaxExpression = { kind: "string", value: part.text, start: part.start, end: part.end };
  const time = readExpression(cursor);
  cursor.expectSymbol(")");
  return {
    kind: "call",
    call: { ...NO_ARGUMENTS, name: "date_part", arguments: [unit, time] },
    start,
    end: cursor.lastEnd,
  };
}

function parseCase(cursor: TokenCursor, readExpression: ReadExpression): SyntaxExpression {
  const { start } = cursor.next();
  const subject = cursor.isKeyword("when") ? undefined : readExpression(cursor);
  const branches: { when: SyntaxExpression; value: SyntaxExpression }[] = [];
  while (cursor.takeKeywords("when")) {
    const condition = readExpression(cursor);
    cursor.expectKeyword("then");
    const place = { start: condition.start, end: condition.end };
    const when: SyntaxExpression =
      subject === undefined ? condition : { kind: "binary", operator: "=", left: subject, right: condition, ...place };
    branches.push({ when, value: readExpression(cursor) });
  }
  if (branches.length === 0) throw cursor.unexpected("expected WHEN", ["WHEN"]);
  const otherwise = cursor.takeKeywords("else") ? readExpression(cursor) : null;
  cursor.expectKeyword("end");
  return { kind: "case", branches, otherwise, start, end: cursor.lastEnd };
}
