/**
 * What lies in the toy files, and what counting it gives: lines by key, a pure function of file, generation, leaf and the
 * bytes of the leaf that are read. Partials are such counts, encoded with a checksum.
 */

import { murmur3 } from "../../src/base/ring-hash.js";
import type { HashPart } from "../../src/job/hash-part.js";
import { SEMANTICS_VERSION } from "../../src/job/manifest.js";
import { addCounters, NO_COUNTERS, type ResultTable, type ScanCounters } from "../../src/job/result.js";
import { LEAF_BYTES } from "../../src/job/tree.js";
import type { PartialSlices } from "../../src/node/ports/map-pool.js";

/** A file as its bytes are: `generation` says which content it has, by the place of each leaf. */
export interface ToyContent {
  readonly name: string;
  readonly generation: number;
  readonly sizeBytes: number;
}

export interface ToyCounts {
  /** Lines of each key, by the key's number. */
  readonly counts: readonly number[];
  readonly counters: ScanCounters;
  /** The engine that counted: another one gives other keys. */
  readonly semantics: number;
}

const KEYS_PER_LEAF = 6;
const DISTINCT_KEYS = 25;
const NO_COUNTS: readonly number[] = Array.from({ length: DISTINCT_KEYS }, () => 0);

/** Adds what the lines of one leaf count to; returns how many they are. */
function addLeaf(content: ToyContent, leaf: number, endBytes: number, counts: number[]): number {
  const readBytes = Math.min(endBytes, (leaf + 1) * LEAF_BYTES) - leaf * LEAF_BYTES;
  let hash = murmur3(`${content.name}/${content.generation}/${leaf}/${readBytes}`, 7);
  let lines = 0;
  for (let entry = 0; entry < KEYS_PER_LEAF; entry += 1) {
    hash = (Math.imul(hash, 1664525) + 1013904223) >>> 0;
    const count = 1 + ((hash >>> 8) % 5);
    const key = (hash >>> 16) % DISTINCT_KEYS;
    lines += count;
    counts[key] = (counts[key] ?? 0) + count;
  }
  return lines;
}

/** Counts a range that begins at a leaf's beginning. */
export function countRange(content: ToyContent, start: number, end: number, semantics = SEMANTICS_VERSION): ToyCounts {
  const counts = [...NO_COUNTS];
  let lines = 0;
  for (let leaf = Math.floor(start / LEAF_BYTES); leaf * LEAF_BYTES < end; leaf += 1) {
    lines += addLeaf(content, leaf, end, counts);
  }
  return { counts, counters: { ...NO_COUNTERS, lines, bytes: end - start }, semantics };
}

export function mergeCounts(all: readonly ToyCounts[], semantics = SEMANTICS_VERSION): ToyCounts {
  const counts = [...NO_COUNTS];
  let counters = NO_COUNTERS;
  for (const part of all) {
    if (part.semantics !== semantics) throw new Error(`version ${semantics} merges a partial of ${part.semantics}`);
    counters = addCounters(counters, part.counters);
    part.counts.forEach((count, key) => {
      counts[key] = (counts[key] ?? 0) + count;
    });
  }
  return { counts, counters, semantics };
}

export function encodeCounts({ counts, counters, semantics }: ToyCounts): Uint8Array {
  const body = JSON.stringify([semantics, counts, counters]);
  return new TextEncoder().encode(`${murmur3(body, 1)}|${body}`);
}

export function decodeCounts(bytes: Uint8Array): ToyCounts {
  const text = new TextDecoder().decode(bytes);
  const bar = text.indexOf("|");
  const body = text.slice(bar + 1);
  if (Number(text.slice(0, bar)) !== murmur3(body, 1)) throw new Error("a partial's checksum does not hold");
  const [semantics, counts, counters] = JSON.parse(body) as [number, number[], ScanCounters];
  return { counts, counters, semantics };
}

/** Counts of the keys of a part; the first part has what was counted on the way. */
function partOf({ counts, counters, semantics }: ToyCounts, { bits, prefix }: HashPart): ToyCounts {
  const isIn = (key: number): boolean => Math.floor((murmur3(`key ${key}`, 3) / 2 ** 32) * 2 ** bits) === prefix;
  const counted = counts.map((count, key) => (isIn(key) ? count : 0));
  return { counts: counted, counters: prefix === 0 ? counters : NO_COUNTERS, semantics };
}

export const TOY_SLICES: PartialSlices = {
  isSliceable: () => true,
  sizeOf: (partial) => {
    const groups = decodeCounts(partial).counts.filter((count) => count > 0).length;
    return { bytes: partial.length, groups, basis: String(murmur3(Buffer.from(partial).toString(), 5)) };
  },
  slice: (partial, part) => encodeCounts(partOf(decodeCounts(partial), part)),
};

export function tableOf({ counts, counters, semantics }: ToyCounts): ResultTable {
  const rows = counts.flatMap((count, key) => (count === 0 ? [] : [[`v${semantics} key-${key}`, BigInt(count)]]));
  return {
    columns: [
      { name: "key", type: "string" },
      { name: "count", type: "i64" },
    ],
    rows,
    counters,
  };
}
