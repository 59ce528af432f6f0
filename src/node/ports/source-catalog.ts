/** The log files that a node may read: those inside its declared directories, and nothing else, for any job. */

import type { Digest } from "../../base/ids.js";
import type { Compression, ManifestFile } from "../../job/manifest.js";

/** A file as its holder sees it now; see `ManifestFile` for the sizes. */
export interface FileDescription {
  readonly path: string;
  readonly size: number;
  readonly scanSize: number;
  readonly sealedSize: number;
  readonly mtimeMs: number;
  readonly format: string;
  readonly compression?: Compression;
  /** Digests of the sampled pages, one for each leaf. */
  readonly leafDigests: readonly Digest[];
  /** Why it cannot be read; the sizes are 0 then. Absent for a readable file. */
  readonly problem?: string;
}

/** Where the bytes of a manifest's file lie on this node. */
export interface OpenedFile {
  /** Absolute path to read from; a descriptor path where the platform allows, so that rotation does not hurt. */
  readonly realPath: string;
}

/**
 * `not-holder`: the source is not offered here, the path leaves its directory, the file is missing or shorter than the
 * manifest's size, or compressed in a way that this process cannot read. `input-changed`: its sampled pages or, for
 * unsealed parts, its size and mtime differ.
 */
export type OpenOutcome = OpenedFile | "not-holder" | "input-changed";

/** `names`: without the digests, which have to be read throughout a file; enough to list it, not to plan a job over it. */
export interface FileQuestion {
  readonly source: string;
  readonly glob: string;
  readonly detail: "versions" | "names";
}

export interface SourceCatalog {
  describe(question: FileQuestion, done: (files: readonly FileDescription[]) => void): void;
  /** `done` is called once, at once where nothing has to be read for it. */
  open(file: ManifestFile, done: (outcome: OpenOutcome) => void): void;
}
