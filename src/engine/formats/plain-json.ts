/**
 * The keys and values of JSON lines that are written as `JSON.stringify` writes them: most are, and what the built-in
 * functions do by themselves is ten times as fast as a walk. Any other line is left to the twin of the kernel.
 */

import type { RecordToken } from "../kernels/twins/records.js";
import { pathKey } from "../kernels/twins/records.js";

/** What takes the tokens, by the JSON of their path: see infer-records.ts. */
interface TokenSink {
  add(key: string, token: RecordToken): void;
  /** False where no token of a key is wanted. */
  has(key: string): boolean;
  typeOf(key: string): string | undefined;
}

/** Pieces between so many opening brackets: these may nest too deep, for an object or for the built-in functions. */
const MOST_PIECES = 64;

const mayBeDeep = (line: string): boolean =>
  ["{", "["].some((bracket) => line.split(bracket, MOST_PIECES).length === MOST_PIECES);

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
    // Equal texts have equal numbers, no key twice, and no blanks.
    if (value === undefined || JSON.stringify(value) !== line) return false;
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
    if (this.#sink.typeOf(key) === "string" || !this.#sink.has(key)) return;
    this.#sink.add(key, tokenOf(value));
  }
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
