/** Twins of the kernels that turn tokens into values. Text has one character a byte. */

import { unreachable } from "../../../base/assert.js";
import type { Conversion } from "../../formats/format.js";
import type { RecordToken } from "./records.js";
import { parseTime } from "./time-layouts.js";

/** A string is its bytes, an integer or a time a bigint. */
export type FieldValue = Uint8Array | bigint | number | boolean | null;

export interface Converted {
  readonly value: FieldValue;
  readonly isMalformed: boolean;
}

const NULL: Converted = { value: null, isMalformed: false };
const MALFORMED: Converted = { value: null, isMalformed: true };
const MIN_I64 = -(2n ** 63n);
const MAX_I64 = 2n ** 63n - 1n;

export const bytesOfLatin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

/** A token as a conversion reads it. Escapes are those of CSV with `isCsv`, else those of JSON. */
export function convertToken(token: RecordToken | undefined, conversion: Conversion, isCsv: boolean): Converted {
  if (token === undefined || token.kind === "nothing") return NULL;
  const { kind, text } = token;
  const good = (value: FieldValue): Converted => ({ value, isMalformed: false });
  switch (conversion.type) {
    case "string":
      return good(bytesOfLatin1(kind === "escaped" ? withoutEscapes(text, isCsv) : text));
    case "i64": {
      if (kind !== "bare" || !/^-?\d+$/.test(text)) return MALFORMED;
      const value = BigInt(text);
      return value < MIN_I64 || value > MAX_I64 ? MALFORMED : good(value);
    }
    case "f64": {
      if (kind !== "bare" || !/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return MALFORMED;
      const value = Number(text) / (conversion.divisor ?? 1);
      return Number.isFinite(value) ? good(value) : MALFORMED;
    }
    case "bool":
      if (kind !== "bare" && kind !== "truth") return MALFORMED;
      return text === "true" || text === "false" ? good(text === "true") : MALFORMED;
    case "timestamp": {
      const time = kind === "bare" || kind === "text" ? parseTime(conversion.layout, text) : undefined;
      return time === undefined || time.length !== text.length ? MALFORMED : good(time.micros);
    }
    default:
      return unreachable(conversion);
  }
}

const MEANT: Readonly<Record<string, string>> = {
  '"': '"',
  "/": "/",
  "\\": "\\",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const ESCAPE = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[\s\S]/g;

function withoutEscapes(text: string, isCsv: boolean): string {
  if (isCsv) return text.replaceAll('""', '"');
  return text.replace(ESCAPE, (written) => {
    if (written.length === 2) return MEANT[written[1] ?? ""] ?? written;
    const point = String.fromCharCode(
      ...written
        .split("\\u")
        .slice(1)
        .map((digits) => Number.parseInt(digits, 16)),
    );
    return Buffer.from(point, "utf8").toString("latin1");
  });
}
