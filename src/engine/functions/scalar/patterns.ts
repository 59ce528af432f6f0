/** `regexp_matches`, which `~` is too, and `regexp_extract`. Both look anywhere in the text. */

import { extractGroup, matchesPattern } from "../../regex/compiled-pattern.js";
import type { ScalarFunction } from "../scalar-function.js";
import { onPresent } from "./lifted.js";

export const PATTERNS: readonly ScalarFunction[] = [
  {
    ...onPresent("regexp_matches", ["string", "string"], "bool", (text, pattern) =>
      matchesPattern(String(text), String(pattern)),
    ),
    inKernels: true,
  },
  onPresent(
    "regexp_extract",
    ["string", "string", "i64"],
    "string",
    (text, pattern, group = 0n) => extractGroup(String(text), String(pattern), Number(group)),
    2,
  ),
];
