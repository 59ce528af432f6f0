/** The node dies, and a file of its store is not what it was when it comes back: flipped bits, a lost end, pages of zeros. */

import { closeSync, existsSync, fstatSync, openSync, readSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { SeededRandom } from "../../generate-log/random.js";
import type { FaultKind } from "../fault.js";

const STORE_FILES = ["store.lmdb", "vertices.lmdb"] as const;
const PAGE_BYTES = 4096;
const MOST_FLIPS = 40;
const MILLIONTHS = 1_000_000;

/** Places are parts per million of the file, whose size only the fault itself meets. */
type Damage =
  | { readonly kind: "bits"; readonly places: readonly (readonly [millionth: number, bit: number])[] }
  | { readonly kind: "cut"; readonly millionth: number }
  | { readonly kind: "zeros"; readonly millionth: number; readonly pages: number };

export const corruptStore: FaultKind = {
  kind: "corrupt store",
  needs: ["processes"],
  isOnce: true,
  draw: (random, nodes) => {
    const number = random.below(nodes);
    const file = STORE_FILES[random.below(STORE_FILES.length)] ?? "store.lmdb";
    const damage = drawDamage(random);
    return {
      kind: "corrupt store",
      detail: `node ${number}, ${file}, ${damage.kind}`,
      losesDisk: true,
      begin: async ({ arena }) => {
        const node = arena.nodes[number];
        await node?.kill();
        const path = join(node?.dataDir ?? "", file);
        if (existsSync(path)) inflict(path, damage);
        return async () => void (await node?.start());
      },
    };
  },
};

function drawDamage(random: SeededRandom): Damage {
  const millionth = random.below(MILLIONTHS);
  switch (random.below(3)) {
    case 0: {
      const places = Array.from({ length: random.between(1, MOST_FLIPS) }, () => {
        return [random.below(MILLIONTHS), random.below(8)] as const;
      });
      return { kind: "bits", places };
    }
    case 1:
      return { kind: "cut", millionth };
    default:
      return { kind: "zeros", millionth, pages: random.between(1, 4) };
  }
}

function inflict(path: string, damage: Damage): void {
  const file = openSync(path, "r+");
  try {
    const { size } = fstatSync(file);
    const placeOf = (millionth: number): number => Math.floor((size * millionth) / MILLIONTHS);
    switch (damage.kind) {
      case "bits":
        for (const [millionth, bit] of damage.places) flip(file, placeOf(millionth), bit);
        break;
      case "cut":
        truncateSync(path, placeOf(damage.millionth));
        break;
      case "zeros": {
        const page = Math.floor(placeOf(damage.millionth) / PAGE_BYTES) * PAGE_BYTES;
        writeSync(file, Buffer.alloc(Math.min(damage.pages * PAGE_BYTES, size - page)), 0, undefined, page);
      }
    }
  } finally {
    closeSync(file);
  }
}

function flip(file: number, at: number, bit: number): void {
  const byte = Buffer.alloc(1);
  if (readSync(file, byte, 0, 1, at) === 0) return;
  byte.writeUInt8(byte.readUInt8(0) ^ (1 << bit));
  writeSync(file, byte, 0, 1, at);
}
