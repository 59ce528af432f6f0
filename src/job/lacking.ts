/** What an answer lacks: holders that could not be asked when it was planned, and how much of it is there all the same. */

import type { NodeId } from "../base/ids.js";
import type { Manifest, ManifestFile } from "./manifest.js";

/** Some files that were asked for and are not in the manifest, because the submitter allowed an incomplete answer. */
export interface LackingPart {
  readonly source: string;
  /** The private source's node; null for a shared one. */
  readonly node: NodeId | null;
  /** Name of the holder that could not be asked; null for files that a holder named but could not read. */
  readonly holder: string | null;
  /** The files, where somebody remembers them; otherwise the glob that was asked for. */
  readonly paths: readonly string[];
  /** Their size when they were last seen; null if nobody remembers. */
  readonly bytes: number | null;
}

export interface Lacking {
  /** Holders that the answer needs in all: nodes with a private source, and one for a shared source. */
  readonly holders: number;
  readonly parts: readonly LackingPart[];
}

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

/** Who has to give the manifest's files: a node for each private source, one for a shared source. */
export const holderOf = (file: Pick<ManifestFile, "source" | "node">): string => `${file.source}\0${file.node ?? ""}`;
