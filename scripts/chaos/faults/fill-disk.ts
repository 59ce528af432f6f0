/** Something else fills the disk of a node's data directory to the last byte. */

import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { FaultKind } from "../fault.js";

const BLOCKS_BYTES = [1024 * 1024, 4096, 1] as const;

export const fillDisk: FaultKind = {
  kind: "full disk",
  needs: ["disks"],
  isOnce: true,
  draw: (random, nodes) => {
    const number = random.below(nodes);
    return {
      kind: "full disk",
      detail: `node ${number}`,
      losesDisk: true,
      begin: async ({ arena }) => {
        const filler = join(arena.nodes[number]?.dataDir ?? "", "filler");
        fill(filler);
        return async () => rmSync(filler, { force: true });
      },
    };
  },
};

function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (const bytes of BLOCKS_BYTES) writeUntilFull(file, Buffer.alloc(bytes));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, block: Buffer): void {
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
