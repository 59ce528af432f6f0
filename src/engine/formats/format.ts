/** What a format is: data that the tokenizer runs, and the fields that come of it. */

import type { ValueType } from "../plan.js";

export interface FieldSpec {
  readonly name: string;
  readonly type: ValueType;
  readonly description: string;
}

/** How a time is written; see `kernels/twins/time-layouts.ts`. */
export type TimeLayout =
  | "clf"
  | "clf-local"
  | "iso"
  /** As `iso`, with a T between date and clock. */
  | "rfc3339"
  | "ctime"
  /** Without a year: `lastMonth` is the last it may lie in, as months since the year 0. */
  | { readonly syslog: { readonly lastMonth: number } }
  /** A number; the units in a second, of which only whole seconds have a fraction. */
  | { readonly epoch: 1 | 1000 | 1_000_000 };

/** What a token is read as. A double may be divided, as milliseconds are to seconds. */
export type Conversion =
  | { readonly type: "string" }
  | { readonly type: "i64" }
  | { readonly type: "f64"; readonly divisor?: number }
  | { readonly type: "bool" }
  | { readonly type: "timestamp"; readonly layout: TimeLayout };

/** A value of a record. Without a value, or with one that does not convert, a line is no row if `isRequired`. */
export interface RecordField {
  readonly field: string;
  readonly conversion: Conversion;
  readonly isRequired?: boolean;
}

export interface KeyedField extends RecordField {
  /** The key, and those within nested objects. */
  readonly path: readonly string[];
}

/** Operations that take a whole line apart. */
export type RecordOperation =
  /** A JSON object. Escapes of strings are undone; arrays and wanted objects are their text. */
  | { readonly kind: "json"; readonly fields: readonly KeyedField[] }
  /** Pairs `key=value`, the first word one of them. */
  | { readonly kind: "logfmt"; readonly fields: readonly KeyedField[] }
  /** Exactly `columns` between a character; null skips one. A line that is `header` is no row. */
  | {
      readonly kind: "csv";
      readonly delimiter: string;
      readonly header: string;
      readonly columns: readonly (RecordField | null)[];
    };

/**
 * One operation of a field program, applied where the one before stopped. `field` names what it fills: a field of the
 * format or a part that a derivation takes; null skips. A token that is exactly `-` is NULL, except in records.
 */
export type FieldOperation =
  | RecordOperation
  /** Up to the delimiter, 1 to 8 ASCII characters, and over it; if it `mayEnd`, the line's end is one too. */
  | { readonly kind: "until"; readonly delimiter: string; readonly mayEnd?: boolean; readonly field: string | null }
  /** At least one character, up to one of 1 to 4 ASCII characters or the line's end. */
  | { readonly kind: "until-any"; readonly delimiters: string; readonly field: string | null }
  /** Between two texts of 1 to 8 characters, of which the first stands here; else nothing, and NULL. */
  | { readonly kind: "between"; readonly open: string; readonly close: string; readonly field: string | null }
  /** What is left of the line. */
  | { readonly kind: "rest"; readonly field: string | null }
  /** Any number of spaces. */
  | { readonly kind: "spaces" }
  /** Exactly this text, one to eight ASCII characters. */
  | { readonly kind: "literal"; readonly text: string }
  /** `dd/Mon/yyyy:hh:mm:ss +hhmm`. */
  | { readonly kind: "clf-time"; readonly field: string }
  /** A time of any layout, or `-`. */
  | { readonly kind: "time"; readonly layout: TimeLayout; readonly field: string }
  /** Decimal digits that fit an i64, or `-`; then one character `delimiter`, or the end of the line if `mayEnd`. */
  | { readonly kind: "integer"; readonly delimiter: string; readonly mayEnd: boolean; readonly field: string }
  /** Text in double quotes; a backslash escapes the byte behind it. */
  | { readonly kind: "quoted"; readonly field: string | null }
  /** `-`, or elements in square brackets (RFC 5424). */
  | { readonly kind: "structured-data"; readonly field: string | null }
  /** Fails where this character stands. */
  | { readonly kind: "not"; readonly character: string }
  /** Ends the scan with an error at a line that begins with `prefix` and is not `whole`. */
  | { readonly kind: "same-directive"; readonly prefix: string; readonly whole: string }
  /** Goes on within the text of a field of a record, which has a value in every row. */
  | { readonly kind: "enter"; readonly field: string };

/** Fields computed from others, for every row. */
export type Derivation =
  /** `METHOD URL PROTOCOL`; without a protocol, a URL without spaces still counts. What does not split is NULL. */
  | {
      readonly kind: "request";
      readonly from: string;
      readonly method: string;
      readonly url: string;
      readonly protocol: string;
    }
  /** A URL up to its first `?`, and what is behind it. */
  | { readonly kind: "url"; readonly from: string; readonly path: string; readonly query: string }
  /** Up to the last `delimiter` and behind it; without one, all is the `whole` one, and the other NULL. */
  | {
      readonly kind: "split-last";
      readonly from: string;
      readonly delimiter: string;
      readonly before: string;
      readonly behind: string;
      readonly whole: "before" | "behind";
    }
  /** Path and query with a `?` between them. */
  | { readonly kind: "join-url"; readonly from: string; readonly query: string; readonly url: string }
  /** The number of a syslog message. */
  | { readonly kind: "priority"; readonly from: string; readonly severity: string; readonly facility: string }
  /** The first string of an array in JSON. */
  | { readonly kind: "first"; readonly from: string; readonly field: string }
  /** A token as a value; what does not convert is NULL and counted, or makes the line no row if `isRequired`. */
  | {
      readonly kind: "convert";
      readonly from: string;
      readonly field: string;
      readonly conversion: Exclude<Conversion, { readonly type: "string" }>;
      readonly isRequired?: boolean;
    };

