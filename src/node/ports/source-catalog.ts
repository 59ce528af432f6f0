/** The log files that a node may read: those inside its declared directories, and nothing else, for any job. */

import type { Digest } from "../../base/ids.js";
import type { ManifestFile } from "../../job/manifest.js";

/** A file as its holder sees it now; see `ManifestFile` for the sizes. */
export interface FileDescription {
  readonly path: string;
  readonly size: number;
  readonly scanSize: number;
  readonly sealedSize: number;
  readonly mtimeMs: number;
  readonly format: string;
  /** Digests of the sampled pages, one for each leaf. */
  readonly leafDigests: readonly Digest[];
  /** Why it cannot be read; the sizes are 0 then. Absent for a readable file. */
  readonly problem?: string;
}

/** Where the bytes of a manifest's file lie on this node. */
export interface OpenedFile {
  /** Absolute path to read from; a descriptor path where the platform allows, so that rotation does not hurt. */
  readonly realPath: string;
  /** Set if its bytes are compressed: it is one range then, which is read whole. */
  readonly compression?: "gzip" | "zstd";
}

export interface SourceCatalog {
  describe(source: string, glob: string, done: (files: readonly FileDescription[]) => void): void;
  /**
   * `not-holder`: the source is not offered here, the path leaves its directory, the file is missing or shorter than the
   * manifest's size. `input-changed`: its sampled pages or, for unsealed parts, its size and mtime differ.
   */
  open(file: ManifestFile): OpenedFile | "not-holder" | "input-changed";
}
