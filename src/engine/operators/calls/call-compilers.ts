/** Every scalar function that kernels compute, by its catalogue name. */

import { ARITHMETIC } from "./arithmetic.js";
import type { CallCompiler } from "./call-compiler.js";
import { COMPARISONS } from "./comparisons.js";
import { CONVERSIONS } from "./conversions.js";
import { LOGIC } from "./logic.js";
import { PATTERNS } from "./patterns.js";
import { TEXT } from "./text.js";
import { TIME } from "./time.js";

const COMPILERS: ReadonlyMap<string, CallCompiler> = new Map(
  [COMPARISONS, LOGIC, ARITHMETIC, CONVERSIONS, TEXT, PATTERNS, TIME].flatMap((group) => Object.entries(group)),
);

export const callCompiler = (name: string): CallCompiler | undefined => COMPILERS.get(name);
