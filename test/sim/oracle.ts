/**
 * The independent oracle: what every answer, and every partial on the way to it, has to be. It counts the planned files
 * directly, with none of the machinery under test.
 */

import type { Digest } from "../../src/base/ids.js";
import { encodeResult } from "../../src/cluster/job/result-codec.js";
import type { HashPart } from "../../src/job/hash-part.js";
import { type Manifest, manifestDigest, SEMANTICS_VERSION, treeShapeOf } from "../../src/job/manifest.js";
import type { ResultTable } from "../../src/job/result.js";
import { filesOf, parseVertexName, rangeOf } from "../../src/job/tree.js";
import { countRange, encodeCounts, mergeCounts, TOY_SLICES, tableOf } from "./toy-content.js";
import type { PlannedFile } from "./toy-engine.js";
import { nameOf, type ToyFile } from "./toy-sources.js";

interface Planned {
  readonly manifest: Manifest;
  readonly files: readonly PlannedFile[];
  readonly vertices: Map<string, Uint8Array>;
}

type OracleFile = Pick<ToyFile, "source" | "path" | "sizeBytes"> & { readonly generation?: number };

const countFile = (file: OracleFile, semantics: number) =>
  countRange({ generation: 0, ...file, name: nameOf(file) }, 0, file.sizeBytes, semantics);

/** The answer over some files, counted in one go. */
export const oracleTable = (files: readonly OracleFile[], semantics = SEMANTICS_VERSION): ResultTable =>
  tableOf(
    mergeCounts(
      files.map((file) => countFile(file, semantics)),
      semantics,
    ),
  );

export const textOf = (table: ResultTable): string => new TextDecoder().decode(encodeResult(table));

export class Oracle {
  readonly #planned = new Map<string, Planned>();
  readonly #answers = new Map<string, ResultTable>();

  /** A planner has frozen these files, as they were then, in a manifest. */
  planned(manifest: Manifest, files: readonly PlannedFile[]): void {
    this.#planned.set(manifestDigest(manifest), { manifest, files, vertices: new Map() });
  }

  filesOf(digest: string): readonly PlannedFile[] {
    return this.#find(digest).files;
  }

  manifestOf(digest: string): Manifest {
    return this.#find(digest).manifest;
  }

  /** The answer to a manifest, over those of its files that `isWanted` keeps. */
  answer(digest: string, isWanted?: (name: string) => boolean): ResultTable {
    const { files, manifest } = this.#find(digest);
    if (isWanted !== undefined) {
      return oracleTable(
        files.filter((file) => isWanted(nameOf(file))),
        manifest.semanticsVersion,
      );
    }
    const known = this.#answers.get(digest) ?? oracleTable(files, manifest.semanticsVersion);
    this.#answers.set(digest, known);
    return known;
  }

  /** The bytes of a vertex's partial; undefined for a manifest that nobody planned. */
  vertex(digest: Digest | string, name: string): Uint8Array | undefined {
    const planned = this.#planned.get(digest);
    const vertex = parseVertexName(name);
    if (planned === undefined || vertex === undefined) return undefined;
    const known = planned.vertices.get(name);
    if (known !== undefined) return known;
    const { manifest, files } = planned;
    const counted = [];
    const { first, end } = filesOf(treeShapeOf(manifest), vertex);
    for (let at = first; at < end; at += 1) {
      const file = files[at];
      if (file === undefined) continue;
      const range = vertex.kind === "range" ? rangeOf(vertex, file.sizeBytes) : { start: 0, end: file.sizeBytes };
      counted.push(countRange({ ...file, name: nameOf(file) }, range.start, range.end, manifest.semanticsVersion));
    }
    const bytes = encodeCounts(mergeCounts(counted, manifest.semanticsVersion));
    planned.vertices.set(name, bytes);
    return bytes;
  }

  /** The bytes of a part of a vertex's groups, as a slice of its partial or merged of slices. */
  part(digest: Digest | string, name: string, part: HashPart): Uint8Array | undefined {
    const whole = this.vertex(digest, name);
    return whole && TOY_SLICES.slice(whole, part);
  }

  #find(digest: string): Planned {
    const planned = this.#planned.get(digest);
    if (planned === undefined) throw new Error(`nobody planned manifest ${digest}`);
    return planned;
  }
}
