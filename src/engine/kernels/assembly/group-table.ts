/**
 * The hash table of groups. Rows lie in arena blocks and never move; a row is what a partial stores:
 *
 *   u64 hash | u32 keyLength | u32 nullMask | accumulators | key, padded with zeros to 8 bytes
 *
 * A slot is {u32 row, u32 tag}; 0 is empty. The tag is the high half of the hash times a seed of this process, so that
 * chosen keys cannot pile up in one place; its high bits are where linear probing begins. So a table grows by one walk
 * over its slots, in order, and no row is touched. Lookups go over a batch in passes, so that cache misses overlap:
 * one touches the slots of a large table, one finds candidates in them, one touches their rows, one compares keys.
 */

import { copyPadded, equalKeys } from "./bytes";

export const ROW_HEADER_BYTES: u32 = 16;
/** Up to here slots fit the second-level cache beside a batch. */
const NEAR_SLOTS: u32 = 1 << 15;

@unmanaged
export class GroupTable {
  /** Odd. */
  seed: u64;
  slots: usize;
  /** Slots there are, a power of two, and 32 - log2 of it. */
  slotCount: u32;
  slotShift: u32;
  rowCount: u32;
  /** Rows at which the table must grow before the next one. */
  rowLimit: u32;
  /** Free part of the current arena block. */
  arenaTop: usize;
  arenaEnd: usize;
  accumulatorBytes: u32;
  /** Bytes of the row that did not fit, when a lookup stopped for want of room. */
  wantedBytes: u32;
  /** Rows of the single-integer keys 0 to DIRECT_KEYS - 1, 0 where not yet known. */
  direct: usize;
  /** Written so that nothing drops the loads that only bring rows into the cache. */
  touched: u32;
}

/** The keys of a batch, by position in it. */
@unmanaged
export class Probe {
  hashes: usize;
  /** Spans of the key bytes. */
  keys: usize;
  nullMasks: usize;
  /** Scratch: candidate rows of the first pass. */
  candidates: usize;
  /** What is found: addresses of rows. */
  groups: usize;
}

@inline
export function rowKey(table: GroupTable, row: usize): usize {
  return row + ROW_HEADER_BYTES + table.accumulatorBytes;
}

@inline
export function rowBytes(table: GroupTable, keyLength: u32): u32 {
  return ROW_HEADER_BYTES + table.accumulatorBytes + ((keyLength + 7) & ~7);
}

@inline
function tagOf(table: GroupTable, hash: u64): u32 {
  return u32((hash * table.seed) >> 32);
}

@inline
function isRowOf(table: GroupTable, row: usize, hash: u64, key: usize, keyLength: u32, nullMask: u32): bool {
  return (
    load<u64>(row) == hash &&
    load<u32>(row, 8) == keyLength &&
    load<u32>(row, 12) == nullMask &&
    equalKeys(rowKey(table, row), key, keyLength)
  );
}

/** The row of a key, made if it is new; 0 if the table or the arena must grow first. */
export function findOrInsert(table: GroupTable, hash: u64, key: usize, keyLength: u32, nullMask: u32): usize {
  const lastSlot = table.slotCount - 1;
  const tag = tagOf(table, hash);
  let index = tag >> table.slotShift;
  while (true) {
    const slot = load<u64>(table.slots + (index << 3));
    if (slot == 0) break;
    const row = usize(u32(slot));
    if (u32(slot >> 32) == tag && isRowOf(table, row, hash, key, keyLength, nullMask)) return row;
    index = (index + 1) & lastSlot;
  }
  const size = rowBytes(table, keyLength);
  if (table.rowCount >= table.rowLimit || table.arenaEnd - table.arenaTop < size) {
    table.wantedBytes = size;
    return 0;
  }
  const row = table.arenaTop;
  table.arenaTop = row + size;
  table.rowCount++;
  store<u64>(row, hash);
  store<u32>(row, keyLength, 8);
  store<u32>(row, nullMask, 12);
  for (let offset: u32 = 0; offset < table.accumulatorBytes; offset += 8) {
    store<u64>(row + ROW_HEADER_BYTES + offset, 0);
  }
  copyPadded(rowKey(table, row), key, keyLength);
  store<u64>(table.slots + (index << 3), u64(row) | (u64(tag) << 32));
  return row;
}

/** Finds or makes the rows of the keys at positions [from, end); returns where it stopped for want of room, or `end`. */
export function lookupGroups(table: GroupTable, probe: Probe, from: u32, end: u32): u32 {
  if (table.slotCount > NEAR_SLOTS) touchSlots(table, probe, from, end);
  findCandidates(table, probe, from, end);
  touchCandidates(table, probe, from, end);
  let at = matchCandidates(table, probe, from, end);
  while (at < end) {
    const hash = load<u64>(probe.hashes + (at << 3));
    const key = load<u64>(probe.keys + (at << 3));
    const row = findOrInsert(table, hash, usize(u32(key)), u32(key >> 32), load<u32>(probe.nullMasks + (at << 2)));
    if (row == 0) return at;
    store<u32>(probe.groups + (at << 2), row);
    at = matchCandidates(table, probe, at + 1, end);
  }
  return end;
}

