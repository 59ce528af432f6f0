/**
 * One type for each field of a query, whatever file it is in. Files whose fields are inferred can disagree: one log has
 * whole numbers where the next has fractions. What is inferred gives way to what a format fixes; two inferences meet at
 * the type that holds both.
 */

import type { ValueType } from "../plan.js";
import { formatByName } from "./formats.js";
import { widerType } from "./infer-records.js";
import { columnName, recordSpecOf, recordText } from "./record-formats.js";

/** A text without its containers, and how to put them back. */
function unwrap(text: string): { readonly inner: string; readonly containers: string } {
  const [containers = ""] = /^(?:(?:docker|cri):)*/.exec(text) ?? [];
  return { inner: text.slice(containers.length), containers };
}

/** The texts of formats, in their order, with types that agree. */
export function unifyTypes(texts: readonly string[]): readonly string[] {
  const distinct = [...new Set(texts)];
  if (distinct.length < 2) return texts;
  const fixed = new Map<string, ValueType>();
  const inferred = new Map<string, ValueType>();
  for (const text of distinct) {
    const isInferred = recordSpecOf(unwrap(text).inner) !== undefined;
    for (const { name, type } of formatByName(text).fields) {
      if (!isInferred) fixed.set(name, type);
      else inferred.set(name, widerType(inferred.get(name) ?? type, type));
    }
  }
  const unified = new Map(
    distinct.map((text) => {
      const { inner, containers } = unwrap(text);
      const spec = recordSpecOf(inner);
      if (spec === undefined) return [text, text];
      const columns = spec.columns.map((column) => {
        const name = columnName(column);
        return { ...column, type: fixed.get(name) ?? inferred.get(name) ?? column.type };
      });
      return [text, `${containers}${recordText({ ...spec, columns })}`];
    }),
  );
  return texts.map((text) => unified.get(text) ?? text);
}
