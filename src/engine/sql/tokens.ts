/** SQL text to tokens. Linear in the text, which is capped. */

import { QueryError } from "./query-error.js";

const MAX_SQL_BYTES = 64 * 1024;

/** `word`: a bare identifier or keyword; `name`: one in double quotes; `string`: text in single quotes, unescaped. */
export type TokenKind = "word" | "name" | "string" | "number" | "symbol" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** A word in the case it was written; the inside of names and strings; empty at the end. */
  readonly text: string;
  /** Half-open interval of the query. */
  readonly start: number;
  readonly end: number;
}

const SPACE_OR_COMMENT = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const STRING = /'(?:[^']|'')*'/y;
const NAME = /"(?:[^"]|"")*"/y;
const SYMBOL = /::|<>|!=|<=|>=|==|\|\||\/\/|\*\*|!~\*|!~|~\*|~|->>|->|[-+*/%^=<>(),.;[\]{}:?&|#@!]/y;

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ["word", WORD],
  ["number", NUMBER],
  ["string", STRING],
  ["name", NAME],
  ["symbol", SYMBOL],
];

/** All tokens, the last of kind `end`. Throws a QueryError for text over 64 KiB and for what is no token. */
export function tokenize(sql: string): readonly Token[] {
  if (new TextEncoder().encode(sql).length > MAX_SQL_BYTES) {
    throw new QueryError("too-long", sql, 0, `the query is longer than ${MAX_SQL_BYTES / 1024} KiB; shorten it`);
  }
  const tokens: Token[] = [];
  let position = skipSpace(sql, 0);
  while (position < sql.length) {
    const token = tokenAt(sql, position);
    tokens.push(token);
    position = skipSpace(sql, token.end);
  }
  tokens.push({ kind: "end", text: "", start: sql.length, end: sql.length });
  return tokens;
}

function skipSpace(sql: string, position: number): number {
  SPACE_OR_COMMENT.lastIndex = position;
  return SPACE_OR_COMMENT.test(sql) ? SPACE_OR_COMMENT.lastIndex : position;
}

function tokenAt(sql: string, start: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = start;
    const match = pattern.exec(sql);
    if (match === null) continue;
    return { kind, text: contentOf(kind, match[0]), start, end: pattern.lastIndex };
  }
  const character = String.fromCodePoint(sql.codePointAt(start) ?? 0);
  if (character === "'") throw new QueryError("syntax", sql, start, "this text has no closing quote (')");
  if (character === '"') throw new QueryError("syntax", sql, start, 'this name has no closing quote (")');
  if (sql.startsWith("/*", start)) throw new QueryError("syntax", sql, start, "this comment has no end (*/)");
  throw new QueryError("syntax", sql, start, `unexpected character ${JSON.stringify(character)}`);
}

function contentOf(kind: TokenKind, text: string): string {
  if (kind === "string") return text.slice(1, -1).replaceAll("''", "'");
  if (kind === "name") return text.slice(1, -1).replaceAll('""', '"');
  return text;
}