/**
 * Takes the candidates that are the rows of their keys, up to the first that is not; returns its position, or `end`. It makes
 * no call, so that its loop keeps the registers.
 */
export function matchCandidates(table: GroupTable, probe: Probe, from: u32, end: u32): u32 {
  const keyOffset = usize(ROW_HEADER_BYTES + table.accumulatorBytes);
  const keys = probe.keys;
  const nullMasks = probe.nullMasks;
  const candidates = probe.candidates;
  const groups = probe.groups;
  let at = from;
  for (; at < end; at++) {
    const row = usize(load<u32>(candidates + (usize(at) << 2)));
    if (row == 0) break;
    const key = load<u64>(keys + (usize(at) << 3));
    const length = u32(key >> 32);
    // The hash is the key's: touchCandidates saw to it.
    if (load<u64>(row, 8) != (u64(length) | (u64(load<u32>(nullMasks + (usize(at) << 2))) << 32))) break;
    if (!equalKeys(row + keyOffset, usize(u32(key)), length)) break;
    store<u32>(groups + (usize(at) << 2), u32(row));
  }
  return at;
}

/**
 * Brings the slots at which the keys are looked for near. Nothing here waits for what is loaded, as the search does each time
 * a guess about a slot was wrong.
 */
function touchSlots(table: GroupTable, probe: Probe, from: u32, end: u32): void {
  const seed = table.seed;
  const shift = table.slotShift;
  const slots = table.slots;
  const hashes = probe.hashes;
  let touched: u32 = 0;
  for (let at = from; at < end; at++) {
    const tag = u32((load<u64>(hashes + (at << 3)) * seed) >> 32);
    touched += load<u32>(slots + ((tag >> shift) << 3));
  }
  table.touched = touched;
}

/** The first row whose slot has the tag of the key, or 0. */
function findCandidates(table: GroupTable, probe: Probe, from: u32, end: u32): void {
  const seed = table.seed;
  const shift = table.slotShift;
  const slots = table.slots;
  const lastSlot = table.slotCount - 1;
  const hashes = probe.hashes;
  const candidates = probe.candidates;
  for (let at = from; at < end; at++) {
    const tag = u32((load<u64>(hashes + (at << 3)) * seed) >> 32);
    let index = tag >> shift;
    let slot = load<u64>(slots + (index << 3));
    while (slot != 0 && u32(slot >> 32) != tag) {
      index = (index + 1) & lastSlot;
      slot = load<u64>(slots + (index << 3));
    }
    store<u32>(candidates + (at << 2), u32(slot));
  }
}

/** Keeps the candidates of the right hash, and brings the first two cache lines of their rows near. */
function touchCandidates(table: GroupTable, probe: Probe, from: u32, end: u32): void {
  const hashes = probe.hashes;
  const candidates = probe.candidates;
  let touched: u32 = 0;
  for (let at = from; at < end; at++) {
    const row = load<u32>(candidates + (at << 2));
    touched += load<u8>(row, 64);
    const isMatch = load<u64>(row) == load<u64>(hashes + (at << 3));
    store<u32>(candidates + (at << 2), isMatch ? row : 0);
  }
  table.touched = touched;
}

/** Enters the slots of a table into its new ones, of which there are more. */
export function reenterSlots(table: GroupTable, from: usize, end: usize): void {
  const shift = table.slotShift;
  const slots = table.slots;
  const lastSlot = table.slotCount - 1;
  for (let at = from; at < end; at += 8) {
    const slot = load<u64>(at);
    if (slot == 0) continue;
    let index = u32(slot >> 32) >> shift;
    while (load<u64>(slots + (index << 3)) != 0) index = (index + 1) & lastSlot;
    store<u64>(slots + (index << 3), slot);
  }
}

/**
 * Prepares the keys of the rows in [from, end) for a lookup, at most `maxRows` of them; returns how many. A row that
 * `end` cuts is left out.
 */
export function probeRows(table: GroupTable, probe: Probe, sources: usize, from: usize, end: usize, maxRows: u32): u32 {
  let row = from;
  let count: u32 = 0;
  while (count < maxRows && end - row >= ROW_HEADER_BYTES) {
    const keyLength = load<u32>(row, 8);
    const size = rowBytes(table, keyLength);
    if (end - row < size) break;
    store<u64>(probe.hashes + (count << 3), load<u64>(row));
    store<u64>(probe.keys + (count << 3), u64(rowKey(table, row)) | (u64(keyLength) << 32));
    store<u32>(probe.nullMasks + (count << 2), load<u32>(row, 12));
    store<u32>(sources + (count << 2), row);
    row += size;
    count++;
  }
  return count;
}

/** Address behind the last whole row that begins in [from, end) and is not cut by `end`. */
export function endOfWholeRows(table: GroupTable, from: usize, end: usize): usize {
  let row = from;
  while (end - row >= ROW_HEADER_BYTES) {
    const size = rowBytes(table, load<u32>(row, 8));
    if (end - row < size) break;
    row += size;
  }
  return row;
}
