/** The operations of a field program as calls of their kernels. */

import { assert, unreachable } from "../../base/assert.js";
import type { FieldOperation } from "../formats/format.js";
import type { Address } from "../kernels/kernel-exports.js";
import type { ValueType } from "../plan.js";
import { asciiCodes, type FieldContext, layoutArguments, wordOf } from "./field-context.js";
import {
  type AccessLine,
  type FusedOperation,
  type FusedUntils,
  MAX_UNTILS,
  type Suffixed,
} from "./fused-operations.js";
import { recordSteps } from "./record-steps.js";
import { ScanError } from "./scan-error.js";
import type { OperationSteps } from "./step.js";

/** `typeOf` tells the type of a field whose operation does not. */
export function operationSteps(
  context: FieldContext,
  operation: FusedOperation,
  typeOf: (field: string) => ValueType,
  isOptional: boolean,
): OperationSteps {
  if (operation.kind === "json" || operation.kind === "logfmt" || operation.kind === "csv") {
    assert(!isOptional, "records are required");
    return recordSteps(context, operation);
  }
  return { take: takeStep(context, operation, typeOf, isOptional), late: [] };
}

type PlainOperation = Exclude<FusedOperation, { kind: "json" | "logfmt" | "csv" }>;

function takeStep(
  context: FieldContext,
  operation: PlainOperation,
  typeOf: (field: string) => ValueType,
  isOptional: boolean,
): (rows: number) => number {
  const { call } = context.batch.kernels;
  const { lines } = context.batch;
  const optional = isOptional ? 1 : 0;
  switch (operation.kind) {
    case "until":
      return untilStep(context, operation, isOptional);
    case "untils":
      return untilsStep(context, operation);
    case "suffixed":
      return suffixedStep(context, operation, isOptional);
    case "access-line":
      return accessLineStep(context, operation, typeOf);
    case "until-any": {
      const out = context.outOf(operation.field, "string");
      const [first = 0, ...rest] = asciiCodes(operation.delimiters);
      const delimiters = [0, 1, 2, 3].map((index) => (index === 0 ? first : (rest[index - 1] ?? first)));
      const word = delimiters.reduceRight((sum, code) => sum * 256 + code, 0);
      return (rows) => call.takeUntilAny(lines, rows, word, optional, out);
    }
    case "between": {
      const out = context.outOf(operation.field, "string");
      const { open, close } = operation;
      const [openWord, closeWord] = [wordOf(open), wordOf(close)];
      return (rows) => call.takeBetween(lines, rows, openWord, open.length, closeWord, close.length, out);
    }
    case "rest": {
      const out = context.outOf(operation.field, "string");
      return (rows) => call.takeRest(lines, rows, optional, out);
    }
    case "spaces":
      return (rows) => call.skipSpaces(lines, rows);
    case "literal": {
      const { length } = operation.text;
      const word = wordOf(operation.text);
      return (rows) => call.takeLiteral(lines, rows, word, length, optional);
    }
    case "time": {
      const out = context.outOf(operation.field, "timestamp");
      const { code, parameter } = layoutArguments(operation.layout);
      return (rows) => call.takeTime(lines, rows, code, parameter, optional, out);
    }
    case "integer": {
      assert(!isOptional, "an optional integer is a token that is converted");
      const out = context.outOf(operation.field, typeOf(operation.field));
      const [delimiter = 0] = asciiCodes(operation.delimiter);
      return (rows) => call.takeInteger(lines, rows, delimiter, operation.mayEnd ? 1 : 0, out);
    }
    case "structured-data": {
      const out = context.outOf(operation.field, "string");
      return (rows) => call.takeStructuredData(lines, rows, optional, out);
    }
    case "not": {
      const [byte = 0] = asciiCodes(operation.character);
      return (rows) => call.rejectByte(lines, rows, byte);
    }
    case "same-directive":
      return directiveStep(context, operation);
    case "enter": {
      const { vector } = context.columnOf(operation.field);
      return (rows) => {
        call.enterTexts(lines, rows, vector);
        return 0;
      };
    }
    default:
      return unreachable(operation);
  }
}

function untilStep(
  context: FieldContext,
  operation: Extract<FieldOperation, { kind: "until" }>,
  isOptional: boolean,
): (rows: number) => number {
  const { call } = context.batch.kernels;
  const { lines } = context.batch;
  const out = context.outOf(operation.field, "string");
  const mayEnd = operation.mayEnd === true;
  const { length } = operation.delimiter;
  const word = wordOf(operation.delimiter);
  return (rows) => call.takeUntilText(lines, rows, word, length, mayEnd ? 1 : 0, isOptional ? 1 : 0, out);
}

function untilsStep(context: FieldContext, { fields, first, second }: FusedUntils): (rows: number) => number {
  const { call } = context.batch.kernels;
  const { lines } = context.batch;
  const outs = context.batch.storeWords(fieldColumns(context, fields));
  const [firstCode = 0] = asciiCodes(first);
  const [secondCode = 0] = second === "" ? [] : asciiCodes(second);
  return (rows) => call.takeUntils(lines, rows, firstCode, secondCode, fields.length, outs);
}

function accessLineStep(
  context: FieldContext,
  { fields, time, request, status, bytes }: AccessLine,
  typeOf: (field: string) => ValueType,
): (rows: number) => number {
  const { call } = context.batch.kernels;
  const { lines } = context.batch;
  const access = context.batch.storeWords([
    ...fieldColumns(context, fields),
    context.outOf(time, "timestamp"),
    context.outOf(request, "string"),
    context.outOf(status, typeOf(status)),
    context.outOf(bytes, typeOf(bytes)),
  ]);
  return (rows) => call.takeAccessLines(lines, rows, access);
}

/** One for each field, 0 for what is not kept, and 0 up to as many as a kernel takes. */
function fieldColumns(context: FieldContext, fields: readonly (string | null)[]): readonly Address[] {
  const columns = fields.map((field) => context.outOf(field, "string"));
  return [...columns, ...new Array<Address>(MAX_UNTILS - columns.length).fill(0)];
}

function suffixedStep(
  context: FieldContext,
  { operation, suffix }: Suffixed,
  isOptional: boolean,
): (rows: number) => number {
  const { call } = context.batch.kernels;
  const { lines } = context.batch;
  const word = suffix === "" ? 0n : wordOf(suffix);
  if (operation.kind === "clf-time") {
    assert(!isOptional, "an optional time is one of a layout");
    const out = context.outOf(operation.field, "timestamp");
    return (rows) => call.takeClfTime(lines, rows, word, suffix.length, out);
  }
  const optional = isOptional ? 1 : 0;
  const out = context.outOf(operation.field, "string");
  return (rows) => call.takeQuoted(lines, rows, word, suffix.length, optional, out);
}

function directiveStep(
  context: FieldContext,
  { prefix, whole }: Extract<FieldOperation, { kind: "same-directive" }>,
): (rows: number) => number {
  const { call } = context.batch.kernels;
  const { lines } = context.batch;
  const spans = context.batch.storeSpans([prefix, whole].map((text) => encoder.encode(text)));
  return (rows) => {
    if (call.countOthers(lines, rows, spans, spans + 8) > 0) {
      throw new ScanError(
        "fields-changed",
        `A "${prefix}" line within the file names other fields than "${whole}" at its beginning. Split the file there, and query the parts with a format each`,
      );
    }
    return 0;
  };
}

const encoder = new TextEncoder();
