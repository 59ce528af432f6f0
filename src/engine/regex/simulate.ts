/**
 * Runs a program over bytes by following all its threads together (the machine of Pike): the leftmost match, the one that
 * earlier alternatives and greedy repetitions prefer. It is what the table of states and the matcher are held against.
 */

import { isWordByte } from "./code-sets.js";
import type { AssertionKind } from "./pattern.js";
import type { PatternProgram } from "./pattern-program.js";

/** Bytes from the one up to the other continue a code point. */
export const FIRST_CONTINUATION_BYTE = 0x80;
export const FIRST_LEADING_BYTE = 0xc0;

/** What stands beside a place in the text; undefined beyond its ends. */
export interface Surroundings {
  readonly before: number | undefined;
  readonly after: number | undefined;
}

const isContinuation = (byte: number): boolean => byte >= FIRST_CONTINUATION_BYTE && byte < FIRST_LEADING_BYTE;

export function holdsAt(assertion: AssertionKind, { before, after }: Surroundings): boolean {
  if (assertion === "text-start") return before === undefined;
  if (assertion === "text-end") return after === undefined;
  // Between the bytes of one code point there is no place in the text.
  if (after !== undefined && isContinuation(after)) return false;
  const isBorder = (before !== undefined && isWordByte(before)) !== (after !== undefined && isWordByte(after));
  return isBorder === (assertion === "word-border");
}

/** Beginnings and ends of the whole match and of each group, -1 where it took no part. */
export type MatchMarks = readonly number[];

interface Thread {
  readonly at: number;
  readonly marks: MatchMarks;
}

/** The marks of the leftmost match, or undefined. */
export function findMatch(program: PatternProgram, text: Uint8Array): MatchMarks | undefined {
  let threads: readonly Thread[] = [];
  let found: MatchMarks | undefined;
  const noMarks = Array.from({ length: program.slots }, () => -1);
  for (let place = 0; place <= text.length; place += 1) {
    const around = { before: text[place - 1], after: text[place] };
    const entered = found === undefined ? [...threads, { at: program.start, marks: noMarks }] : threads;
    if (entered.length === 0) break;
    const active = closure(program, entered, place, around);
    const next: Thread[] = [];
    for (const { at, marks } of active) {
      const instruction = program.instructions[at];
      if (instruction?.kind === "match") {
        found = marks;
        break;
      }
      if (instruction?.kind !== "byte" || around.after === undefined) continue;
      const [first, last] = instruction.range;
      if (around.after >= first && around.after <= last) next.push({ at: instruction.next, marks });
    }
    threads = next;
  }
  return found;
}

/** Threads that read a byte or match, in the order of preference, each instruction once. */
function closure(
  program: PatternProgram,
  threads: readonly Thread[],
  place: number,
  around: Surroundings,
): readonly Thread[] {
  const seen = new Set<number>();
  const active: Thread[] = [];
  const pending = [...threads].reverse();
  while (pending.length > 0) {
    const thread = pending.pop();
    if (thread === undefined || seen.has(thread.at)) continue;
    seen.add(thread.at);
    const instruction = program.instructions[thread.at];
    if (instruction === undefined) continue;
    if (instruction.kind === "fork") {
      for (const target of instruction.targets.toReversed()) pending.push({ at: target, marks: thread.marks });
    } else if (instruction.kind === "mark") {
      pending.push({ at: instruction.next, marks: thread.marks.with(instruction.slot, place) });
    } else if (instruction.kind === "assert") {
      if (holdsAt(instruction.assertion, around)) pending.push({ at: instruction.next, marks: thread.marks });
    } else {
      active.push(thread);
    }
  }
  return active;
}
