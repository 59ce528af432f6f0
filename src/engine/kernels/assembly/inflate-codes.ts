/**
 * Codes of DEFLATE data (RFC 1951): from the lengths of a block's codes to tables that tell what the next bits of the data
 * stand for. Codes that are longer than the index of a table lead to a second table behind it.
 */

/**
 * An entry of a table: bits 0 to 5 say how many bits it takes, extra ones included; bit 6 marks literals, bit 7 what is
 * no literal, length or distance. Bits 8 to 15 have the number of bits before the extra ones, bits 16 to 31 what these are
 * added to. Of literals there are one or two, as bits 8 and 9 say, in bits 16 to 31; of two, bits 10 to 13 say how many bits
 * the first takes.
 */
export const LITERAL: u32 = 0x40;
export const SPECIAL: u32 = 0x80;
export const PAIR_SHIFT: u32 = 10;
export const PAIR_MASK: u32 = 0x3c00;
/** Upper halves of special entries; any other is the place of a second table, whose index has the bits of bits 8 to 15. */
export const END_OF_BLOCK: u32 = 0xffff;
export const INVALID: u32 = 0xfffe;

export const LITERAL_BITS: u32 = 10;
export const DISTANCE_BITS: u32 = 8;
export const LENGTH_CODE_BITS: u32 = 7;
export const LITERAL_SYMBOLS: u32 = 288;
export const DISTANCE_SYMBOLS: u32 = 32;
export const LENGTH_CODE_SYMBOLS: u32 = 19;
const LONGEST_CODE: u32 = 15;

/** The tables: with second ones a complete code of literals has up to 1334 entries, one of distances 402. */
export let literalTable: usize = 0;
export let distanceTable: usize = 0;
/** An entry's upper half is the symbol. */
export let lengthCodeTable: usize = 0;

/** What each symbol means: entries that lack the code's length. */
let literalMeanings: usize = 0;
let distanceMeanings: usize = 0;
let lengthCodeMeanings: usize = 0;

/** u32 by length: how many codes there are that have no place in the table yet; where the next one is sorted to. */
let counts: usize = 0;
let places: usize = 0;
/** u16 each, by length. */
let sortedSymbols: usize = 0;

/** Makes 9664 bytes at `room` the place of the tables. */
export function placeTables(room: usize): void {
  literalTable = room;
  distanceTable = literalTable + 5376;
  lengthCodeTable = distanceTable + 1664;
  literalMeanings = lengthCodeTable + 512;
  distanceMeanings = literalMeanings + 1152;
  lengthCodeMeanings = distanceMeanings + 128;
  counts = lengthCodeMeanings + 128;
  places = counts + 64;
  sortedSymbols = places + 64;
  fillMeanings();
}

/** The codes of a block. They differ in their symbols, and in how much of a code may be missing. */
export const LITERALS: u32 = 0;
export const DISTANCES: u32 = 1;
export const LENGTH_CODES: u32 = 2;

/** A table of one kind of code. */
@inline
function tableOf(kind: u32): usize {
  return kind == LITERALS ? literalTable : kind == DISTANCES ? distanceTable : lengthCodeTable;
}

@inline
function tableBitsOf(kind: u32): u32 {
  return kind == LITERALS ? LITERAL_BITS : kind == DISTANCES ? DISTANCE_BITS : LENGTH_CODE_BITS;
}

@inline
function meaningsOf(kind: u32): usize {
  return kind == LITERALS ? literalMeanings : kind == DISTANCES ? distanceMeanings : lengthCodeMeanings;
}

function fillMeanings(): void {
  for (let symbol: u32 = 0; symbol < 256; symbol++) {
    store<u32>(literalMeanings + (symbol << 2), (symbol << 16) | (1 << 8) | LITERAL);
  }
  store<u32>(literalMeanings + (256 << 2), (END_OF_BLOCK << 16) | SPECIAL);
  fillBases(literalMeanings + (257 << 2), 28, 3, 2);
  store<u32>(literalMeanings + (285 << 2), 258 << 16);
  fillBases(distanceMeanings, 30, 1, 1);
  for (let symbol: u32 = 286; symbol < LITERAL_SYMBOLS; symbol++) {
    store<u32>(literalMeanings + (symbol << 2), (INVALID << 16) | SPECIAL);
  }
  for (let symbol: u32 = 30; symbol < DISTANCE_SYMBOLS; symbol++) {
    store<u32>(distanceMeanings + (symbol << 2), (INVALID << 16) | SPECIAL);
  }
  for (let symbol: u32 = 0; symbol < LENGTH_CODE_SYMBOLS; symbol++) {
    store<u32>(lengthCodeMeanings + (symbol << 2), symbol << 16);
  }
}

/** Lengths, or distances: after twice 2^groupBits symbols without extra bits, each group of 2^groupBits has one more. */
function fillBases(meanings: usize, symbols: u32, first: u32, groupBits: u32): void {
  let base = first;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const group = symbol >> groupBits;
    const extra = group == 0 ? 0 : group - 1;
    store<u32>(meanings + (symbol << 2), (base << 16) | extra);
    base += 1 << extra;
  }
}

/**
 * Fills the table of a kind of code from the lengths of `symbols` codes, a byte each. Returns whether they are a code that
 * DEFLATE allows: one that leaves nothing over, or none, or, except for the lengths of codes, a single one of one bit.
 */
