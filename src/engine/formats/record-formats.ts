/**
 * Formats whose fields only a file tells: JSON lines, logfmt, CSV. What a sample told of them travels as text, such as
 * `json:[["level","string"],["http","status","i64"]]`, so that every node reads a file in the same way.
 */

import { canonicalJson } from "../../base/canonical-json.js";
import type { ValueType } from "../plan.js";
import { COMMON_FIELDS, type Conversion, type FieldSpec, type Format, type RecordOperation } from "./format.js";
import { FormatError } from "./format-error.js";

export type RecordKind = "json" | "logfmt" | "csv";

/** A key, those within nested objects behind it, and the type. */
export interface RecordColumn {
  readonly path: readonly string[];
  readonly type: ValueType;
}

export interface RecordSpec {
  readonly kind: RecordKind;
  readonly columns: readonly RecordColumn[];
  /** Of CSV. */
  readonly delimiter?: string;
  /** The line of CSV that names the columns; as it is written. */
  readonly header?: string;
}

const TYPES: ReadonlySet<unknown> = new Set(["string", "i64", "f64", "bool", "timestamp"]);
const DESCRIPTIONS = { json: "JSON, an object a line", logfmt: "pairs key=value", csv: "values between delimiters" };

/** The canonical text of a format, which {@link recordSpecOf} reads. */
export function recordText({ kind, columns, delimiter, header }: RecordSpec): string {
  const listed = columns.map(({ path, type }) => [...path, type]);
  return `${kind}:${canonicalJson(kind === "csv" ? { columns: listed, delimiter, header } : listed)}`;
}

/** Reads the text of a format; undefined if it is none of a record. Throws a {@link FormatError} for a broken one. */
export function recordSpecOf(text: string): RecordSpec | undefined {
  const kind = (["json", "logfmt", "csv"] as const).find((name) => text.startsWith(`${name}:`));
  if (kind === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text.slice(kind.length + 1));
    if (kind !== "csv") return { kind, columns: columnsOf(parsed) };
    const { columns, delimiter, header } = parsed as Readonly<Record<string, unknown>>;
    if (typeof delimiter !== "string" || !/^[^"A-Za-z0-9\u0080-\uffff]$/.test(delimiter))
      throw new SyntaxError("its delimiter");
    if (typeof header !== "string") throw new SyntaxError("its header");
    return { kind, columns: columnsOf(columns), delimiter, header };
  } catch (cause) {
    throw new FormatError("bad-text", `"${text}" is not the text of a ${kind} format: ${String(cause)}`);
  }
}

function columnsOf(value: unknown): readonly RecordColumn[] {
  if (!Array.isArray(value)) throw new SyntaxError("its columns are no list");
  return value.map((column: unknown) => {
    const [type, ...path] = Array.isArray(column) ? column.toReversed() : [];
    if (path.length === 0 || !path.every((key) => typeof key === "string") || !TYPES.has(type)) {
      throw new SyntaxError(`the column ${JSON.stringify(column)}`);
    }
    return { path: path.reverse(), type: type as ValueType };
  });
}

const conversionOf = (type: ValueType): Conversion =>
  type === "timestamp" ? { type, layout: "iso" } : ({ type } as Exclude<Conversion, { readonly type: "timestamp" }>);

/** The name of a column: nested keys with points between them. */
export const columnName = ({ path }: RecordColumn): string => path.join(".");

/** The format of a spec. Of columns of one name the first counts. */
export function recordFormat(spec: RecordSpec): Format {
  const taken = new Set(COMMON_FIELDS.map(({ name }) => name));
  const columns = spec.columns.map((column) => {
    const name = columnName(column);
    if (taken.has(name)) return null;
    taken.add(name);
    return { field: name, path: column.path, conversion: conversionOf(column.type) };
  });
  const kept = columns.filter((column) => column !== null);
  const fields: readonly FieldSpec[] = kept.map(({ field, conversion }) => ({
    name: field,
    type: conversion.type,
    description: "",
  }));
  const operation: RecordOperation =
    spec.kind === "csv"
      ? { kind: "csv", delimiter: spec.delimiter ?? ",", header: spec.header ?? "", columns }
      : { kind: spec.kind, fields: kept };
  return {
    name: recordText(spec),
    description: DESCRIPTIONS[spec.kind],
    required: [operation],
    optional: [],
    derivations: [],
    fields: [...fields, ...COMMON_FIELDS],
  };
}
