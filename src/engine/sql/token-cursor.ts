/** Reads tokens one by one; keywords are words compared without case. Bounds the nesting of what is read. */

import { suggestion } from "./nearest-name.js";
import { QueryError, type QueryErrorCode } from "./query-error.js";
import { type Token, tokenize } from "./tokens.js";

export const MAX_NESTING = 200;

export class TokenCursor {
  readonly sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(sql: string) {
    this.sql = sql;
    this.#tokens = tokenize(sql);
  }

  /** The token `ahead` of the next one; the end token when there are no more. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    return token ?? { kind: "end", text: "", start: this.sql.length, end: this.sql.length };
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Where the last token that was read ends. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  isKeyword(keyword: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "word" && token.text.toLowerCase() === keyword;
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === symbol;
  }

  /** Reads the keywords if all of them come next. */
  takeKeywords(...keywords: readonly string[]): boolean {
    if (!keywords.every((keyword, ahead) => this.isKeyword(keyword, ahead))) return false;
    this.#at += keywords.length;
    return true;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#at += 1;
    return true;
  }

  expectSymbol(symbol: string): Token {
    if (!this.isSymbol(symbol)) throw this.unexpected(`expected "${symbol}"`);
    return this.next();
  }

  expectKeyword(keyword: string): Token {
    if (!this.isKeyword(keyword)) throw this.unexpected(`expected ${keyword.toUpperCase()}`, [keyword.toUpperCase()]);
    return this.next();
  }

  /** Runs `read` one level deeper. */
  nested<Result>(read: () => Result): Result {
    if (this.#depth >= MAX_NESTING) {
      throw this.failure("too-deep", `the query is nested more than ${MAX_NESTING} levels deep; simplify it`);
    }
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** An error at the next token, or at `position`. */
  failure(code: QueryErrorCode, problem: string, position = this.peek().start): QueryError {
    return new QueryError(code, this.sql, position, problem);
  }

  /** `expectation` and what stands there instead; suggests one of `keywords` if the token is nearly it. */
  unexpected(expectation: string, keywords: readonly string[] = []): QueryError {
    const token = this.peek();
    if (token.kind === "end") return this.failure("syntax", `${expectation}, but the query ends here`);
    const written = this.sql.slice(token.start, token.end);
    const shown = written.length > 40 ? `${written.slice(0, 40)}…` : written;
    const hint = token.kind === "word" ? suggestion(token.text, keywords) : "";
    return this.failure("syntax", `${expectation}, found ${shown}${hint}`);
  }
}
