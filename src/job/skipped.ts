/** Byte ranges that are left out of an answer because reading them ends whatever process reads them. */

import { fileName } from "./lacking.js";
import type { Manifest } from "./manifest.js";

/** The lines that begin in a byte range of the manifest's file of that number. */
export interface SkippedRange {
  readonly file: number;
  readonly start: number;
  readonly end: number;
}

export const NOTHING_SKIPPED: readonly SkippedRange[] = [];

/** The ranges of several values, in the order of the input, each once. */
export function joinSkipped(parts: readonly (readonly SkippedRange[])[]): readonly SkippedRange[] {
  const all = parts.flat();
  if (all.length === 0) return NOTHING_SKIPPED;
  const byName = new Map(all.map((range) => [`${range.file}:${range.start}:${range.end}`, range]));
  return [...byName.values()].sort((left, right) => left.file - right.file || left.start - right.start);
}

export const skippedBytes = (ranges: readonly SkippedRange[]): number =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0);

/** As clients read it: `web:access.log, bytes 0 to 4194304`. */
export const skippedNames = (manifest: Pick<Manifest, "files">, ranges: readonly SkippedRange[]): readonly string[] =>
  ranges.map(({ file, start, end }) => `${fileName(manifest.files[file])}, bytes ${start} to ${end}`);
