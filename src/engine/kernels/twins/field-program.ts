/** Twin of the tokenizer kernels: runs a format's field program over one line, byte by byte. */

import { unreachable } from "../../../base/assert.js";
import {
  type Derivation,
  type FieldOperation,
  type Format,
  isRequired,
  type KeyedField,
  neededNames,
  neededOptional,
  outputsOf,
  type RecordField,
  recordFieldsOf,
} from "../../formats/format.js";
import { derive } from "./derivations.js";
import { csvTokens, jsonTokens, logfmtTokens, pathKey, type RecordToken } from "./records.js";
import { parseTime } from "./time-layouts.js";
import { bytesOfLatin1, convertToken, type FieldValue } from "./values.js";

export interface ParsedLine {
  /** Values by field name. A field that was not reached is absent, and one of a record that nobody reads. */
  readonly values: ReadonlyMap<string, FieldValue>;
  /** Whether all optional operations succeeded. */
  readonly isWhole: boolean;
  /** Malformed fields in the eyes of a plan that reads the given names. */
  readonly malformed: number;
}

interface Taken {
  readonly next: number;
  readonly value: FieldValue;
}

const MAX_I64 = 2n ** 63n - 1n;
const NO_NAMES: ReadonlySet<string> = new Set();

/** A line whose program runs. Text has one character a byte. */
class LineRun {
  readonly values = new Map<string, FieldValue>();
  malformed = 0;
  #text: string;
  #cursor = 0;
  readonly #needed: ReadonlySet<string>;

  constructor(line: Uint8Array, needed: ReadonlySet<string>) {
    this.#text = Buffer.from(line.buffer, line.byteOffset, line.length).toString("latin1");
    this.#needed = needed;
  }

  get isUsedUp(): boolean {
    return this.#cursor === this.#text.length;
  }

