/** Which format a file has, judged by the lines of a sample from its beginning. */

import { runFieldProgram } from "../kernels/twins/field-program.js";
import { splitLines } from "../kernels/twins/lines.js";
import { COMBINED, COMMON } from "./access-log.js";
import type { Format } from "./format.js";
import { PLAIN } from "./plain.js";

export interface DetectedFormat {
  readonly format: string;
  /** Lines of the sample, and how many of them are rows of the format. */
  readonly lines: number;
  readonly parsed: number;
}

/**
 * The format that most lines of `sample` have; `plain` if fewer than half have any. A line that the sample's end may have
 * cut is left out, unless it is the only one.
 */
export function detectFormat(sample: Uint8Array): DetectedFormat {
  const all = splitLines(sample);
  const isCut = sample.length > 0 && sample[sample.length - 1] !== 0x0a;
  const lines = isCut && all.length > 1 ? all.slice(0, -1) : all;
  let parsed = 0;
  let withTail = 0;
  for (const line of lines) {
    const fields = runFieldProgram(COMBINED, line);
    if (fields === undefined) continue;
    parsed += 1;
    if (fields.reached === COMBINED.optional.length) withTail += 1;
  }
  const answer = (format: Format, rows: number): DetectedFormat => ({
    format: format.name,
    lines: lines.length,
    parsed: rows,
  });
  if (lines.length === 0 || parsed * 2 < lines.length) return answer(PLAIN, lines.length);
  return answer(withTail * 2 >= parsed ? COMBINED : COMMON, parsed);
}
