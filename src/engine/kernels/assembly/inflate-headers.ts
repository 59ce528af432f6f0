/** Headers of the blocks of DEFLATE data (see inflate.ts): how the block is stored, and the codes of its symbols. */

import {
  buildTable,
  DISTANCE_SYMBOLS,
  DISTANCES,
  LENGTH_CODE_BITS,
  LENGTH_CODE_SYMBOLS,
  LENGTH_CODES,
  lengthCodeTable,
  LITERAL_SYMBOLS,
  LITERALS,
} from "./inflate-codes";
import {
  BAD_BLOCK_TYPE,
  BAD_DISTANCES,
  BAD_LENGTH_CODES,
  BAD_LITERALS,
  BAD_REPEAT,
  BAD_STORED_LENGTH,
  drop,
  GOES_ON,
  IN_CODES,
  IN_STORED,
  Inflation,
  NEEDS_INPUT,
  NO_END_OF_BLOCK,
  refill,
  TOO_MANY_SYMBOLS,
} from "./inflation";

/** Lengths of codes, as a header has them: room for 320. */
let lengths: usize = 0;
/** Whether the tables are those of blocks with the fixed codes. */
let isFixed: bool = false;

const LENGTH_CODE_ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

export function placeLengths(room: usize): void {
  lengths = room;
}

export function forgetCodes(): void {
  isFixed = false;
}

/** The header of a block, as a whole or not at all. */
export function takeHeader(inflation: Inflation): u32 {
  const bits = inflation.bits;
  const bitCount = inflation.bitCount;
  const input = inflation.input;
  const outcome = readHeader(inflation);
  if (outcome == NEEDS_INPUT) {
    inflation.bits = bits;
    inflation.bitCount = bitCount;
    inflation.input = input;
  }
  return outcome;
}

function readHeader(inflation: Inflation): u32 {
  refill(inflation);
  if (inflation.bitCount < 3) return NEEDS_INPUT;
  const head = u32(inflation.bits) & 7;
  drop(inflation, 3);
  inflation.isLastBlock = head & 1;
  const type = head >> 1;
  if (type == 3) return BAD_BLOCK_TYPE;
  if (type == 0) return readStoredLength(inflation);
  const outcome = type == 1 ? useFixedCodes() : readCodes(inflation);
  if (outcome == GOES_ON) inflation.phase = IN_CODES;
  return outcome;
}

function readStoredLength(inflation: Inflation): u32 {
  drop(inflation, inflation.bitCount & 7);
  inflation.input -= inflation.bitCount >> 3;
  inflation.bits = 0;
  inflation.bitCount = 0;
  if (inflation.inputEnd - inflation.input < 4) return NEEDS_INPUT;
  const length = u32(load<u16>(inflation.input));
  if ((length ^ u32(load<u16>(inflation.input, 2))) != 0xffff) return BAD_STORED_LENGTH;
  inflation.input += 4;
  inflation.storedLeft = length;
  inflation.phase = IN_STORED;
  return GOES_ON;
}

function useFixedCodes(): u32 {
  if (isFixed) return GOES_ON;
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  buildTable(LITERALS, lengths, LITERAL_SYMBOLS);
  memory.fill(lengths, 5, DISTANCE_SYMBOLS);
  buildTable(DISTANCES, lengths, DISTANCE_SYMBOLS);
  isFixed = true;
  return GOES_ON;
}

function readCodes(inflation: Inflation): u32 {
  refill(inflation);
  if (inflation.bitCount < 14) return NEEDS_INPUT;
  const head = u32(inflation.bits);
  const literals: u32 = 257 + (head & 31);
  const distances: u32 = 1 + ((head >> 5) & 31);
  const lengthCodes: u32 = 4 + ((head >> 10) & 15);
  if (literals > 286 || distances > 30) return TOO_MANY_SYMBOLS;
  drop(inflation, 14);
  memory.fill(lengths, 0, LENGTH_CODE_SYMBOLS);
  for (let index: u32 = 0; index < lengthCodes; index++) {
    refill(inflation);
    if (inflation.bitCount < 3) return NEEDS_INPUT;
    store<u8>(lengths + load<u8>(LENGTH_CODE_ORDER + index), u8(inflation.bits) & 7);
    drop(inflation, 3);
  }
  if (!buildTable(LENGTH_CODES, lengths, LENGTH_CODE_SYMBOLS)) return BAD_LENGTH_CODES;
  const outcome = readLengths(inflation, literals + distances);
  if (outcome != GOES_ON) return outcome;
  if (load<u8>(lengths + 256) == 0) return NO_END_OF_BLOCK;
  isFixed = false;
  if (!buildTable(LITERALS, lengths, literals)) return BAD_LITERALS;
  return buildTable(DISTANCES, lengths + literals, distances) ? GOES_ON : BAD_DISTANCES;
}

/** The lengths of all codes of a block, one after the other. */
function readLengths(inflation: Inflation, count: u32): u32 {
  for (let at: u32 = 0; at < count; ) {
    refill(inflation);
    const entry = load<u32>(lengthCodeTable + (usize(u32(inflation.bits) & ((1 << LENGTH_CODE_BITS) - 1)) << 2));
    const taken = entry & 0x3f;
    if (inflation.bitCount < taken) return NEEDS_INPUT;
    const symbol = entry >> 16;
    if (symbol < 16) {
      drop(inflation, taken);
      store<u8>(lengths + at, u8(symbol));
      at++;
      continue;
    }
    const repeatBits: u32 = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (inflation.bitCount < taken + repeatBits) return NEEDS_INPUT;
    const repeats = (symbol == 18 ? 11 : 3) + (u32(inflation.bits >> taken) & ((1 << repeatBits) - 1));
    drop(inflation, taken + repeatBits);
    if ((symbol == 16 && at == 0) || at + repeats > count) return BAD_REPEAT;
    memory.fill(lengths + at, symbol == 16 ? load<u8>(lengths + at - 1) : 0, repeats);
    at += repeats;
  }
  return GOES_ON;
}

