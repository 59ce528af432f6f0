/** The fields of JSON lines, logfmt and CSV, and their types, as a sample of lines has them. */

import { csvTokens, jsonTokens, logfmtTokens, type RecordToken, type RecordTokens } from "../kernels/twins/records.js";
import { convertToken } from "../kernels/twins/values.js";
import type { ValueType } from "../plan.js";
import { PlainJson } from "./plain-json.js";
import type { RecordColumn, RecordSpec } from "./record-formats.js";

/** Keys at most; what else a line has is found in `_raw`. */
const MAX_COLUMNS = 1000;

/** Of these, half must be records, or no more are looked at. */
const FIRST_LINES = 20;

const latin1Of = (line: Uint8Array): string => Buffer.from(line).toString("latin1");
const unicodeOf = (latin1: string): string => Buffer.from(latin1, "latin1").toString("utf8");

/** The type that one token speaks for; undefined for none. */
function typeOfToken(token: RecordToken): ValueType | undefined {
  if (token.kind === "nothing") return undefined;
  if (token.kind === "truth") return "bool";
  const reads = (type: "i64" | "f64" | "bool"): boolean => convertToken(token, { type }, false).value !== null;
  if (reads("i64")) return "i64";
  if (reads("f64")) return "f64";
  if (reads("bool")) return "bool";
  const time = convertToken(token, { type: "timestamp", layout: "iso" }, false);
  return time.value === null ? "string" : "timestamp";
}

/** The type that values of both types fit. */
export function widerType(left: ValueType, right: ValueType): ValueType {
  if (left === right) return left;
  const isNumber = (type: ValueType): boolean => type === "i64" || type === "f64";
  return isNumber(left) && isNumber(right) ? "f64" : "string";
}

class ColumnTypes {
  readonly #most: number;
  readonly #types = new Map<string, ValueType | undefined>();

  /** `most`: columns that are kept, of any number of keys. */
  constructor(most: number) {
    this.#most = most;
  }

  add(key: string, token: RecordToken): void {
    // Fields within objects are columns of their own; arrays are their text.
    if (token.kind === "nested" && token.text.startsWith("{")) return;
    // Nothing is wider than text.
    if (!this.has(key) || this.#types.get(key) === "string") return;
    const type = typeOfToken(token);
    if (type !== undefined) this.widen(key, type);
  }

  /** A value of a column that there is has such a type. */
  widen(key: string, type: ValueType): void {
    const known = this.#types.get(key);
    this.#types.set(key, known === undefined ? type : widerType(known, type));
  }

  /** Whether there is a column for a key; it is made if there is room for it. */
  has(key: string): boolean {
    if (this.#types.has(key)) return true;
    if (this.#types.size >= this.#most) return false;
    this.#types.set(key, undefined);
    return true;
  }

  typeOf(key: string): ValueType | undefined {
    return this.#types.get(key);
  }

  columns(): readonly RecordColumn[] {
    return [...this.#types].map(([key, type]) => ({
      path: (JSON.parse(key) as readonly string[]).map(unicodeOf),
      type: type ?? "string",
    }));
  }
}

function inferKeyed(
  kind: "json" | "logfmt",
  lines: readonly Uint8Array[],
  tokensOf: (text: string) => RecordTokens | undefined,
): RecordSpec | undefined {
  const first = lines.slice(0, FIRST_LINES);
  const likely = first.filter((line) => tokensOf(latin1Of(line)) !== undefined);
  if (likely.length * 2 < first.length) return undefined;
  const types = new ColumnTypes(MAX_COLUMNS);
  const plain = kind === "json" ? new PlainJson(types) : undefined;
  for (const line of lines) {
    const text = latin1Of(line);
    if (plain?.add(text) === true) continue;
    for (const [key, token] of tokensOf(text) ?? []) types.add(key, token);
  }
  const columns = types.columns();
  return columns.length === 0 ? undefined : { kind, columns };
}

export const inferJson = (lines: readonly Uint8Array[]): RecordSpec | undefined =>
  inferKeyed("json", lines, jsonTokens);

/** Undefined also where lines have one pair only, as many a sentence has. */
export function inferLogfmt(lines: readonly Uint8Array[]): RecordSpec | undefined {
  const pairs = lines
    .slice(0, FIRST_LINES)
    .map((line) => logfmtTokens(latin1Of(line))?.size ?? 0)
    .filter((count) => count > 0);
  const isPlenty = pairs.filter((count) => count > 1).length * 2 >= pairs.length;
  return isPlenty ? inferKeyed("logfmt", lines, logfmtTokens) : undefined;
}

/** Names of which no two are the same: a later one of the same name gets a number. */
function distinctNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  const given = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let number = 1; given.has(distinct); number += 1) {
      const numbered = `${name}_${number}`;
      if (!taken.has(numbered)) distinct = numbered;
    }
    given.add(distinct);
    taken.add(distinct);
    return distinct;
  });
}

/** Undefined if the first line does not name at least two columns. A name that comes again gets a number. */
export function inferCsv(lines: readonly Uint8Array[], delimiter: string): RecordSpec | undefined {
  const [first, ...rows] = lines;
  if (first === undefined) return undefined;
  const header = latin1Of(first);
  const written = csvTokens(header, delimiter)?.map(({ text }) => unicodeOf(text).trim()) ?? [];
  const names = distinctNames(written);
  const isHeader = names.every((name) => /^[\p{L}_#@"(][^\n]{0,80}$/u.test(name));
  if (names.length < 2 || !isHeader) return undefined;
  // A line is a row if it has as many values as the header has names: none may be left out.
  const types = new ColumnTypes(names.length);
  names.forEach((name) => {
    types.add(JSON.stringify([Buffer.from(name).toString("latin1")]), { kind: "nothing", text: "" });
  });
  for (const row of rows.map(latin1Of)) {
    const tokens = csvTokens(row, delimiter);
    if (tokens?.length !== names.length || row === header) continue;
    tokens.forEach((token, index) => {
      types.add(JSON.stringify([Buffer.from(names[index] ?? "").toString("latin1")]), token);
    });
  }
  return { kind: "csv", delimiter, header: unicodeOf(header), columns: types.columns() };
}
