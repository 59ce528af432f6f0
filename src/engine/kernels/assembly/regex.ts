/**
 * Regular expressions as a table of states (made by `regex/automaton.ts` of the engine): one lookup a byte. Two things let
 * most bytes go by sixteen at a time: a literal that every match holds is searched for first, and a state that only few
 * bytes leave is left at the next of them.
 */

import { findBytes } from "./strings";
import { copyNulls, i64At, isNull, setBool, spanAddress, spanLength, Vector } from "./vector";

const FOUND: u32 = 1;

const LITERAL_NONE: u32 = 0;
const LITERAL_AT_START: u32 = 2;

@unmanaged
class Automaton {
  /** Class of each byte: 256 bytes. */
  classes: usize;
  /** u16 by state × classCount + class. */
  transitions: usize;
  classCount: u32;
  start: u32;
  /** One byte a state. */
  matchesAtEnd: usize;
  /** 0: none; 1: every match holds it; 2: every match begins with it. */
  literalPlace: u32;
  literal: usize;
  literalLength: u32;
  /** A state that only the bytes `exits` leave, three of them, maybe repeated; 0 if there is none. */
  waiting: u32;
  exits: usize;
}

export function matchPattern(text: Vector, automaton: Automaton, out: Vector, rows: u32): void {
  const values = out.values;
  if (automaton.literalPlace == LITERAL_NONE) memory.fill(values, 1, rows);
  else markCandidates(text, automaton.literal, automaton.literalLength, values, rows);
  copyNulls(text, out, rows);
  for (let row: u32 = 0; row < rows; row++) {
    if (load<u8>(values + row) == 0 || isNull(text, row) != 0) continue;
    const span = u64(i64At(text, row));
    setBool(out, row, u32(hasMatch(spanAddress(span), spanLength(span), automaton)));
  }
}

/** Of the two bytes by which a literal is told from other text: what is loaded behind a text is bounded. */
const MAX_DISTANCE: u32 = 31;

/**
 * Writes 0 for each row that does not hold a literal, as far as two of its bytes tell; what lies behind a text may let it pass.
 * It neither makes a call nor stops at a candidate, and how many bytes there are up to 128 makes no difference: a branch on
 * any of that would be guessed wrong too often.
 */
export function markCandidates(text: Vector, literal: usize, length: u32, out: usize, rows: u32): void {
  const first = v128.load_splat<u8>(literal);
  const distance = usize(min(length - 1, MAX_DISTANCE));
  const last = v128.load_splat<u8>(literal + distance);
  const values = text.values;
  const stride = text.stride;
  for (let row: usize = 0; row < usize(rows); row++) {
    const span = load<u64>(values + row * stride);
    const start = spanAddress(span);
    const end = start + spanLength(span);
    let found = v128.or(
      candidatesAt(start, start + distance, first, last),
      candidatesAt(start + 64, start + 64 + distance, first, last),
    );
    for (let at = start + 128; at < end; at += 64) found = v128.or(found, candidatesAt(at, at + distance, first, last));
    store<u8>(out + row, u8(v128.any_true(found)));
  }
}

function hasMatch(text: usize, length: u32, automaton: Automaton): bool {
  const end = text + length;
  let at = text;
  if (automaton.literalPlace != LITERAL_NONE) {
    const place = findBytes(text, end, automaton.literal, automaton.literalLength);
    if (place == 0) return false;
    // Only a pattern that asserts nothing before its literal may begin there: see the host.
    if (automaton.literalPlace == LITERAL_AT_START) at = place;
  }
  const classes = automaton.classes;
  const transitions = automaton.transitions;
  const classCount = automaton.classCount;
  const waiting = automaton.waiting;
  let state = automaton.start;
  while (at < end) {
    if (state == waiting) {
      at = findExit(at, end, automaton.exits);
      if (at >= end) break;
    }
    const byteClass = load<u8>(classes + load<u8>(at));
    state = load<u16>(transitions + (usize(state * classCount + byteClass) << 1));
    if (state <= FOUND) return state == FOUND;
    at++;
  }
  return load<u8>(automaton.matchesAtEnd + state) != 0;
}

/** Where one of 64 bytes and the one at a distance are those of the literal: all places together. */
@inline
function candidatesAt(at: usize, behind: usize, first: v128, last: v128): v128 {
  return v128.or(
    v128.or(
      v128.and(i8x16.eq(v128.load(at), first), i8x16.eq(v128.load(behind), last)),
      v128.and(i8x16.eq(v128.load(at, 16), first), i8x16.eq(v128.load(behind, 16), last)),
    ),
    v128.or(
      v128.and(i8x16.eq(v128.load(at, 32), first), i8x16.eq(v128.load(behind, 32), last)),
      v128.and(i8x16.eq(v128.load(at, 48), first), i8x16.eq(v128.load(behind, 48), last)),
    ),
  );
}

/** Address of the first of the three bytes in [from, end), or `end` or beyond. */
function findExit(from: usize, end: usize, exits: usize): usize {
  const first = i8x16.splat(load<i8>(exits));
  const second = i8x16.splat(load<i8>(exits, 1));
  const third = i8x16.splat(load<i8>(exits, 2));
  let at = from;
  while (at < end) {
    const bytes = v128.load(at);
    const hits = i8x16.bitmask(
      v128.or(v128.or(i8x16.eq(bytes, first), i8x16.eq(bytes, second)), i8x16.eq(bytes, third)),
    );
    if (hits != 0) return at + ctz(hits);
    at += 16;
  }
  return end;
}
