/** Parts of URLs as logs have them: absolute (`https://host/path?query`), or a path with a query. */

import type { ScalarFunction } from "../scalar-function.js";
import { onOneText, onPresent } from "./lifted.js";

interface UrlParts {
  /** In lower case; null where the URL names none. */
  readonly host: string | null;
  readonly path: string;
  readonly query: string | null;
}

const AUTHORITY = /^(?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#]*)/i;

function splitUrl(url: string): UrlParts {
  const authority = AUTHORITY.exec(url);
  const rest = authority === null ? url : url.slice(authority[0].length);
  const beforeFragment = rest.split("#", 1)[0] ?? "";
  const mark = beforeFragment.indexOf("?");
  const path = mark < 0 ? beforeFragment : beforeFragment.slice(0, mark);
  return {
    host: authority === null ? null : hostOf(authority[1] ?? ""),
    path: path === "" && authority !== null ? "/" : path,
    query: mark < 0 ? null : beforeFragment.slice(mark + 1),
  };
}

/** Without user and port; an IPv6 address keeps its brackets. */
function hostOf(authority: string): string | null {
  const afterUser = authority.slice(authority.lastIndexOf("@") + 1);
  const host = afterUser.startsWith("[")
    ? afterUser.slice(0, afterUser.indexOf("]") + 1)
    : (afterUser.split(":", 1)[0] ?? "");
  return host === "" ? null : host.toLowerCase();
}

/** `%41` and `+` decoded; what is no valid encoding stays as it is written. */
function decoded(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** The value of the first parameter of that name, empty if it has none; null where there is no such parameter. */
function parameterOf(url: string, name: string): string | null {
  const { query } = splitUrl(url);
  for (const pair of query?.split("&") ?? []) {
    const equals = pair.indexOf("=");
    const written = equals < 0 ? pair : pair.slice(0, equals);
    if (pair !== "" && decoded(written) === name) return equals < 0 ? "" : decoded(pair.slice(equals + 1));
  }
  return null;
}

export const URLS: readonly ScalarFunction[] = [
  onOneText("url_host", "string", (url) => splitUrl(url).host),
  onOneText("url_path", "string", (url) => splitUrl(url).path),
  onPresent("url_param", ["string", "string"], "string", (url, name) => parameterOf(String(url), String(name))),
];
