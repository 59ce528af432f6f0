/**
 * Regular expressions as a table of states (made by `regex/automaton.ts` of the engine): one lookup a byte. Two things let
 * most bytes go by sixteen at a time: a literal that every match holds is searched for first, and a state that only few
 * bytes leave is left at the next of them.
 */

import { findBytes } from "./strings";
import { i64At, isNull, setBool, setNull, spanAddress, spanLength, Vector } from "./vector";

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
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(text, row);
    const span = u64(i64At(text, row));
    setBool(out, row, missing != 0 ? 0 : u32(hasMatch(spanAddress(span), spanLength(span), automaton)));
    setNull(out, row, missing);
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
