/** A step of a shape of JSON lines: what it looks for, and what loops over lines compare with. See json-shapes.ts. */

/** What follows the text of a step: a value; the start of a wanted object; the end of one; the end of the line. */
export const VALUE: u32 = 0;
export const OPEN: u32 = 1;
export const CLOSE: u32 = 2;
export const END: u32 = 3;

/** Kept of a text at most, and one byte for the quote behind it. */
export const MAX_TEXT: u32 = 47;
/** Longer ones are compared in a slower way. */
export const MAX_QUICK_TEXT: u32 = 32;

/** Reaches of a search: see {@link Step}. */
export const SHORT_REACH: u16 = 16;
export const MIDDLE_REACH: u16 = 32;
export const LONG_REACH: u16 = 64;

export const QUOTE: u32 = 0x22;
export const BACKSLASH: u32 = 0x5c;
export const NO_QUOTE: u32 = 0;
export const QUOTES = memory.data<u8>([34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34]);
export const BACKSLASHES = memory.data<u8>([92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92]);
@unmanaged
export class Step {
  kind: u16;
  /** Bytes in which the end of a string is looked for at once: 16, 32 or 64. */
  reach: u16;
  slot: u32;
  textLength: u32;
  /** First byte of a string, or any other: which values are expected. */
  first: u32;
  // MAX_TEXT + 1 bytes follow.
}
export const STEP_BYTES: usize = 64;

@inline
export function textOf(step: Step): usize {
  return changetype<usize>(step) + 16;
}
