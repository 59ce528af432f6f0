/** A query that cannot be answered: what is wrong, where, and the nearest thing that would be right. */

export type QueryErrorCode =
  | "too-long"
  | "too-deep"
  | "syntax"
  | "not-supported"
  | "unknown-column"
  | "unknown-function"
  | "unknown-table"
  | "type-mismatch"
  | "bad-literal"
  | "out-of-range"
  | "grouping";

export class QueryError extends Error {
  readonly code: QueryErrorCode;
  /** Offset into the query, in UTF-16 units. */
  readonly position: number;

  /** `sql` is the whole query: the message quotes the line around `position` and points at it. */
  constructor(code: QueryErrorCode, sql: string, position: number, problem: string) {
    super(`${problem}\n${pointAt(sql, position)}`);
    this.name = "QueryError";
    this.code = code;
    this.position = position;
  }
}

const SHOWN_BEFORE = 60;
const SHOWN_AFTER = 40;

/** The line of `sql` around `position`, cut to a terminal's width, and a caret below the place. */
function pointAt(sql: string, position: number): string {
  const lineStart = sql.lastIndexOf("\n", position - 1) + 1;
  const nextLine = sql.indexOf("\n", position);
  const lineEnd = nextLine < 0 ? sql.length : nextLine;
  const from = Math.max(lineStart, position - SHOWN_BEFORE);
  const to = Math.min(lineEnd, position + SHOWN_AFTER);
  const head = from > lineStart ? "…" : "";
  const tail = to < lineEnd ? "…" : "";
  const quoted = printable(sql.slice(from, to));
  return `  ${head}${quoted}${tail}\n  ${" ".repeat(head.length + position - from)}^`;
}

/** One printable character for each unit, so that the caret stays below its place. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
