/**
 * The directories of simulated log files, as a file system has them: names that lead to inodes. Logs are appended to,
 * rotated away, truncated and rewritten; whoever holds an inode open keeps it whatever becomes of the name.
 */

import type { Digest, NodeId } from "../../src/base/ids.js";
import type { ManifestFile } from "../../src/job/manifest.js";
import { LEAF_BYTES } from "../../src/job/tree.js";
import { foldDigests } from "../../src/job/vertex-key.js";
import type { ToyContent } from "./toy-content.js";

export interface ToyFile {
  readonly source: string;
  readonly path: string;
  /** Its one holder; null for a file that everyone can read. */
  readonly node: NodeId | null;
  readonly sizeBytes: number;
}

/** What a name leads to. Changed in place by appending, truncating and rewriting. */
export interface Inode {
  readonly number: number;
  readonly name: string;
  generation: number;
  sizeBytes: number;
  mtimeMs: number;
}

export const nameOf = (file: Pick<ToyFile, "source" | "path">): string =>
  file.source === "" ? file.path : `${file.source}:${file.path}`;

/** What the sampled page of a leaf tells: its place and the file's generation, however long the file is. */
export const leafDigest = ({ name, generation }: ToyContent, leaf: number): Digest =>
  `${name}/${generation}/${leaf}` as string as Digest;

export class ToySources {
  readonly files: readonly ToyFile[];
  readonly #inodes: Inode[] = [];
  readonly #names = new Map<string, Inode>();
  /** When each file was last changed by more than growth. */
  readonly #changedAtMs = new Map<string, number>();

  constructor(files: readonly ToyFile[]) {
    this.files = files;
    for (const file of files) this.#create(nameOf(file), file.sizeBytes, 0, 1);
  }

  named(name: string): Inode {
    const inode = this.#names.get(name);
    if (inode === undefined) throw new Error(`no file ${name}`);
    return inode;
  }

  numbered(number: number): Inode {
    const inode = this.#inodes[number];
    if (inode === undefined) throw new Error(`no inode ${number}`);
    return inode;
  }

  /** Since when the file has not been what it was, if ever. */
  changedAtMs(name: string): number {
    return this.#changedAtMs.get(name) ?? Number.NEGATIVE_INFINITY;
  }

  append(name: string, bytes: number, nowMs: number): void {
    const inode = this.named(name);
    inode.sizeBytes += bytes;
    inode.mtimeMs = nowMs;
  }

  /** A new, shorter or longer file takes the name over. */
  rotate(name: string, sizeBytes: number, nowMs: number): void {
    this.#create(name, sizeBytes, this.named(name).generation + 1, nowMs);
    this.#changedAtMs.set(name, nowMs);
  }

  truncate(name: string, sizeBytes: number, nowMs: number): void {
    this.#change(name, nowMs).sizeBytes = sizeBytes;
  }

  /** Other bytes, and as many. */
  rewrite(name: string, nowMs: number): void {
    this.#change(name, nowMs);
  }

  #change(name: string, nowMs: number): Inode {
    const inode = this.named(name);
    inode.generation += 1;
    inode.mtimeMs = nowMs;
    this.#changedAtMs.set(name, nowMs);
    return inode;
  }

  #create(name: string, sizeBytes: number, generation: number, mtimeMs: number): void {
    const inode = { number: this.#inodes.length, name, generation, sizeBytes, mtimeMs };
    this.#inodes.push(inode);
    this.#names.set(name, inode);
  }
}

interface Held {
  readonly inode: Inode;
  verified: Pick<Inode, "sizeBytes" | "mtimeMs" | "generation">;
}

/** The files that one life of a node holds open, verified as production's catalog verifies them. */
export class HeldToyFiles {
  readonly #sources: ToySources;
  readonly #held = new Map<string, Held>();

  constructor(sources: ToySources) {
    this.#sources = sources;
  }

  open(file: ManifestFile): Inode | "not-holder" | "input-changed" {
    const version = `${nameOf(file)}\0${file.size}\0${file.mtimeMs}\0${file.spanDigests.join("")}`;
    const held = this.#held.get(version);
    if (held !== undefined) return this.#reopen(file, held);
    const inode = this.#sources.named(nameOf(file));
    if (inode.sizeBytes < file.size) return "not-holder";
    if (!hasContentOf(inode, file)) return "input-changed";
    this.#held.set(version, { inode, verified: { ...inode } });
    return inode;
  }

  #reopen(file: ManifestFile, held: Held): Inode | "input-changed" {
    const { inode, verified } = held;
    const isRewritten = inode.sizeBytes === verified.sizeBytes && inode.mtimeMs !== verified.mtimeMs;
    if (inode.sizeBytes < file.size || isRewritten) return "input-changed";
    if (inode.sizeBytes !== verified.sizeBytes && !hasContentOf(inode, file)) return "input-changed";
    held.verified = { ...inode };
    return inode;
  }
}

/** As production compares: the samples of what is read now, folded as far as the manifest's are. */
function hasContentOf(inode: Inode, file: ManifestFile): boolean {
  const digests = spanDigestsOf(inode, file.scanSize, file.spanDigests.length);
  return digests.length === file.spanDigests.length && digests.every((digest, at) => digest === file.spanDigests[at]);
}

/** Digests of the first `sizeBytes` of a file, folded until there are no more than `most` of them. */
function spanDigestsOf(content: ToyContent, sizeBytes: number, most: number): readonly Digest[] {
  const leaves = Math.ceil(sizeBytes / LEAF_BYTES);
  let digests: readonly Digest[] = Array.from({ length: leaves }, (_, leaf) => leafDigest(content, leaf));
  while (digests.length > Math.max(1, most)) digests = foldDigests(digests, 1);
  return digests;
}
