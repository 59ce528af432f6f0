/**
 * DEFLATE data (RFC 1951) to what was compressed. It stops where the input ends or the room for output, and goes on from
 * there when it is called again: always between two symbols, or before a block's header. What it refuses, and what it
 * makes of anything else, is what zlib does.
 */

import {
  DISTANCE_BITS,
  distanceTable,
  END_OF_BLOCK,
  INVALID,
  LITERAL,
  LITERAL_BITS,
  literalTable,
  PAIR_MASK,
  PAIR_SHIFT,
  placeTables,
  SPECIAL,
} from "./inflate-codes";
import { forgetCodes, placeLengths, takeHeader } from "./inflate-headers";
import {
  AT_HEADER,
  BAD_DISTANCE_CODE,
  BAD_LITERAL_CODE,
  BLOCK_ENDED,
  drop,
  ENDED,
  GOES_ON,
  IN_STORED,
  Inflation,
  NEEDS_INPUT,
  NEEDS_ROOM,
  refill,
  TOO_FAR_BACK,
} from "./inflation";

/** What follows the inflation in memory: tables, what copies need, and lengths of codes. */
const TABLES: usize = 64;
const PATTERNS: usize = TABLES + 9728;
const PERIODS: usize = PATTERNS + 256;
const LENGTHS: usize = PERIODS + 16;

const LITERAL_MASK: u32 = (1 << LITERAL_BITS) - 1;
const DISTANCE_MASK: u32 = (1 << DISTANCE_BITS) - 1;

/** The quick loop reads up to so many bytes in one turn. */
const QUICK_INPUT_BYTES: usize = 32;

/** For a distance n below 16, at 16 n: where each of 16 bytes is found in the n before them; how far whole periods go. */
let patterns: usize = 0;
let periods: usize = 0;

/** Prepares what follows the inflation, once. */
export function prepareInflation(inflation: Inflation): void {
  const at = changetype<usize>(inflation);
  placeTables(at + TABLES);
  placeLengths(at + LENGTHS);
  patterns = at + PATTERNS;
  periods = at + PERIODS;
  for (let distance: u32 = 1; distance < 16; distance++) {
    store<u8>(periods + distance, u8(16 - (16 % distance)));
    for (let byte: u32 = 0; byte < 16; byte++) store<u8>(patterns + (distance << 4) + byte, u8(byte % distance));
  }
}

/** Begins with new data at `input`. */
export function beginInflation(inflation: Inflation): void {
  inflation.bits = 0;
  inflation.bitCount = 0;
  inflation.phase = AT_HEADER;
  inflation.isLastBlock = 0;
  forgetCodes();
}

/** Goes on; says why it stopped. After an error, or the end, the bytes behind the data are those from `input` on. */
export function inflate(inflation: Inflation): u32 {
  while (true) {
    let outcome: u32;
    if (inflation.phase == AT_HEADER) outcome = takeHeader(inflation);
    else if (inflation.phase == IN_STORED) outcome = takeStored(inflation);
    else outcome = takeSymbols(inflation);
    if (outcome == GOES_ON) continue;
    if (outcome != BLOCK_ENDED) return outcome;
    inflation.phase = AT_HEADER;
    if (inflation.isLastBlock == 0) continue;
    inflation.input -= inflation.bitCount >> 3;
    inflation.bits = 0;
    inflation.bitCount = 0;
    return ENDED;
  }
}

function takeStored(inflation: Inflation): u32 {
  while (inflation.storedLeft > 0) {
    if (inflation.output >= inflation.outputLimit) return NEEDS_ROOM;
    const available = min(inflation.inputEnd - inflation.input, inflation.outputLimit - inflation.output);
    const length = min(u32(available), inflation.storedLeft);
    if (length == 0) return NEEDS_INPUT;
    memory.copy(inflation.output, inflation.input, length);
    inflation.input += length;
    inflation.output += length;
    inflation.storedLeft -= length;
  }
  return BLOCK_ENDED;
}

function takeSymbols(inflation: Inflation): u32 {
  while (true) {
    if (inflation.output >= inflation.outputLimit) return NEEDS_ROOM;
    if (inflation.input + QUICK_INPUT_BYTES <= inflation.inputEnd) takeQuickly(inflation);
    if (inflation.output >= inflation.outputLimit) return NEEDS_ROOM;
    const outcome = takeOne(inflation);
    if (outcome != GOES_ON) return outcome;
  }
}

/** One symbol, with the distance that belongs to it, where the input may end: as a whole or not at all. */
function takeOne(inflation: Inflation): u32 {
  refill(inflation);
  const available = inflation.bitCount;
  const bits = inflation.bits;
  let entry = literalEntry(bits);
  let taken = takenBits;
  if ((entry & LITERAL) != 0) {
    // Of a pair only the first may be there.
    const isPair = (entry & PAIR_MASK) != 0 && taken <= available;
    if (!isPair && (entry & PAIR_MASK) != 0) taken = (entry & PAIR_MASK) >> PAIR_SHIFT;
    if (taken > available) return NEEDS_INPUT;
    store<u16>(inflation.output, u16(entry >> 16));
    inflation.output += isPair ? 2 : 1;
    drop(inflation, taken);
    return GOES_ON;
  }
  if (taken > available) return NEEDS_INPUT;
  if ((entry & SPECIAL) != 0) {
    if (entry >> 16 != END_OF_BLOCK) return BAD_LITERAL_CODE;
    drop(inflation, taken);
    return BLOCK_ENDED;
  }
  const length = (entry >> 16) + extraOf(bits >> (taken - (entry & 0x3f)), entry);
  const rest = bits >> taken;
  entry = distanceEntry(rest);
  const distanceTaken = takenBits;
  if (taken + distanceTaken > available) return NEEDS_INPUT;
  if ((entry & SPECIAL) != 0) return BAD_DISTANCE_CODE;
  const distance = (entry >> 16) + extraOf(rest >> (distanceTaken - (entry & 0x3f)), entry);
  if (distance > u32(inflation.output - inflation.windowStart)) return TOO_FAR_BACK;
  repeat(inflation.output, distance, length);
  inflation.output += length;
  drop(inflation, taken + distanceTaken);
  return GOES_ON;
}