export function buildTable(kind: u32, lengths: usize, symbols: u32): bool {
  const longest = countLengths(lengths, symbols);
  const left = unusedCodes(longest);
  if (left < 0 || (left > 0 && longest > 0 && (longest > 1 || kind == LENGTH_CODES))) return false;
  const table = tableOf(kind);
  if (left > 0) {
    const size: usize = 1 << tableBitsOf(kind);
    // zlib takes each bit for a length of 0 where the lengths have no code.
    const entry: u32 = kind == LENGTH_CODES ? 1 : (INVALID << 16) | SPECIAL | 1;
    for (let index: usize = 0; index < size; index++) store<u32>(table + (index << 2), entry);
  }
  sortSymbols(lengths, symbols);
  fillTable(table, tableBitsOf(kind), meaningsOf(kind), longest);
  if (kind == LITERALS) pairLiterals();
  return true;
}

/** Counts the codes of each length; returns the greatest length. */
function countLengths(lengths: usize, symbols: u32): u32 {
  memory.fill(counts, 0, 64);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = counts + (usize(load<u8>(lengths + symbol)) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let longest = LONGEST_CODE;
  while (longest > 0 && load<u32>(counts + (longest << 2)) == 0) longest--;
  return longest;
}

/** How many more codes of the greatest length there could be; negative if there are too many. */
function unusedCodes(longest: u32): i32 {
  let left: i32 = 1;
  for (let length: u32 = 1; length <= longest; length++) {
    left = (left << 1) - i32(load<u32>(counts + (length << 2)));
    if (left < 0) return left;
  }
  return left;
}

function sortSymbols(lengths: usize, symbols: u32): void {
  let place: u32 = 0;
  for (let length: u32 = 1; length <= LONGEST_CODE; length++) {
    store<u32>(places + (length << 2), place);
    place += load<u32>(counts + (length << 2));
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const length = load<u8>(lengths + symbol);
    if (length == 0) continue;
    const next = places + (usize(length) << 2);
    const at = load<u32>(next);
    store<u32>(next, at + 1);
    store<u16>(sortedSymbols + (usize(at) << 1), u16(symbol));
  }
}

/** Codes count up from 0 over the sorted symbols, with a 0 behind for each further bit; data has their first bit first. */
function fillTable(table: usize, tableBits: u32, meanings: usize, longest: u32): void {
  const tableSize: u32 = 1 << tableBits;
  let code: u32 = 0;
  let next = sortedSymbols;
  let second: u32 = tableSize;
  let secondBits: u32 = 0;
  let prefix: u32 = 0xffffffff;
  for (let length: u32 = 1; length <= longest; length++) {
    code <<= 1;
    for (let left = load<u32>(counts + (length << 2)); left > 0; left--) {
      const entry = load<u32>(meanings + (usize(load<u16>(next)) << 2));
      next += 2;
      const reversed = reverseBits(code, length);
      code++;
      if (length <= tableBits) {
        fillEvery(table, reversed, length, tableSize, entry);
        continue;
      }
      const begin = reversed & (tableSize - 1);
      if (begin != prefix) {
        second = prefix == 0xffffffff ? tableSize : second + (1 << secondBits);
        prefix = begin;
        secondBits = secondTableBits(length, tableBits, left);
        store<u32>(table + (usize(begin) << 2), (second << 16) | (secondBits << 8) | SPECIAL | tableBits);
      }
      fillEvery(table + (usize(second) << 2), reversed >> tableBits, length - tableBits, 1 << secondBits, entry);
    }
  }
}

/** Bits of the index of a second table that begins with a code of `length`, of which there are `left`. */
function secondTableBits(length: u32, tableBits: u32, left: u32): u32 {
  let bits = length - tableBits;
  let used = left;
  while (used < <u32>1 << bits && tableBits + bits < LONGEST_CODE) {
    bits++;
    used = (used << 1) + load<u32>(counts + ((tableBits + bits) << 2));
  }
  return bits;
}

@inline
function reverseBits(code: u32, length: u32): u32 {
  let bits = ((code & 0x5555) << 1) | ((code >> 1) & 0x5555);
  bits = ((bits & 0x3333) << 2) | ((bits >> 2) & 0x3333);
  bits = ((bits & 0x0f0f) << 4) | ((bits >> 4) & 0x0f0f);
  bits = ((bits & 0x00ff) << 8) | (bits >> 8);
  return bits >> (16 - length);
}

/** Stores the entry of a code wherever the index begins with it. */
@inline
function fillEvery(table: usize, code: u32, length: u32, size: u32, meaning: u32): void {
  const isBase = (meaning & (LITERAL | SPECIAL)) == 0;
  const entry = meaning + length + (isBase ? length << 8 : 0);
  for (let index = code; index < size; index += 1 << length) store<u32>(table + (usize(index) << 2), entry);
}

/** Entries of a literal take the next one along where its code is in the index too. */
function pairLiterals(): void {
  const size: u32 = 1 << LITERAL_BITS;
  // What follows a code is at a lower index, where nothing is paired yet.
  for (let index = size - 1; index > 0; index--) {
    const first = load<u32>(literalTable + (usize(index) << 2));
    if ((first & LITERAL) == 0) continue;
    const taken = first & 0x3f;
    const second = load<u32>(literalTable + (usize(index >> taken) << 2));
    const both = taken + (second & 0x3f);
    if ((second & LITERAL) == 0 || both > LITERAL_BITS) continue;
    const literals = ((first >> 16) & 0xff) | ((second >> 8) & 0xff00);
    store<u32>(literalTable + (usize(index) << 2), (literals << 16) | (taken << PAIR_SHIFT) | (2 << 8) | LITERAL | both);
  }
}
