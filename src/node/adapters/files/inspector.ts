/**
 * The thread that looks at files for the node: what it reads of a large source would keep the event loop from its peers for
 * seconds. Descriptors are the process's, so those that the node opened are read here under their numbers.
 */

import { closeSync, fstatSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { assert } from "../../../base/assert.js";
import type { Digest } from "../../../base/ids.js";
import type { FileDescription, FileQuestion } from "../../ports/source-catalog.js";
import { describeFile, digestsOf } from "./describe-file.js";
import { DescribedBefore } from "./described-before.js";
import { SourceDirectory } from "./source-directory.js";

/** A file, and the inode that it was described from; 0 for one that could not be read. */
export interface InspectedFile {
  readonly description: FileDescription;
  readonly inode: number;
}

export interface DirectoryQuestion extends Pick<FileQuestion, "glob" | "detail"> {
  readonly directory: string;
  readonly wallMs: number;
}

export type InspectorRequest = { readonly number: number } & (
  | ({ readonly kind: "describe" } & DirectoryQuestion)
  /** Of an open descriptor's first bytes. */
  | { readonly kind: "digests"; readonly descriptor: number; readonly fileBytes: number }
);

/** Without a value: the file could not be read, or not so far. */
export type InspectorReply = { readonly number: number } & (
  | { readonly kind: "described"; readonly files: readonly InspectedFile[] }
  | { readonly kind: "digests"; readonly digests: readonly Digest[] | undefined }
);

assert(parentPort !== null, "this module runs in a worker thread");
const port = parentPort;

port.on("message", (request: InspectorRequest) => {
  serve(request).then((reply) => port.postMessage(reply));
});

async function serve(request: InspectorRequest): Promise<InspectorReply> {
  const { number, kind } = request;
  if (kind === "describe") return { number, kind: "described", files: await describeAll(request) };
  try {
    return { number, kind: "digests", digests: digestsOf(request.descriptor, request.fileBytes) };
  } catch {
    return { number, kind: "digests", digests: undefined };
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const unreadable = (path: string, problem: string): InspectedFile => ({
  description: { path, size: 0, scanSize: 0, sealedSize: 0, mtimeMs: 0, format: "", leafDigests: [], problem },
  inode: 0,
});

const before = new DescribedBefore();

function describeOpen(
  descriptor: number,
  path: string,
  { directory, detail, wallMs }: DirectoryQuestion,
): InspectedFile {
  const seen = fstatSync(descriptor);
  const key = join(directory, path);
  const known = before.get(key, seen);
  if (known !== undefined) return { description: known, inode: seen.ino };
  const description = describeFile(descriptor, path, { wallMs, detail });
  if (detail === "versions") before.keep(key, seen, description, wallMs);
  return { description, inode: seen.ino };
}

async function describeAll(question: DirectoryQuestion): Promise<readonly InspectedFile[]> {
  const { directory, glob } = question;
  let source: SourceDirectory;
  try {
    source = new SourceDirectory(directory);
  } catch (error) {
    return [unreadable(glob, reasonOf(error))];
  }
  const { paths, problems } = await source.list(glob);
  const files = problems.map(({ path, problem }) => unreadable(path, problem));
  for (const path of paths) {
    // Others who ask meanwhile, such as for one digest, are served between two files.
    await setImmediate();
    const descriptor = source.open(path);
    if (descriptor === "unreadable") files.push(unreadable(path, "cannot be opened by this node's user"));
    if (typeof descriptor === "string") continue;
    try {
      files.push(describeOpen(descriptor, path, question));
    } catch (error) {
      files.push(unreadable(path, reasonOf(error)));
    } finally {
      closeSync(descriptor);
    }
  }
  return files;
}