  /** Whether the operation succeeded. */
  run(operation: FieldOperation): boolean {
    switch (operation.kind) {
      case "json":
      case "logfmt":
      case "csv":
        return this.#takeRecord(operation);
      case "enter": {
        const value = this.values.get(operation.field);
        if (!(value instanceof Uint8Array)) return false;
        this.#text = Buffer.from(value).toString("latin1").replace(/\n$/, "").replace(/\r$/, "");
        this.#cursor = 0;
        return true;
      }
      default: {
        const taken = take(operation, this.#text, this.#cursor);
        if (taken === undefined) return false;
        this.#cursor = taken.next;
        if ("field" in operation && operation.field !== null) this.values.set(operation.field, taken.value);
        return true;
      }
    }
  }

  /** Whether the derivation leaves the line a row. */
  derive(derivation: Derivation): boolean {
    const { isMalformed } = derive(derivation, this.values);
    if (isRequired(derivation)) return !isMalformed;
    if (isMalformed) this.malformed += 1;
    return true;
  }

  #takeRecord(operation: Extract<FieldOperation, { kind: "json" | "logfmt" | "csv" }>): boolean {
    const rest = this.#text.slice(this.#cursor);
    const tokenOf = recordReader(operation, rest);
    if (tokenOf === undefined) return false;
    this.#cursor = this.#text.length;
    for (const field of recordFieldsOf(operation)) {
      // What is required is needed; converting what nobody reads takes longer than the walk.
      if (!this.#needed.has(field.field)) continue;
      const { value, isMalformed } = convertToken(tokenOf(field), field.conversion, operation.kind === "csv");
      if (field.isRequired === true && value === null) return false;
      this.values.set(field.field, value);
      if (isMalformed) this.malformed += 1;
    }
    return true;
  }
}

type TokenReader = (field: RecordField) => RecordToken | undefined;

function recordReader(
  operation: Extract<FieldOperation, { kind: "json" | "logfmt" | "csv" }>,
  text: string,
): TokenReader | undefined {
  if (operation.kind === "csv") {
    const tokens = text === latin1OfUtf8(operation.header) ? undefined : csvTokens(text, operation.delimiter);
    if (tokens?.length !== operation.columns.length) return undefined;
    const { columns } = operation;
    return (field) => tokens[columns.indexOf(field)];
  }
  const tokens = operation.kind === "json" ? jsonTokens(text) : logfmtTokens(text);
  if (tokens === undefined) return undefined;
  return (field) => ("path" in field ? tokens.get(pathKey((field as KeyedField).path.map(latin1OfUtf8))) : undefined);
}

const latin1OfUtf8 = (text: string): string => Buffer.from(text).toString("latin1");

/** The fields of a line for a plan that reads `names`; undefined if it is no row of the format. */
export function runFieldProgram(
  format: Format,
  line: Uint8Array,
  names: ReadonlySet<string> = NO_NAMES,
): ParsedLine | undefined {
  const needed = names === NO_NAMES ? neededForRows(format) : neededNames(format, names);
  const run = new LineRun(line, needed);
  for (const operation of format.required) if (!run.run(operation)) return undefined;
  for (const derivation of format.derivations) {
    if (isRequired(derivation) && !run.derive(derivation)) return undefined;
  }
  const wanted = neededOptional(format, needed);
  let isWhole = true;
  for (const [index, operation] of format.optional.entries()) {
    if (run.isUsedUp && operation.kind !== "rest") isWhole = false;
    if (run.isUsedUp) break;
    if (run.run(operation)) continue;
    isWhole = false;
    if (index < wanted) run.malformed += 1;
    break;
  }
  for (const derivation of format.derivations) {
    if (!isRequired(derivation) && outputsOf(derivation).some((name) => needed.has(name))) run.derive(derivation);
  }
  return { values: run.values, isWhole, malformed: run.malformed };
}

const rowNeeds = new WeakMap<Format, ReadonlySet<string>>();

function neededForRows(format: Format): ReadonlySet<string> {
  const known = rowNeeds.get(format) ?? neededNames(format, NO_NAMES);
  rowNeeds.set(format, known);
  return known;
}

/** Takes one operation off a text at a place; undefined where it fails. */
function take(operation: PlainOperation, text: string, cursor: number): Taken | undefined {
  switch (operation.kind) {
    case "until": {
      const found = text.indexOf(operation.delimiter, cursor);
      if (found >= 0) return { next: found + operation.delimiter.length, value: token(text.slice(cursor, found)) };
      if (operation.mayEnd !== true || cursor === text.length) return undefined;
      return { next: text.length, value: token(text.slice(cursor)) };
    }
    case "until-any": {
      let at = cursor;
      while (at < text.length && !operation.delimiters.includes(text[at] ?? "")) at += 1;
      return at === cursor ? undefined : { next: at, value: token(text.slice(cursor, at)) };
    }
    case "between": {
      const start = cursor + operation.open.length;
      const found = text.startsWith(operation.open, cursor) ? text.indexOf(operation.close, start) : -1;
      if (found < 0) return { next: cursor, value: null };
      return { next: found + operation.close.length, value: token(text.slice(start, found)) };
    }
    case "rest":
      return { next: text.length, value: token(text.slice(cursor)) };
    case "spaces": {
      let at = cursor;
      while (text[at] === " ") at += 1;
      return { next: at, value: null };
    }
    case "literal":
      return text.startsWith(operation.text, cursor)
        ? { next: cursor + operation.text.length, value: null }
        : undefined;
    case "clf-time":
      return takeTime("clf", text, cursor, false);
    case "time":
      return takeTime(operation.layout, text, cursor, true);
    case "integer":
      return takeInteger(text, cursor, operation.delimiter, operation.mayEnd);
    case "quoted":
      return takeMatch(/"((?:[^"\\]|\\[\s\S])*)"/y, text, cursor);
    case "structured-data":
      return takeMatch(/(-|(?:\[(?:[^\]\\]|\\[\s\S])*\])+)/y, text, cursor);
    case "not":
      return text[cursor] === operation.character ? undefined : { next: cursor, value: null };
    case "same-directive":
      return { next: cursor, value: null };
    default:
      return unreachable(operation);
  }
}

type PlainOperation = Exclude<FieldOperation, { kind: "json" | "logfmt" | "csv" | "enter" }>;

const token = (text: string): FieldValue => (text === "-" ? null : bytesOfLatin1(text));

function takeMatch(pattern: RegExp, text: string, cursor: number): Taken | undefined {
  pattern.lastIndex = cursor;
  const match = pattern.exec(text);
  return match === null ? undefined : { next: pattern.lastIndex, value: token(match[1] ?? "") };
}

function takeTime(
  layout: Parameters<typeof parseTime>[0],
  text: string,
  cursor: number,
  mayBeMissing: boolean,
): Taken | undefined {
  const time = parseTime(layout, text.slice(cursor));
  if (time !== undefined) return { next: cursor + time.length, value: time.micros };
  return mayBeMissing && text[cursor] === "-" ? { next: cursor + 1, value: null } : undefined;
}

const INTEGER = /-|\d+/y;

function takeInteger(text: string, cursor: number, delimiter: string, mayEnd: boolean): Taken | undefined {
  INTEGER.lastIndex = cursor;
  const [digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = digits === "-" ? null : BigInt(digits);
  if (value !== null && value > MAX_I64) return undefined;
  const at = cursor + digits.length;
  if (at === text.length) return mayEnd ? { next: at, value } : undefined;
  return text[at] === delimiter ? { next: at + 1, value } : undefined;
}
