/** Byte ranges that are left out of an answer because reading them ends whatever process reads them. */

import { assert } from "../base/assert.js";
import { fileName } from "./lacking.js";
import { compareFiles, type Manifest } from "./manifest.js";

/** The lines that begin in a byte range of the manifest's file of that number. */
export interface SkippedRange {
  readonly file: number;
  readonly start: number;
  readonly end: number;
}

export const NOTHING_SKIPPED: readonly SkippedRange[] = [];

/**
 * Ranges of files of `from`, by the numbers that the same files have in `to`: jobs share the work on what has the same
 * content, and number its files each in their own way.
 */
export function renumberSkipped(
  ranges: readonly SkippedRange[],
  from: Manifest,
  to: Manifest,
): readonly SkippedRange[] {
  if (from === to || ranges.length === 0) return ranges;
  return ranges.map((range) => {
    const file = from.files[range.file];
    const number = file === undefined ? -1 : to.files.findIndex((other) => compareFiles(file, other) === 0);
    assert(number >= 0, `file ${range.file} of job ${from.jobId} is one of job ${to.jobId} too`);
    return { ...range, file: number };
  });
}

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
