/** Twin of the kernels that make fields of others. Text has one character a byte. */

import { unreachable } from "../../../base/assert.js";
import type { Derivation } from "../../formats/format.js";
import { FACILITIES, SEVERITIES } from "../../formats/syslog-names.js";
import { splitRequest, splitUrl } from "./request.js";
import { bytesOfLatin1, convertToken, type FieldValue } from "./values.js";

type Values = Map<string, FieldValue>;

const textIn = (values: Values, name: string): string | null => {
  const value = values.get(name);
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : null;
};

const put = (values: Values, name: string, text: string | null): void => {
  values.set(name, text === null ? null : bytesOfLatin1(text));
};

/** Adds what a derivation fills to the values of a line. */
export function derive(derivation: Derivation, values: Values): { readonly isMalformed: boolean } {
  const text = textIn(values, derivation.from);
  switch (derivation.kind) {
    case "request": {
      const parts = splitRequest(text);
      put(values, derivation.method, parts.method);
      put(values, derivation.url, parts.url);
      put(values, derivation.protocol, parts.protocol);
      return parts;
    }
    case "url": {
      const { path, query } = splitUrl(text);
      put(values, derivation.path, path);
      put(values, derivation.query, query);
      break;
    }
    case "split-last": {
      const cut = text?.lastIndexOf(derivation.delimiter) ?? -1;
      const isBehind = derivation.whole === "behind";
      put(values, derivation.before, cut >= 0 ? (text?.slice(0, cut) ?? null) : isBehind ? null : text);
      put(values, derivation.behind, cut >= 0 ? (text?.slice(cut + 1) ?? null) : isBehind ? text : null);
      break;
    }
    case "join-url": {
      const query = textIn(values, derivation.query);
      put(values, derivation.url, text === null || query === null ? text : `${text}?${query}`);
      break;
    }
    case "priority": {
      const priority = text !== null && /^\d{1,3}$/.test(text) && Number(text) < 192 ? Number(text) : undefined;
      put(values, derivation.severity, priority === undefined ? null : (SEVERITIES[priority % 8] ?? null));
      put(values, derivation.facility, priority === undefined ? null : (FACILITIES[priority >> 3] ?? null));
      break;
    }
    case "first": {
      const [, first = null] = /^\[ *"((?:[^"\\]|\\[\s\S])*)"/.exec(text ?? "") ?? [];
      put(values, derivation.field, text?.startsWith("[") === true ? first : text);
      break;
    }
    case "convert": {
      const token = text === null ? undefined : ({ kind: "bare", text } as const);
      const { value, isMalformed } = convertToken(token, derivation.conversion, false);
      values.set(derivation.field, value);
      return { isMalformed };
    }
    default:
      return unreachable(derivation);
  }
  return { isMalformed: false };
}
