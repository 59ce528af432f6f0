/** Twin of the tokenizer kernels: runs a format's field program over one line, byte by byte. */

import { unreachable } from "../../../base/assert.js";
import type { FieldOperation, Format } from "../../formats/format.js";
import { parseClfTime } from "./clf-time.js";

/** A string is its bytes, an integer or a time a bigint. */
export type FieldValue = Uint8Array | bigint | null;

export interface ParsedLine {
  /** Values by field name. A field that was not reached is absent. */
  readonly values: ReadonlyMap<string, FieldValue>;
  /** How many optional operations succeeded. */
  readonly reached: number;
  /** Optional operations that failed on text that was there: 0 or 1. */
  readonly malformed: number;
}

interface Taken {
  readonly next: number;
  readonly value: FieldValue;
}

const CLF_TIME_BYTES = 26;
const MAX_I64 = 2n ** 63n - 1n;
const MAX_I64_DIGITS = 19;

/** The fields of a line; undefined if the format's required prefix does not parse. */
export function runFieldProgram(format: Format, line: Uint8Array): ParsedLine | undefined {
  const values = new Map<string, FieldValue>();
  let cursor = 0;
  for (const operation of format.required) {
    const taken = take(operation, line, cursor);
    if (taken === undefined) return undefined;
    cursor = taken.next;
    keep(operation, taken, values);
  }
  let reached = 0;
  for (const operation of format.optional) {
    if (cursor === line.length) return { values, reached, malformed: 0 };
    const taken = take(operation, line, cursor);
    if (taken === undefined) return { values, reached, malformed: 1 };
    cursor = taken.next;
    keep(operation, taken, values);
    reached += 1;
  }
  return { values, reached, malformed: 0 };
}

function keep(operation: FieldOperation, taken: Taken, values: Map<string, FieldValue>): void {
  if (operation.kind === "literal" || operation.field === null) return;
  values.set(operation.field, taken.value);
}

function take(operation: FieldOperation, line: Uint8Array, cursor: number): Taken | undefined {
  switch (operation.kind) {
    case "until":
      return takeUntil(line, cursor, operation.delimiter);
    case "literal":
      return startsWith(line, cursor, operation.text)
        ? { next: cursor + operation.text.length, value: null }
        : undefined;
    case "clf-time": {
      if (line.length - cursor < CLF_TIME_BYTES) return undefined;
      const time = parseClfTime(latin1(line.subarray(cursor, cursor + CLF_TIME_BYTES)));
      return time === undefined ? undefined : { next: cursor + CLF_TIME_BYTES, value: time };
    }
    case "integer":
      return takeInteger(line, cursor, operation.delimiter, operation.mayEnd);
    case "quoted":
      return takeQuoted(line, cursor);
    default:
      return unreachable(operation);
  }
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

const token = (bytes: Uint8Array): FieldValue => (bytes.length === 1 && bytes[0] === 0x2d ? null : bytes);

const startsWith = (line: Uint8Array, cursor: number, text: string): boolean =>
  cursor + text.length <= line.length && latin1(line.subarray(cursor, cursor + text.length)) === text;

function takeUntil(line: Uint8Array, cursor: number, delimiter: string): Taken | undefined {
  for (let at = cursor; at < line.length; at += 1) {
    if (startsWith(line, at, delimiter)) {
      return { next: at + delimiter.length, value: token(line.subarray(cursor, at)) };
    }
  }
  return undefined;
}

function takeInteger(line: Uint8Array, cursor: number, delimiter: string, mayEnd: boolean): Taken | undefined {
  let at = cursor;
  while (at < line.length && isDigit(line[at])) at += 1;
  const isMissing = at === cursor && line[at] === 0x2d;
  if (isMissing) at += 1;
  if (at === cursor) return undefined;
  let firstDigit = cursor;
  while (firstDigit + 1 < at && line[firstDigit] === 0x30) firstDigit += 1;
  if (at - firstDigit > MAX_I64_DIGITS) return undefined;
  const value = isMissing ? null : BigInt(latin1(line.subarray(firstDigit, at)));
  if (value !== null && value > MAX_I64) return undefined;
  if (at === line.length) return mayEnd ? { next: at, value } : undefined;
  return startsWith(line, at, delimiter) ? { next: at + 1, value } : undefined;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

function takeQuoted(line: Uint8Array, cursor: number): Taken | undefined {
  if (line[cursor] !== 0x22) return undefined;
  let at = cursor + 1;
  while (at < line.length) {
    if (line[at] === 0x22) return { next: at + 1, value: token(line.subarray(cursor + 1, at)) };
    at += line[at] === 0x5c ? 2 : 1;
  }
  return undefined;
}
