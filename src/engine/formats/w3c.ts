/**
 * The W3C extended format of IIS: a `#Fields:` line names the columns. Its text travels in the format's own,
 * `w3c:date time c-ip …`; lines that begin with `#` are no rows, and one that names other columns ends the scan.
 */

import {
  type Derivation,
  type FieldOperation,
  type FieldSpec,
  type Format,
  fieldNamed,
  fieldsNamed,
} from "./format.js";
import { FormatError } from "./format-error.js";

const DIRECTIVE = "#Fields:";

const NAMES: Readonly<Record<string, string>> = {
  "c-ip": "remote_addr",
  "cs-username": "remote_user",
  "cs-method": "method",
  "cs-uri": "url",
  "cs-uri-stem": "path",
  "cs-uri-query": "query",
  "cs-version": "protocol",
  "sc-status": "status",
  "sc-bytes": "bytes",
  "cs(Referer)": "referer",
  "cs(User-Agent)": "user_agent",
  "cs-host": "host",
  "cs(Host)": "host",
  "x-cache": "cache_status",
  "sc(Content-Type)": "mime_type",
};

/** The text of the format of a sample that has a `#Fields:` line which names some; undefined without one. */
export function w3cText(lines: readonly Uint8Array[]): string | undefined {
  for (const line of lines) {
    const text = Buffer.from(line).toString("latin1");
    const list = text.startsWith(DIRECTIVE) ? text.slice(DIRECTIVE.length).trim() : "";
    if (list !== "") return `w3c:${list}`;
  }
  return undefined;
}

/** Throws a {@link FormatError} for a list of fields that is empty. */
export function w3cFormat(list: string): Format {
  const columns = list.split(/\s+/).filter((column) => column !== "");
  if (columns.length === 0) throw new FormatError("bad-text", `"w3c:${list}" names no fields`);
  const operations: FieldOperation[] = [];
  const fields: FieldSpec[] = [];
  const derivations: Derivation[] = [];
  for (let index = 0; index < columns.length; index += 1) {
    const column = columns[index] ?? "";
    const isLast = index === columns.length - 1;
    if (column === "date" && columns[index + 1] === "time") {
      operations.push({ kind: "time", layout: "iso", field: "time" });
      if (index + 2 < columns.length) operations.push({ kind: "literal", text: " " });
      fields.push(fieldNamed("time"));
      index += 1;
      continue;
    }
    const field = describeColumn(column, fields, derivations);
    operations.push({ kind: "until", delimiter: " ", mayEnd: isLast, field });
  }
  addUrls(fields, derivations);
  return {
    name: `w3c:${list}`,
    description: "W3C extended log format, as IIS writes it",
    required: [
      { kind: "same-directive", prefix: DIRECTIVE, whole: `${DIRECTIVE} ${list}` },
      { kind: "not", character: "#" },
      ...operations,
    ],
    optional: [],
    derivations,
    fields: [...fields, ...fieldsNamed()],
  };
}

/** Adds the field of a column; returns what its token fills. */
function describeColumn(column: string, fields: FieldSpec[], derivations: Derivation[]): string | null {
  const isTaken = (name: string): boolean => fields.some((field) => field.name === name);
  if (column === "time-taken" && !isTaken("request_time")) {
    fields.push(fieldNamed("request_time"));
    const conversion = { type: "f64", divisor: 1000 } as const;
    derivations.push({ kind: "convert", from: "milliseconds", field: "request_time", conversion });
    return "milliseconds";
  }
  const name =
    NAMES[column] ?? (column === "time" ? "clock" : column.replace(/\W+/g, "_").replace(/_$/, "").toLowerCase());
  if (isTaken(name)) return null;
  const spec = fieldNamed(name);
  fields.push(spec);
  if (spec.type !== "i64") return name;
  derivations.push({ kind: "convert", from: column, field: name, conversion: { type: "i64" }, isRequired: true });
  return column;
}

/** The fields of a URL that follow from those that there are. */
function addUrls(fields: FieldSpec[], derivations: Derivation[]): void {
  const has = (name: string): boolean => fields.some((field) => field.name === name);
  if (has("url") && !has("path")) {
    derivations.push({ kind: "url", from: "url", path: "path", query: "query" });
    fields.push(fieldNamed("path"), fieldNamed("query"));
  } else if (!has("url") && has("path") && has("query")) {
    derivations.push({ kind: "join-url", from: "path", query: "query", url: "url" });
    fields.push(fieldNamed("url"));
  }
}
