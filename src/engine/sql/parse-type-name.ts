/** Names of types in CAST and `::`. */

import type { TokenCursor } from "./token-cursor.js";

/** A type's name in lower case; parameters are refused. */
export function parseTypeName(cursor: TokenCursor): string {
  if (cursor.peek().kind !== "word") throw cursor.unexpected("expected the name of a type");
  const name = cursor.next().text.toLowerCase();
  if (name === "double") cursor.takeKeywords("precision");
  if (name === "timestamp" && !cursor.takeKeywords("with", "time", "zone"))
    cursor.takeKeywords("without", "time", "zone");
  if (cursor.isSymbol("(")) throw cursor.failure("not-supported", `parameters of the type ${name} are not supported`);
  return name;
}
