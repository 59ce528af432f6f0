/**
 * The logs of a cluster: one generated log, cut into files at ends of lines. No two of them have the same content, or a
 * node would remember for one what it computed for another.
 */

import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { Workspace } from "../demo/workspace.js";

/** Parts of equal numbers of files, from which a job may take some. */
export const PARTS = 8;
const FILES_PER_PART = 3;

export const ALL_FILES = "access-*.log";
export const WARM_UP_FILES = "warm.log";

/** A glob of the files of the first parts. */
export const filesOfParts = (parts: number): string => `access-[1-${parts}]-*.log`;

const NEWLINE = 0x0a;
const COPY_BYTES = 4 * 1024 * 1024;
/** Longer than any line of a generated log. */
const LINE_BYTES = 64 * 1024;

/** Where the bench may put files that nothing takes out of memory. */
const MEMORY_DIRECTORY = "/dev/shm";

/** For the logs: in memory if the system has a place for that, otherwise `fallback`. */
export const logsParent = (fallback: string): string => (existsSync(MEMORY_DIRECTORY) ? MEMORY_DIRECTORY : fallback);

/** Files as clusters are asked about. */
export interface InputFiles {
  readonly workspace: Workspace;
  /** By part. */
  readonly parts: readonly (readonly string[])[];
  /** Asked about before anything is measured. */
  readonly warmUpLog: string;
}

/** What the nodes of a cluster offer as "web". */
export interface Source {
  readonly isPrivate: boolean;
  readonly directoryOf: (node: number) => string;
}

/** Cuts a log, and copies another one for warming up, into a workspace that is theirs. */
export function cutLog(log: string, warmUpLog: string, workspace: Workspace): InputFiles {
  const pieces = join(workspace.directory, "pieces");
  mkdirSync(pieces);
  const copy = join(pieces, WARM_UP_FILES);
  writeFileSync(copy, readFileSync(warmUpLog));
  const source = openSync(log, "r");
  try {
    const ends = endsOfPieces(source, fstatSync(source).size, PARTS * FILES_PER_PART);
    const parts = Array.from({ length: PARTS }, (_, part) =>
      Array.from({ length: FILES_PER_PART }, (_, file) => {
        const piece = part * FILES_PER_PART + file;
        const path = join(pieces, `access-${part + 1}-${file}.log`);
        copyRange(source, ends[piece - 1] ?? 0, ends[piece] ?? 0, path);
        return path;
      }),
    );
    return { workspace, parts, warmUpLog: copy };
  } finally {
    closeSync(source);
  }
}

/** Behind the first newline at or behind each equal share of the bytes. */
function endsOfPieces(log: number, bytes: number, pieces: number): readonly number[] {
  const line = Buffer.alloc(LINE_BYTES);
  return Array.from({ length: pieces }, (_, piece) => {
    const from = Math.floor((bytes * (piece + 1)) / pieces) - 1;
    const at = line.subarray(0, readSync(log, line, 0, LINE_BYTES, Math.max(0, from))).indexOf(NEWLINE);
    return at < 0 ? bytes : from + at + 1;
  });
}

function copyRange(source: number, start: number, end: number, path: string): void {
  const target = openSync(path, "wx");
  const block = Buffer.alloc(COPY_BYTES);
  try {
    for (let at = start; at < end; ) {
      const read = readSync(source, block, 0, Math.min(COPY_BYTES, end - at), at);
      if (read === 0) return;
      writeSync(target, block, 0, read);
      at += read;
    }
  } finally {
    closeSync(target);
  }
}

let directories = 0;

/** All nodes, of any number of clusters, have the same files. */
export function sharedSource(input: InputFiles): Source {
  const directory = linkFiles(input, input.parts);
  return { isPrivate: false, directoryOf: () => directory };
}

/** Each of some nodes has its parts of the files, and nobody else. */
export function privateSource(input: InputFiles, nodes: number): Source {
  const each = PARTS / nodes;
  const own = Array.from({ length: nodes }, (_, node) =>
    linkFiles(input, input.parts.slice(node * each, (node + 1) * each)),
  );
  return { isPrivate: true, directoryOf: (node) => own[node] ?? "" };
}

function linkFiles({ workspace, warmUpLog }: InputFiles, parts: InputFiles["parts"]): string {
  directories += 1;
  const directory = join(workspace.directory, `logs-${directories}`);
  mkdirSync(directory);
  for (const file of [...parts.flat(), warmUpLog]) linkSync(file, join(directory, basename(file)));
  return directory;
}
