import { type FieldSpec, formatByName } from "../engine/formats/formats.js";

/** The union of the formats' fields; a file whose format lacks one has NULL there. Throws a FormatError for a wrong name. */
export function fieldsOfFormats(names: readonly string[]): readonly FieldSpec[] {
  const fields = new Map<string, FieldSpec>();
  for (const name of new Set(names)) {
    for (const field of formatByName(name).fields) if (!fields.has(field.name)) fields.set(field.name, field);
  }
  return [...fields.values()];
}
