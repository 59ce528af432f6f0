/**
 * The keys and values of JSON lines that are written as `JSON.stringify` writes them: most are, and what the built-in
 * functions do by themselves is ten times as fast as a walk. Any other line is left to the twin of the kernel.
 */

import type { RecordToken } from "../kernels/twins/records.js";
import { pathKey } from "../kernels/twins/records.js";
import type { ValueType } from "../plan.js";

/** What takes the tokens, or the types that they speak for, by the JSON of their path: see infer-records.ts. */
interface TokenSink {
  add(key: string, token: RecordToken): void;
  widen(key: string, type: ValueType): void;
  /** False where no token of a key is wanted. */
  has(key: string): boolean;
  typeOf(key: string): ValueType | undefined;
}

/** Pieces between so many opening brackets: these may nest too deep, for an object or for the built-in functions. */
const MOST_PIECES = 64;

const BRACKETS = ["{", "["];
const mayBeDeep = (line: string): boolean =>
  BRACKETS.some((bracket) => line.split(bracket, MOST_PIECES).length === MOST_PIECES);

/** The zeros that end a fraction: what is before them is the same number, written as `JSON.stringify` does. */
const FRACTION_ZEROS = /(\.\d*[1-9])0+(?=[,}])/g;

/** Some of the texts that are times of the ISO layout, and nothing else: nearly all that loggers write. */
const PLAIN_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;

interface KeyNode {
  readonly path: readonly string[];
  readonly key: string;
  readonly children: Map<string, KeyNode>;
}

const newNode = (path: readonly string[]): KeyNode => ({ path, key: pathKey(path), children: new Map() });

export class PlainJson {
  readonly #sink: TokenSink;
  readonly #root = newNode([]);

  constructor(sink: TokenSink) {
    this.#sink = sink;
  }

  /** Adds the tokens of a line, one character a byte, and returns true; or does nothing and returns false. */
  add(line: string): boolean {
    if (!line.startsWith("{") || line.includes("\\") || mayBeDeep(line)) return false;
    const value = parsed(line);
    if (value === undefined || !isWrittenPlainly(value, line)) return false;
    this.#addObject(value, this.#root);
    return true;
  }

  #addObject(object: object, node: KeyNode): void {
    for (const [key, value] of Object.entries(object) as readonly (readonly [string, unknown])[]) {
      let child = node.children.get(key);
      if (child === undefined) {
        child = newNode([...node.path, key]);
        node.children.set(key, child);
      }
      if (typeof value === "object" && value !== null && !Array.isArray(value)) this.#addObject(value, child);
      else this.#addValue(child.key, value);
    }
  }

  #addValue(key: string, value: unknown): void {
    // Nothing changes the type of a column of text; it is not asked for the text of each.
    const known = this.#sink.typeOf(key);
    if (known === "string") return;
    const type = plainType(value);
    if (type !== undefined && type === known) return;
    if (!this.#sink.has(key)) return;
    if (type === undefined) this.#sink.add(key, tokenOf(value));
    else this.#sink.widen(key, type);
  }
}

/** Equal texts have equal numbers, no key twice, and no blanks. Zeros that are taken out of a string make it another one. */
function isWrittenPlainly(value: object, line: string): boolean {
  const text = JSON.stringify(value);
  return text === line || text === line.replace(FRACTION_ZEROS, "$1");
}

/** The type that a value speaks for, where that takes no look at its text. */
function plainType(value: unknown): ValueType | undefined {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return "i64";
    return Number.isInteger(value) ? undefined : "f64";
  }
  if (typeof value === "boolean") return "bool";
  return typeof value === "string" && PLAIN_TIME.test(value) ? "timestamp" : undefined;
}

function parsed(line: string): object | undefined {
  try {
    return JSON.parse(line) as object;
  } catch {
    return undefined;
  }
}

function tokenOf(value: unknown): RecordToken {
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value === "boolean") return { kind: "truth", text: String(value) };
  if (value === null) return { kind: "nothing", text: "" };
  return { kind: typeof value === "number" ? "bare" : "nested", text: JSON.stringify(value) };
}
