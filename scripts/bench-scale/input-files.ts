/** The logs of a cluster: hard links to one generated log, so that any amount of work takes the disk of one file. */

import { linkSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Workspace } from "../demo/workspace.js";

export interface InputFiles {
  /** Linked again and again, as `access-PART-NNN.log`. */
  readonly log: string;
  /** Linked once, as `warm.log`. */
  readonly warmUpLog: string;
}

/** Parts of equal numbers of files, from which a job may take some. */
export const PARTS = 8;

export const ALL_FILES = "access-*.log";
export const WARM_UP_FILES = "warm.log";

/** A glob of the files of the first parts. */
export const filesOfParts = (parts: number): string => `access-[1-${parts}]-*.log`;

/** What the nodes of a cluster offer as "web". */
export interface Source {
  readonly isPrivate: boolean;
  readonly directoryOf: (node: number) => string;
}

let directories = 0;

/** All nodes, of any number of clusters, have the same files. */
export function sharedSource(workspace: Workspace, input: InputFiles, filesPerPart: number): Source {
  const directory = linkParts(workspace, input, filesPerPart, 0, PARTS);
  return { isPrivate: false, directoryOf: () => directory };
}

/** Each of some nodes has its parts of the files, and nobody else. */
export function privateSource(workspace: Workspace, input: InputFiles, filesPerPart: number, nodes: number): Source {
  const parts = PARTS / nodes;
  const own = Array.from({ length: nodes }, (_, node) =>
    linkParts(workspace, input, filesPerPart, node * parts, (node + 1) * parts),
  );
  return { isPrivate: true, directoryOf: (node) => own[node] ?? "" };
}

function linkParts(workspace: Workspace, input: InputFiles, filesPerPart: number, first: number, end: number): string {
  directories += 1;
  const directory = join(workspace.directory, `logs-${directories}`);
  mkdirSync(directory);
  for (let part = first; part < end; part += 1) {
    for (let file = 0; file < filesPerPart; file += 1) {
      linkSync(input.log, join(directory, `access-${part + 1}-${String(file).padStart(3, "0")}.log`));
    }
  }
  linkSync(input.warmUpLog, join(directory, WARM_UP_FILES));
  return directory;
}
