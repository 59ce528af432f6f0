/** What an answer lacks: holders that could not be asked when it was planned, and how much of it is there all the same. */

import type { Manifest, ManifestFile } from "./manifest.js";

/** A file as clients name it: `NAME:path`, or the path alone when it was named on the command line. */
export const fileName = (file: Pick<ManifestFile, "source" | "path"> | undefined): string =>
  file === undefined ? "" : file.source === "" ? file.path : `${file.source}:${file.path}`;

/** The files that the manifest lacks, as clients read them. */
export const lackingNames = (manifest: Manifest): readonly string[] =>
  (manifest.lacking?.parts ?? []).flatMap((part) => part.paths.map((path) => fileName({ source: part.source, path })));

/**
 * The share of what was asked for that the manifest's files are, 0 to 1: by bytes; by holders where nobody knows how much
 * a missing one has. Less than 1 whenever something is lacking.
 */
export function plannedShare(manifest: Manifest): number {
  const { lacking } = manifest;
  if (lacking === undefined) return 1;
  const present = manifest.files.reduce((sum, file) => sum + file.scanSize, 0);
  let missing = 0;
  for (const { bytes } of lacking.parts) {
    if (bytes === null) return (lacking.holders - missingHolders(manifest)) / lacking.holders;
    missing += bytes;
  }
  return present === 0 ? 0 : present / (present + missing);
}

export const missingHolders = (manifest: Manifest): number =>
  (manifest.lacking?.parts ?? []).filter((part) => part.holder !== null).length;
