/** How full the disk is that holds a data directory. */

import { statfsSync } from "node:fs";

/** Bytes that are free for this user, and all that the disk has. */
export interface DiskUse {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Throws an Error of the operating system when the path is gone. */
export function diskUseAt(path: string): DiskUse {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
