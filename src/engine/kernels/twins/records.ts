/** Twins of the kernels that take records apart: JSON objects, pairs of logfmt, values of CSV. */

/** What a token of a record is; `bare` is a number, or text of a notation that does not tell numbers from strings. */
export type TokenKind = "text" | "escaped" | "bare" | "truth" | "nothing" | "nested";

export interface RecordToken {
  readonly kind: TokenKind;
  /** As it is written, one character a byte, without quotes. */
  readonly text: string;
}

/** Tokens by the JSON of their path; of equal paths the last. */
export type RecordTokens = ReadonlyMap<string, RecordToken>;

export const pathKey = (path: readonly string[]): string => JSON.stringify(path);

const MAX_DEPTH = 64;
const BLANKS = /[ \t]*/y;
const STRING = /"((?:[^"\\]|\\[\s\S])*)"/y;
const SCALAR = /true|false|null|-?[-+.0-9eE]+/y;
const ARRAY_STEP = /[^"[\]{}]*/y;

class JsonWalk {
  readonly tokens = new Map<string, RecordToken>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether the text is an object and nothing else. */
  run(): boolean {
    this.#skipBlanks();
    if (!this.#object([], 0)) return false;
    this.#skipBlanks();
    return this.#at === this.#text.length;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  #skipBlanks(): void {
    this.#match(BLANKS);
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #object(path: readonly string[], depth: number): boolean {
    if (!this.#takes("{") || depth > MAX_DEPTH) return false;
    this.#skipBlanks();
    if (this.#takes("}")) return true;
    while (true) {
      const [, key] = this.#match(STRING) ?? [];
      this.#skipBlanks();
      if (key === undefined || !this.#takes(":")) return false;
      this.#skipBlanks();
      if (!this.#value([...path, key], depth)) return false;
      this.#skipBlanks();
      if (this.#takes("}")) return true;
      if (!this.#takes(",")) return false;
      this.#skipBlanks();
    }
  }

  #value(path: readonly string[], depth: number): boolean {
    const start = this.#at;
    const keep = (kind: TokenKind, text: string): boolean => {
      this.tokens.set(pathKey(path), { kind, text });
      return true;
    };
    const first = this.#text[start];
    if (first === "{") {
      return this.#object(path, depth + 1) && keep("nested", this.#text.slice(start, this.#at));
    }
    if (first === "[") return this.#array() && keep("nested", this.#text.slice(start, this.#at));
    if (first === '"') {
      const [, text] = this.#match(STRING) ?? [];
      return text !== undefined && keep(text.includes("\\") ? "escaped" : "text", text);
    }
    const [scalar] = this.#match(SCALAR) ?? [];
    if (scalar === undefined || /^[+.eE]/.test(scalar)) return false;
    if (scalar === "null") return keep("nothing", "");
    return keep(scalar === "true" || scalar === "false" ? "truth" : "bare", scalar);
  }

  /** Steps over brackets that balance, whatever is in them. */
  #array(): boolean {
    let depth = 0;
    while (this.#at < this.#text.length) {
      this.#match(ARRAY_STEP);
      if (this.#text[this.#at] === '"') {
        if (this.#match(STRING) === null) return false;
        continue;
      }
      const bracket = this.#text[this.#at];
      if (bracket === undefined) return false;
      this.#at += 1;
      depth += bracket === "[" || bracket === "{" ? 1 : -1;
      if (depth === 0) return true;
    }
    return false;
  }
}

/** The values of a JSON object by their paths; undefined if the text, of one character a byte, is none. */
export function jsonTokens(text: string): RecordTokens | undefined {
  const walk = new JsonWalk(text);
  return walk.run() ? walk.tokens : undefined;
}

const PAIR = /[ \t]*([^ \t="]+)(?:=(?:"((?:[^"\\]|\\[\s\S])*)"(?=[ \t]|$)|(?!")([^ \t]*)))?(?=[ \t]|$)/y;

/** The pairs of a line of logfmt; undefined if it is none. */
export function logfmtTokens(line: string): RecordTokens | undefined {
  const text = line.replace(/[ \t]+$/, "");
  const tokens = new Map<string, RecordToken>();
  let hasPair = false;
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const match = PAIR.exec(text);
    if (match === null) return undefined;
    const [, key = "", quoted, bare] = match;
    const isPair = quoted !== undefined || bare !== undefined;
    if (!isPair && !hasPair) return undefined;
    hasPair = true;
    if (quoted !== undefined) {
      tokens.set(pathKey([key]), { kind: quoted.includes("\\") ? "escaped" : "text", text: quoted });
    } else {
      tokens.set(pathKey([key]), { kind: bare === undefined || bare === "" ? "nothing" : "bare", text: bare ?? "" });
    }
  }
  return hasPair ? tokens : undefined;
}

/** The values between the delimiters of a line; undefined if a quote is not closed or has text behind it. */
export function csvTokens(line: string, delimiter: string): readonly RecordToken[] | undefined {
  const tokens: RecordToken[] = [];
  for (let at = 0; ; at += 1) {
    if (line[at] === '"') {
      const quoted = /^"((?:[^"]|"")*)"(?!")/.exec(line.slice(at));
      if (quoted === null) return undefined;
      const [all, text = ""] = quoted;
      tokens.push({ kind: text.includes('"') ? "escaped" : "bare", text });
      at += all.length;
    } else {
      const next = line.indexOf(delimiter, at);
      const end = next < 0 ? line.length : next;
      tokens.push({ kind: end === at ? "nothing" : "bare", text: line.slice(at, end) });
      at = end;
    }
    if (at === line.length) return tokens;
    if (line[at] !== delimiter) return undefined;
  }
}
