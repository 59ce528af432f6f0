/**
 * The known formats. A format is data, a field program and the names and types of its fields; the kernels run it, and a
 * plain twin in `kernels/twins/` says what it means.
 */

import { COMBINED, COMMON } from "./access-log.js";
import type { FieldSpec, Format } from "./format.js";
import { FormatError } from "./format-error.js";
import { PLAIN } from "./plain.js";

export { detectFormat } from "./detect-format.js";
export type { FieldSpec, Format } from "./format.js";

export const FORMATS: readonly Format[] = [COMBINED, COMMON, PLAIN];

/** Throws a {@link FormatError} for a name that is not known. */
export function formatByName(name: string): Format {
  const format = FORMATS.find((known) => known.name === name);
  if (format === undefined) {
    const names = FORMATS.map((known) => known.name).join(", ");
    throw new FormatError("unknown-format", `No format is called "${name}"; there are ${names}`);
  }
  return format;
}

/** A field of a format by its name; undefined if it has none of that name. */
export const fieldOf = (format: Format, name: string): FieldSpec | undefined =>
  format.fields.find((field) => field.name === name);
