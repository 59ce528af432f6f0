/** Skipped ranges on the wire and back. */

import type { SkippedRange as WireSkipped } from "../../../generated/logmr/v1/exchange.js";
import type { SkippedRange } from "../../../job/skipped.js";

export const skippedToWire = ({ file, start, end }: SkippedRange): WireSkipped => ({
  file,
  start: BigInt(start),
  end: BigInt(end),
});

export const skippedFromWire = ({ file, start, end }: WireSkipped): SkippedRange => ({
  file,
  start: Number(start),
  end: Number(end),
});
