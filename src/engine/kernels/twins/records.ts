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
const QUOTE = '"';
const BACKSLASH = "\\";

const isBlank = (character: string | undefined): boolean => character === " " || character === "\t";
/** Digits, `+`, `-`, `.`, `e`, `E`. */
const isOfNumber = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e || code === 0x65 || code === 0x45;

/** A member as most are: nothing is escaped, the value is no object and no array, and the key is its own JSON. */
const PLAIN_MEMBER = /"([ !#-[\]-\u00ff]*)":(?:"([^"\\]*)"|(-?\d[\d+\-.eE]*|-[+\-.eE]*)|(true|false)|null)(?=[,}])/y;

/** Takes single characters and looks for quotes, since the first lines of every file come by: see infer-records.ts. */
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

  #skipBlanks(): void {
    while (isBlank(this.#text[this.#at])) this.#at += 1;
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** What stands between two quotes; undefined, and nowhere in particular, if the first or the last is missing. */
  #string(): string | undefined {
    if (!this.#takes(QUOTE)) return undefined;
    const start = this.#at;
    let close = this.#text.indexOf(QUOTE, start);
    while (close >= 0 && this.#isEscaped(start, close)) close = this.#text.indexOf(QUOTE, close + 1);
    if (close < 0) return undefined;
    this.#at = close + 1;
    return this.#text.slice(start, close);
  }

  /** Whether an odd number of backslashes stands between `start` and `at`. */
  #isEscaped(start: number, at: number): boolean {
    let first = at;
    while (first > start && this.#text[first - 1] === BACKSLASH) first -= 1;
    return (at - first) % 2 === 1;
  }

  #object(path: readonly string[], depth: number): boolean {
    if (!this.#takes("{") || depth > MAX_DEPTH) return false;
    this.#skipBlanks();
    if (this.#takes("}")) return true;
    const opening = path.length === 0 ? "[" : `${pathKey(path).slice(0, -1)},`;
    while (true) {
      if (!this.#plainMember(opening) && !this.#member(path, depth)) return false;
      this.#skipBlanks();
      if (this.#takes("}")) return true;
      if (!this.#takes(",")) return false;
      this.#skipBlanks();
    }
  }

  #member(path: readonly string[], depth: number): boolean {
    const key = this.#string();
    this.#skipBlanks();
    if (key === undefined || !this.#takes(":")) return false;
    this.#skipBlanks();
    return this.#value([...path, key], depth);
  }

  /** Takes a member at once if it is plain; `opening` begins the JSON of its path. */
  #plainMember(opening: string): boolean {
    PLAIN_MEMBER.lastIndex = this.#at;
    const match = PLAIN_MEMBER.exec(this.#text);
    if (match === null) return false;
    const [, key, text, bare, truth] = match;
    this.tokens.set(`${opening}"${key}"]`, plainToken(text, bare, truth));
    this.#at = PLAIN_MEMBER.lastIndex;
    return true;
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
    if (first === QUOTE) {
      const text = this.#string();
      return text !== undefined && keep(text.includes(BACKSLASH) ? "escaped" : "text", text);
    }
    while (isOfNumber(this.#text.charCodeAt(this.#at))) this.#at += 1;
    const scalar = this.#text.slice(start, this.#at);
    if (scalar !== "") return first !== undefined && "-0123456789".includes(first) && keep("bare", scalar);
    return (
      this.#word("true", "truth", keep) || this.#word("false", "truth", keep) || this.#word("null", "nothing", keep)
    );
  }

  #word(word: string, kind: TokenKind, keep: (kind: TokenKind, text: string) => boolean): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return keep(kind, kind === "nothing" ? "" : word);
  }

  /** Steps over brackets that balance, whatever is in them. */
  #array(): boolean {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at];
      if (character === QUOTE) {
        if (this.#string() === undefined) return false;
        continue;
      }
      this.#at += 1;
      if (character === "[" || character === "{") depth += 1;
      else if (character === "]" || character === "}") depth -= 1;
      if (depth === 0) return true;
    }
    return false;
  }
}

function plainToken(text: string | undefined, bare: string | undefined, truth: string | undefined): RecordToken {
  if (text !== undefined) return { kind: "text", text };
  if (bare !== undefined) return { kind: "bare", text: bare };
  return truth === undefined ? { kind: "nothing", text: "" } : { kind: "truth", text: truth };
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
