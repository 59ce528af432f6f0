/**
 * The manifest: everything that decides a job's answer, frozen at submit. What there is to compute is a pure function of
 * it; who computes what is not in it.
 */

import { canonicalJson } from "../base/canonical-json.js";
import { digestOf } from "../base/digest.js";
import type { Digest, JobId, NodeId } from "../base/ids.js";
import type { JobRequest } from "./request.js";
import type { SpanLevel, TreeShape } from "./tree.js";

/** Part of every vertex key: raise it when the same bytes and plan would give another partial. */
export const SEMANTICS_VERSION = 4;

/** Kinds of compressed files that can be read. */
export type Compression = "gzip" | "zstd";

export interface ManifestFile {
  /** Name of the source; the empty text for a file named on the command line. */
  readonly source: string;
  /** Relative to the source's directory; as given on the command line when embedded. */
  readonly path: string;
  /** The one node that holds it, for a private source; null when every node that offers the source does. */
  readonly node: NodeId | null;
  readonly format: string;
  /** Set if its bytes are compressed: sizes are those of the compressed bytes, and it is one range, read whole. */
  readonly compression?: Compression;
  /** Size when the job was planned. A holder whose copy is shorter is not eligible. */
  readonly size: number;
  /** Bytes the job reads: `size`, or less where the unterminated last line is still being written. */
  readonly scanSize: number;
  /** Offset after the last newline within `scanSize`; ranges that end before it never change again. */
  readonly sealedSize: number;
  readonly mtimeMs: number;
  /** One digest of sampled pages for each of the file's span ranges, in order; see `vertex-key.ts`. */
  readonly spanDigests: readonly Digest[];
}

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

export interface Manifest {
  readonly jobId: JobId;
  readonly clientKey: string;
  readonly request: JobRequest;
  readonly semanticsVersion: number;
  /** What `now()` is, in milliseconds since 1970 UTC. */
  readonly nowMs: number;
  readonly planner: NodeId;
  readonly planDigest: Digest;
  readonly spanLevel: SpanLevel;
  /** Sorted by source, node, path. */
  readonly files: readonly ManifestFile[];
  /** What was asked for and could not be had; absent when nothing is lacking. */
  readonly lacking?: Lacking;
}

const digests = new WeakMap<Manifest, Digest>();

/** Computed once for each manifest: every pull names it. */
export function manifestDigest(manifest: Manifest): Digest {
  const digest = digests.get(manifest) ?? digestOf(canonicalJson(manifest));
  digests.set(manifest, digest);
  return digest;
}

/** The order of `Manifest.files`. */
export function compareFiles(
  left: Pick<ManifestFile, "source" | "node" | "path">,
  right: Pick<ManifestFile, "source" | "node" | "path">,
): number {
  return (
    compareText(left.source, right.source) ||
    compareText(left.node ?? "", right.node ?? "") ||
    compareText(left.path, right.path)
  );
}

/** Who has to give the manifest's files: a node for each private source, one for a shared source. */
export const holderOf = (file: Pick<ManifestFile, "source" | "node">): string => `${file.source}\0${file.node ?? ""}`;

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const shapes = new WeakMap<Manifest, TreeShape>();

/** Built once for each manifest. */
export function treeShapeOf(manifest: Manifest): TreeShape {
  const shape = shapes.get(manifest) ?? {
    spanLevel: manifest.spanLevel,
    files: manifest.files.map((file) => ({
      bytes: file.scanSize,
      group: holderOf(file),
      ...(file.compression === undefined ? {} : { isWhole: true }),
    })),
  };
  shapes.set(manifest, shape);
  return shape;
}