export interface Format {
  /** A known name, or the text that the format was made from: either finds it again. */
  readonly name: string;
  readonly description: string;
  /** A line is a row if and only if these succeed, and the derivations that are required. */
  readonly required: readonly FieldOperation[];
  /** Run behind the required ones; where one fails, its field and all later ones are NULL. */
  readonly optional: readonly FieldOperation[];
  /** In the order in which they are computed. */
  readonly derivations: readonly Derivation[];
  readonly fields: readonly FieldSpec[];
}

/** Fields that every format has. */
export const COMMON_FIELDS: readonly FieldSpec[] = [
  { name: "_raw", type: "string", description: "the whole line" },
  { name: "_file", type: "string", description: "the file it is from; NAME:path in a cluster" },
  { name: "_node", type: "string", description: "the node that holds the file; NULL for shared sources" },
];

/** The fields that an operation fills. */
function filledBy(operation: FieldOperation): readonly string[] {
  switch (operation.kind) {
    case "json":
    case "logfmt":
    case "csv":
      return recordFieldsOf(operation).map(({ field }) => field);
    case "literal":
    case "spaces":
    case "not":
    case "same-directive":
    case "enter":
      return [];
    default:
      return operation.field === null ? [] : [operation.field];
  }
}

/** The fields to extract for a plan that reads `names`: also what they are derived from, and what rows depend on. */
export function neededNames(format: Format, names: ReadonlySet<string>): ReadonlySet<string> {
  const needed = new Set(names);
  for (const operation of format.required) {
    if (operation.kind === "enter") needed.add(operation.field);
    for (const { field, isRequired } of recordFieldsOf(operation)) if (isRequired === true) needed.add(field);
  }
  for (const derivation of format.derivations.toReversed()) {
    if (isRequired(derivation) || outputsOf(derivation).some((name) => needed.has(name))) {
      for (const input of inputsOf(derivation)) needed.add(input);
    }
  }
  return needed;
}

export const isRequired = (derivation: Derivation): boolean =>
  derivation.kind === "convert" && derivation.isRequired === true;

export function recordFieldsOf(operation: FieldOperation): readonly RecordField[] {
  if (operation.kind === "json" || operation.kind === "logfmt") return operation.fields;
  return operation.kind === "csv" ? operation.columns.filter((column) => column !== null) : [];
}

/** How many optional operations a plan needs that reads `needed`: those behind fill nothing it wants. */
export function neededOptional(format: Format, needed: ReadonlySet<string>): number {
  return format.optional.findLastIndex((operation) => filledBy(operation).some((name) => needed.has(name))) + 1;
}

/** What a derivation reads, and what it fills. */
function inputsOf(derivation: Derivation): readonly string[] {
  return derivation.kind === "join-url" ? [derivation.from, derivation.query] : [derivation.from];
}

export function outputsOf(derivation: Derivation): readonly string[] {
  switch (derivation.kind) {
    case "request":
      return [derivation.method, derivation.url, derivation.protocol];
    case "url":
      return [derivation.path, derivation.query];
    case "split-last":
      return [derivation.before, derivation.behind];
    case "join-url":
      return [derivation.url];
    case "priority":
      return [derivation.severity, derivation.facility];
    default:
      return [derivation.field];
  }
}

/** Contract names of the fields of logs, what they hold and mean. */
const KNOWN_FIELDS: Readonly<Record<string, readonly [ValueType, string]>> = {
  time: ["timestamp", "when it happened"],
  remote_addr: ["string", "the client's address or host name"],
  remote_user: ["string", "the authenticated user"],
  method: ["string", "the request's method, such as GET"],
  url: ["string", "the request's target, with its query"],
  path: ["string", "the target up to the first ?"],
  query: ["string", "the target behind the first ?"],
  protocol: ["string", "such as HTTP/1.1"],
  status: ["i64", "the response's status code"],
  bytes: ["i64", "bytes sent to the client"],
  referer: ["string", "the page that the client came from"],
  user_agent: ["string", "the client's name for itself"],
  host: ["string", "the host that was asked, or that logs"],
  request_time: ["f64", "seconds that the request took"],
  upstream_time: ["f64", "seconds that the server behind took"],
  cache_status: ["string", "what the cache did"],
  tls_protocol: ["string", "such as TLSv1.3"],
  mime_type: ["string", "the response's content type"],
  app: ["string", "the program"],
  pid: ["string", "its process"],
  severity: ["string", "how serious it is, such as err"],
  facility: ["string", "the part of the system, such as daemon"],
  message: ["string", "the text"],
  stream: ["string", "stdout or stderr of the container"],
  container_time: ["timestamp", "when the container wrote the line"],
};

export function fieldNamed(name: string, type?: ValueType): FieldSpec {
  const [knownType, description] = KNOWN_FIELDS[name] ?? ["string", ""];
  return { name, type: type ?? knownType, description };
}

/** Fields by name, with those that every format has. */
export const fieldsNamed = (...names: readonly string[]): readonly FieldSpec[] => [
  ...names.map((name) => fieldNamed(name)),
  ...COMMON_FIELDS,
];
