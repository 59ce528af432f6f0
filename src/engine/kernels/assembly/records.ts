/**
 * What the kernels for records (JSON, logfmt, CSV) share: the places that wanted values go to. A record program lists the
 * wanted keys of each node of a tree of objects; the host writes it, see record-program.ts.
 */

import { equalBytes } from "./bytes";
import { setI64, spanOf, Vector } from "./vector";

export const ABSENT: u32 = 0;
/** A string that stands for itself. */
export const TEXT: u32 = 1;
/** A string with escapes. */
export const ESCAPED: u32 = 2;
/** A number, or text of a notation that does not tell numbers from strings. */
export const BARE: u32 = 3;
/** `true` or `false`. */
export const TRUTH: u32 = 4;
/** Said to have no value. */
export const NOTHING: u32 = 5;
/** An object or array, as it is written. */
export const NESTED: u32 = 6;

export const NONE: u32 = 0xffffffff;

/** Where the values of a wanted key go: a span and a kind for each row. */
@unmanaged
export class Slot {
  spans: Vector;
  kinds: usize;
}

@unmanaged
export class Entry {
  key: usize;
  keyLength: u32;
  /** Number of the slot, or NONE. */
  slot: u32;
  /** The node that an object here is, or NONE. */
  child: u32;
}

/** The wanted keys of an object: entries `first` to `first + count`. */
@unmanaged
export class Node {
  first: u32;
  count: u32;
  /** Where the next key is looked for first: keys mostly come in one order. */
  hint: u32;
}

@unmanaged
export class RecordProgram {
  nodes: usize;
  entries: usize;
  slots: usize;
  slotCount: u32;
  /** Shapes of lines that were seen: see json-shapes.ts. 0 where a notation has none. */
  shapes: usize;
}

@inline
export function slotAt(program: RecordProgram, slot: u32): Slot {
  return changetype<Slot>(program.slots + usize(slot) * offsetof<Slot>());
}

/** Empties the slots of the first `rows` rows. */
export function clearSlots(program: RecordProgram, rows: u32): void {
  for (let slot: u32 = 0; slot < program.slotCount; slot++) {
    const spans = slotAt(program, slot).spans;
    memory.fill(slotAt(program, slot).kinds, u8(ABSENT), rows);
    memory.fill(spans.values, 0, usize(rows) * spans.stride);
  }
}

export function clearRow(program: RecordProgram, row: u32): void {
  for (let slot: u32 = 0; slot < program.slotCount; slot++) {
    store<u8>(slotAt(program, slot).kinds + row, u8(ABSENT));
    setI64(slotAt(program, slot).spans, row, 0);
  }
}

@inline
export function setSlot(program: RecordProgram, slot: u32, row: u32, kind: u32, start: usize, end: usize): void {
  if (slot == NONE) return;
  store<u8>(slotAt(program, slot).kinds + row, u8(kind));
  setI64(slotAt(program, slot).spans, row, spanOf(start, u32(end - start)));
}

/** The entry of a node for a key; 0 if it is not wanted. */
export function findEntry(program: RecordProgram, nodeIndex: u32, key: usize, length: u32): usize {
  if (nodeIndex == NONE) return 0;
  const node = changetype<Node>(program.nodes + usize(nodeIndex) * offsetof<Node>());
  let index = node.hint;
  for (let tried: u32 = 0; tried < node.count; tried++) {
    if (index >= node.count) index = 0;
    const entry = changetype<Entry>(program.entries + usize(node.first + index) * offsetof<Entry>());
    index++;
    if (entry.keyLength == length && equalBytes(entry.key, key, length)) {
      node.hint = index;
      return changetype<usize>(entry);
    }
  }
  return 0;
}
