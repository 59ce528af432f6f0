/**
 * A SELECT statement, from text to syntax. What SQL has and logmr does not is refused by name where it stands, so that
 * nobody has to guess from "syntax error".
 */

import { suggestion } from "./nearest-name.js";
import { parseExpression } from "./parse-expression.js";
import { RESERVED_WORDS } from "./parse-primary.js";
import type { SyntaxExpression, SyntaxItem, SyntaxSelect, SyntaxSortKey } from "./syntax.js";
import { TokenCursor } from "./token-cursor.js";

const CLAUSES = ["FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"];

/** What may stand behind a FROM or at the end, with the name it is refused by. */
const REFUSED_WORDS: ReadonlyMap<string, string> = new Map([
  ["join", "JOIN is"],
  ["inner", "JOIN is"],
  ["left", "JOIN is"],
  ["right", "JOIN is"],
  ["full", "JOIN is"],
  ["cross", "JOIN is"],
  ["natural", "JOIN is"],
  ["union", "UNION is"],
  ["intersect", "INTERSECT is"],
  ["except", "EXCEPT is"],
  ["window", "window functions are"],
  ["qualify", "QUALIFY (window functions) is"],
  ["fetch", "FETCH is"],
]);

/** Parses one SELECT; throws a QueryError. */
export function parseSelect(sql: string): SyntaxSelect {
  const cursor = new TokenCursor(sql);
  expectSelect(cursor);
  const distinct = cursor.takeKeywords("distinct");
  if (distinct && cursor.isKeyword("on"))
    throw cursor.failure("not-supported", "DISTINCT ON is not supported; use GROUP BY");
  if (!distinct) cursor.takeKeywords("all");
  const { items, stars } = parseItems(cursor);
  const source = parseFrom(cursor);
  refuseRest(cursor);
  const where = cursor.takeKeywords("where") ? parseExpression(cursor) : null;
  const groupBy = takeWithBy(cursor, "group") ? parseGroupBy(cursor) : [];
  const having = cursor.takeKeywords("having") ? parseExpression(cursor) : null;
  refuseRest(cursor);
  const orderBy = takeWithBy(cursor, "order") ? parseOrderBy(cursor) : [];
  const window = parseWindow(cursor);
  cursor.takeSymbol(";");
  refuseRest(cursor);
  if (cursor.peek().kind !== "end") {
    if (cursor.isKeyword("select")) throw cursor.failure("not-supported", "only one statement at a time is supported");
    throw cursor.unexpected("expected the end of the query or one of its clauses", CLAUSES);
  }
  return { distinct, items, stars, ...source, where, groupBy, having, orderBy, ...window };
}

function expectSelect(cursor: TokenCursor): void {
  if (cursor.takeKeywords("select")) return;
  if (cursor.isKeyword("with"))
    throw cursor.failure("not-supported", "WITH (common table expressions) is not supported");
  const first = cursor.peek();
  const known =
    "insert update delete create drop alter copy explain show describe pragma set attach merge truncate values";
  if (first.kind === "word" && known.split(" ").includes(first.text.toLowerCase())) {
    throw cursor.failure(
      "not-supported",
      `${first.text.toUpperCase()} is not supported: logmr only reads, with SELECT`,
    );
  }
  throw cursor.unexpected("expected SELECT", ["SELECT"]);
}

function parseItems(cursor: TokenCursor): Pick<SyntaxSelect, "items" | "stars"> {
  const items: SyntaxItem[] = [];
  const stars: SyntaxSelect["stars"][number][] = [];
  do {
    const { start, end } = cursor.peek();
    if (cursor.takeSymbol("*")) stars.push({ start, end, before: items.length });
    else items.push(parseItem(cursor));
  } while (cursor.takeSymbol(","));
  return { items, stars };
}

function parseItem(cursor: TokenCursor): SyntaxItem {
  const expression = parseExpression(cursor);
  if (cursor.takeKeywords("as")) {
    const token = cursor.peek();
    if (token.kind !== "word" && token.kind !== "name") throw cursor.unexpected("expected a name after AS");
    return { expression, alias: cursor.next().text };
  }
  return { expression, alias: takeAlias(cursor) };
}

/** A bare name behind an expression or table; two words in a row are more likely a misspelt keyword than an alias. */
function takeAlias(cursor: TokenCursor): string | null {
  const token = cursor.peek();
  if (token.kind === "name") return cursor.next().text;
  if (token.kind !== "word" || RESERVED_WORDS.has(token.text.toLowerCase())) return null;
  const after = cursor.peek(1);
  const isMisspelt = after.text.toLowerCase() === "by" || !RESERVED_WORDS.has(after.text.toLowerCase());
  if (after.kind === "word" && isMisspelt) {
    throw cursor.unexpected("expected a comma or a clause", CLAUSES);
  }
  if (after.kind === "string") throw cursor.unexpected("expected a comma or a clause", CLAUSES);
  return cursor.next().text;
}

