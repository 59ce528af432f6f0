/**
 * A log that was generated together with what it says: the text that logmr parses, and the values that the other engine
 * is given in a typed form of their own. What a line means is decided where it is written, by neither of the two parsers.
 */

import type { ValueType } from "../../src/engine/plan.js";
import type { RandomStream } from "../sim/random-stream.js";
import { combinedLog } from "./combined-log.js";
import { recordLog } from "./record-log.js";

/** Integers and times (microseconds) are bigints. */
export type Cell = bigint | number | boolean | string | null;

export interface LogField {
  readonly name: string;
  readonly type: Exclude<ValueType, "interval">;
  /** Numbers that arithmetic cannot overflow, and whose sums lose nothing that a double could have kept. */
  readonly isTame: boolean;
}

export interface GeneratedLog {
  readonly format: "combined" | "json" | "csv" | "logfmt";
  readonly fields: readonly LogField[];
  readonly text: string;
  readonly rows: readonly (readonly Cell[])[];
  /** Lines that are no rows. */
  readonly unparsed: number;
}

export const LOG_FORMATS = ["combined", "json", "csv", "logfmt"] as const;

export function generateLog(format: GeneratedLog["format"], random: RandomStream): GeneratedLog {
  return format === "combined" ? combinedLog(random) : recordLog(format, random);
}