/** Bits that the code takes which {@link literalEntry} or {@link distanceEntry} found, extra bits included. */
let takenBits: u32 = 0;

@inline
function literalEntry(bits: u64): u32 {
  return entryOf(literalTable, LITERAL_BITS, bits);
}

@inline
function distanceEntry(bits: u64): u32 {
  return entryOf(distanceTable, DISTANCE_BITS, bits);
}

/** The entry that the next bits lead to, in the second table if they are long. */
function entryOf(table: usize, tableBits: u32, bits: u64): u32 {
  let entry = load<u32>(table + (usize(u32(bits) & ((1 << tableBits) - 1)) << 2));
  takenBits = entry & 0x3f;
  if ((entry & SPECIAL) == 0 || entry >> 16 >= INVALID) return entry;
  const index = u32(bits >> tableBits) & ((1 << ((entry >> 8) & 0xff)) - 1);
  entry = load<u32>(table + (usize((entry >> 16) + index) << 2));
  takenBits += entry & 0x3f;
  return entry;
}

/** The extra bits of a length or distance, where `bits` begin with what its entry takes. */
@inline
function extraOf(bits: u64, entry: u32): u32 {
  return u32((bits & (((<u64>1) << (entry & 0x3f)) - 1)) >> ((entry >> 8) & 0x3f));
}

/** Repeats `length` bytes from `distance` before `output`, and overwrites up to 31 more. */
@inline
function repeat(output: usize, distance: u32, length: u32): void {
  const from = output - distance;
  const first = v128.load(from);
  if (distance >= 16) {
    v128.store(output, first);
    v128.store(output, v128.load(from, 16), 16);
    for (let at: u32 = 32; at < length; at += 16) v128.store(output + at, v128.load(from + at));
    return;
  }
  const pattern = i8x16.swizzle(first, v128.load(patterns + (distance << 4)));
  const period = u32(load<u8>(periods + distance));
  for (let at: u32 = 0; at < length; at += period) v128.store(output + at, pattern);
}

/**
 * As many plain symbols as the input and the room are enough for without a look at each. It stops before any other: one
 * with a long code, the end of the block, an error.
 */
function takeQuickly(inflation: Inflation): void {
  const inputLimit = inflation.inputEnd - QUICK_INPUT_BYTES;
  const outputLimit = inflation.outputLimit;
  const windowStart = inflation.windowStart;
  const literals = literalTable;
  const distances = distanceTable;
  let bits = inflation.bits;
  let bitCount = u64(inflation.bitCount);
  let input = inflation.input;
  let output = inflation.output;
  bits |= load<u64>(input) << bitCount;
  input += usize((63 - bitCount) >> 3);
  bitCount |= 56;
  let entry = load<u32>(literals + (usize(u32(bits) & LITERAL_MASK) << 2));
  while (input <= inputLimit && output < outputLimit) {
    if ((entry & LITERAL) != 0) {
      store<u16>(output, u16(entry >> 16));
      output += (entry >> 8) & 3;
      bits >>= u64(entry);
      bitCount -= u64(entry & 0x3f);
      entry = load<u32>(literals + (usize(u32(bits) & LITERAL_MASK) << 2));
      if ((entry & LITERAL) != 0) {
        store<u16>(output, u16(entry >> 16));
        output += (entry >> 8) & 3;
        bits >>= u64(entry);
        bitCount -= u64(entry & 0x3f);
        entry = load<u32>(literals + (usize(u32(bits) & LITERAL_MASK) << 2));
      }
      bits |= load<u64>(input) << bitCount;
      input += usize((63 - bitCount) >> 3);
      bitCount |= 56;
      if ((entry & LITERAL) != 0) continue;
    }
    // 56 bits are there, of which the length takes up to 20 and its distance up to 28.
    const rest = bits >> u64(entry);
    const far = load<u32>(distances + (usize(u32(rest) & DISTANCE_MASK) << 2));
    const distance = (far >> 16) + extraOf(rest, far);
    if (((entry | far) & SPECIAL) != 0 || distance > u32(output - windowStart)) break;
    const length = (entry >> 16) + extraOf(bits, entry);
    bits = rest >> u64(far);
    bitCount -= u64((entry & 0x3f) + (far & 0x3f));
    // What comes next is looked up while the copy waits for memory.
    bits |= load<u64>(input) << bitCount;
    input += usize((63 - bitCount) >> 3);
    bitCount |= 56;
    entry = load<u32>(literals + (usize(u32(bits) & LITERAL_MASK) << 2));
    repeat(output, distance, length);
    output += length;
  }
  inflation.bits = bits;
  inflation.bitCount = u32(bitCount);
  inflation.input = input;
  inflation.output = output;
}
