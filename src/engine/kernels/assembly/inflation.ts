/** How far DEFLATE data was taken (see inflate.ts), and its next bits. */

/** The host makes it, with zeros, and moves its addresses as it moves what they point to. */
@unmanaged
export class Inflation {
  /** The next bits of the data, the first one lowest. Those beyond `bitCount` are bits of the data too, or 0. */
  bits: u64;
  bitCount: u32;
  /** Behind the bytes that are counted in `bitCount`. */
  input: usize;
  inputEnd: usize;
  output: usize;
  /** Output stops there or up to 262 bytes behind, and up to 31 more are overwritten. */
  outputLimit: usize;
  /** Nothing before it may be repeated. */
  windowStart: usize;
  phase: u32;
  isLastBlock: u32;
  /** Bytes of a stored block that are still to come. */
  storedLeft: u32;
  // Behind it, at TABLES, what the codes take, and what copies and headers need.
}

/** Where the inflation is: before a block's header, in a stored block, or in one of symbols. */
export const AT_HEADER: u32 = 0;
export const IN_STORED: u32 = 1;
export const IN_CODES: u32 = 2;

/** Outcomes that the host sees, and those of steps: the block has ended, or there is nothing to say. */
export const NEEDS_INPUT: u32 = 0;
export const NEEDS_ROOM: u32 = 1;
export const ENDED: u32 = 2;
export const BLOCK_ENDED: u32 = 3;
export const GOES_ON: u32 = 4;
/** Errors: what zlib says of them is in the host's inflater.ts. */
export const BAD_BLOCK_TYPE: u32 = 16;
export const BAD_STORED_LENGTH: u32 = 17;
export const TOO_MANY_SYMBOLS: u32 = 18;
export const BAD_LENGTH_CODES: u32 = 19;
export const BAD_REPEAT: u32 = 20;
export const NO_END_OF_BLOCK: u32 = 21;
export const BAD_LITERALS: u32 = 22;
export const BAD_DISTANCES: u32 = 23;
export const BAD_LITERAL_CODE: u32 = 24;
export const BAD_DISTANCE_CODE: u32 = 25;
export const TOO_FAR_BACK: u32 = 26;

/** Byte by byte, up to the end of the input. */
@inline
export function refill(inflation: Inflation): void {
  // What lies beyond the count may be bits of bytes that come again.
  inflation.bits &= ((<u64>1) << inflation.bitCount) - 1;
  while (inflation.bitCount <= 55 && inflation.input < inflation.inputEnd) {
    inflation.bits |= u64(load<u8>(inflation.input)) << inflation.bitCount;
    inflation.input++;
    inflation.bitCount += 8;
  }
}

@inline
export function drop(inflation: Inflation, count: u32): void {
  inflation.bits >>= count;
  inflation.bitCount -= count;
}