function parseFrom(cursor: TokenCursor): Pick<SyntaxSelect, "from" | "isOfUnparsed" | "qualifiers"> {
  if (!cursor.takeKeywords("from")) return { from: null, isOfUnparsed: false, qualifiers: ["logs"] };
  const token = cursor.peek();
  if (cursor.isSymbol("(")) throw cursor.failure("not-supported", "a subquery in FROM is not supported");
  if (cursor.isKeyword("unparsed") && cursor.isSymbol("(", 1)) return parseUnparsed(cursor);
  if (cursor.isSymbol("(", 1)) throw cursor.failure("not-supported", `FROM ${token.text}(…) is not supported yet`);
  let from: string | null = null;
  if (token.kind === "string") {
    from = quotedFiles(cursor);
  } else if ((token.kind !== "word" && token.kind !== "name") || RESERVED_WORDS.has(token.text.toLowerCase())) {
    throw cursor.unexpected("expected FROM logs or FROM 'files' in single quotes");
  } else if (token.text.toLowerCase() !== "logs") {
    const hint = suggestion(token.text, ["logs"]);
    throw cursor.failure(
      "unknown-table",
      `unknown table "${token.text}"${hint === "" ? "; FROM takes logs, or files in single quotes" : hint}`,
    );
  }
  cursor.next();
  return { from, isOfUnparsed: false, qualifiers: parseQualifiers(cursor) };
}

/** `unparsed('files')`, `unparsed(logs)` or `unparsed()`. */
function parseUnparsed(cursor: TokenCursor): Pick<SyntaxSelect, "from" | "isOfUnparsed" | "qualifiers"> {
  cursor.next();
  cursor.next();
  let from: string | null = null;
  if (cursor.peek().kind === "string") {
    from = quotedFiles(cursor);
    cursor.next();
  } else {
    cursor.takeKeywords("logs");
  }
  cursor.expectSymbol(")");
  return { from, isOfUnparsed: true, qualifiers: [...parseQualifiers(cursor), "unparsed"] };
}

function quotedFiles(cursor: TokenCursor): string {
  const { text } = cursor.peek();
  if (text === "") throw cursor.failure("unknown-table", "FROM names no files; write FROM 'dir/*.log'");
  return text;
}

function parseQualifiers(cursor: TokenCursor): readonly string[] {
  const alias = cursor.takeKeywords("as") ? cursor.next().text : takeAlias(cursor);
  if (cursor.isSymbol(",")) throw cursor.failure("not-supported", "several tables in FROM (a JOIN) are not supported");
  return alias === null ? ["logs"] : ["logs", alias];
}

/** `GROUP BY` or `ORDER BY`, whose BY is what people forget. */
function takeWithBy(cursor: TokenCursor, keyword: string): boolean {
  if (!cursor.takeKeywords(keyword)) return false;
  cursor.expectKeyword("by");
  return true;
}

function parseGroupBy(cursor: TokenCursor): readonly SyntaxExpression[] | "all" {
  if (cursor.takeKeywords("all")) return "all";
  for (const word of ["rollup", "cube", "grouping"]) {
    if (cursor.isKeyword(word))
      throw cursor.failure("not-supported", `GROUP BY ${word.toUpperCase()} is not supported`);
  }
  const keys = [parseExpression(cursor)];
  while (cursor.takeSymbol(",")) keys.push(parseExpression(cursor));
  return keys;
}

function parseOrderBy(cursor: TokenCursor): readonly SyntaxSortKey[] {
  const keys: SyntaxSortKey[] = [];
  do {
    const expression = parseExpression(cursor);
    const descending = cursor.takeKeywords("desc");
    if (!descending) cursor.takeKeywords("asc");
    const nullsFirst = cursor.takeKeywords("nulls", "first");
    if (!nullsFirst) cursor.takeKeywords("nulls", "last");
    keys.push({ expression, descending, nullsFirst });
  } while (cursor.takeSymbol(","));
  return keys;
}

function parseWindow(cursor: TokenCursor): { limit: number | null; offset: number } {
  let limit: number | null = null;
  let offset = 0;
  let sawLimit = false;
  let sawOffset = false;
  while (true) {
    if (!sawLimit && cursor.takeKeywords("limit")) {
      sawLimit = true;
      limit = cursor.takeKeywords("all") ? null : parseCount(cursor, "LIMIT");
    } else if (!sawOffset && cursor.takeKeywords("offset")) {
      sawOffset = true;
      offset = parseCount(cursor, "OFFSET");
      if (!cursor.takeKeywords("rows")) cursor.takeKeywords("row");
    } else {
      return { limit, offset };
    }
  }
}

function parseCount(cursor: TokenCursor, clause: string): number {
  const token = cursor.peek();
  const count = Number(token.text);
  if (token.kind !== "number" || !/^\d+$/.test(token.text) || !Number.isSafeInteger(count)) {
    throw cursor.unexpected(`${clause} takes a whole number`);
  }
  cursor.next();
  return count;
}

function refuseRest(cursor: TokenCursor): void {
  const token = cursor.peek();
  const name = token.kind === "word" ? REFUSED_WORDS.get(token.text.toLowerCase()) : undefined;
  if (name !== undefined) throw cursor.failure("not-supported", `${name} not supported`);
}
