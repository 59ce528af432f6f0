/**
 * A program as a table of states, for the question whether a text has a match anywhere: subsets of the program's threads,
 * with what has to be known of the byte before. The table is made whole, so that the kernel only looks up; where it would
 * have too many states there is none, and the program is simulated.
 */

import { isWordByte } from "./code-sets.js";
import type { PatternProgram } from "./pattern-program.js";
import { FIRST_CONTINUATION_BYTE, FIRST_LEADING_BYTE, holdsAt } from "./simulate.js";

/** No match can follow any more; a match was found. */
export const DEAD_STATE = 0;
export const FOUND_STATE = 1;

const MAX_STATES = 1024;
/** Steps of threads that making a table may take: some tens of milliseconds. */
const MAX_WORK = 200_000;
const BYTES = 256;
const A_WORD_BYTE = 0x61;
const NO_WORD_BYTE = 0x00;

export interface Automaton {
  /** Class of each byte. */
  readonly classes: Uint8Array;
  readonly classCount: number;
  /** Next state by state × classCount + class. */
  readonly transitions: Uint16Array;
  readonly start: number;
  /** 1 for states in which the end of the text completes a match. */
  readonly matchesAtEnd: Uint8Array;
}

interface State {
  /** Program places that are entered, before what they assert is looked at. */
  readonly entered: readonly number[];
  /** A byte that stands for the one before; undefined at the start of the text. */
  readonly before: number | undefined;
}

/** Undefined where the table would be too large. */
export function buildAutomaton(program: PatternProgram): Automaton | undefined {
  return new AutomatonBuilder(program).build();
}

class AutomatonBuilder {
  readonly #program: PatternProgram;
  readonly #hasBorders: boolean;
  readonly #isAnchored: boolean;
  readonly #states: State[] = [];
  readonly #numbers = new Map<string, number>();
  #work = 0;

  constructor(program: PatternProgram) {
    this.#program = program;
    const assertions = program.instructions.flatMap((entry) => (entry.kind === "assert" ? [entry.assertion] : []));
    this.#hasBorders = assertions.some((assertion) => assertion.endsWith("border"));
    this.#isAnchored = assertions.includes("text-start");
  }

  build(): Automaton | undefined {
    const { classes, samples } = this.#byteClasses();
    // The dead and the found state lead to themselves.
    const rows: number[][] = [samples.map(() => DEAD_STATE), samples.map(() => FOUND_STATE)];
    this.#states.push({ entered: [], before: undefined }, { entered: [], before: undefined });
    const start = this.#numberOf({ entered: [this.#program.start], before: undefined });
    const matchesAtEnd = [0, 1];
    for (let number = start; number < this.#states.length; number += 1) {
      const state = this.#states[number];
      if (state === undefined || this.#states.length > MAX_STATES || this.#work > MAX_WORK) return undefined;
      rows[number] = samples.map((byte) => this.#next(state, byte));
      matchesAtEnd[number] = this.#places(state, undefined) === "found" ? 1 : 0;
    }
    const transitions = Uint16Array.from(rows.flat());
    return { classes, classCount: samples.length, transitions, start, matchesAtEnd: Uint8Array.from(matchesAtEnd) };
  }

  #next(state: State, byte: number): number {
    const places = this.#places(state, byte);
    if (places === "found") return FOUND_STATE;
    const entered = new Set<number>();
    for (const place of places) {
      const instruction = this.#program.instructions[place];
      if (instruction?.kind !== "byte") continue;
      const [first, last] = instruction.range;
      if (byte >= first && byte <= last) entered.add(instruction.next);
    }
    // A match may begin anywhere.
    entered.add(this.#program.start);
    const before = this.#hasBorders && isWordByte(byte) ? A_WORD_BYTE : NO_WORD_BYTE;
    return this.#numberOf({ entered: [...entered].sort((left, right) => left - right), before });
  }

  /** Places that read a byte, from those entered on; `found` as soon as one of them is the match. */
  #places(state: State, after: number | undefined): readonly number[] | "found" {
    const seen = new Set<number>();
    const reading: number[] = [];
    const pending = [...state.entered];
    while (pending.length > 0) {
      const place = pending.pop();
      if (place === undefined || seen.has(place)) continue;
      seen.add(place);
      this.#work += 1;
      const instruction = this.#program.instructions[place];
      if (instruction?.kind === "match") return "found";
      if (instruction?.kind === "fork") pending.push(...instruction.targets);
      else if (instruction?.kind === "mark") pending.push(instruction.next);
      else if (instruction?.kind === "byte") reading.push(place);
      else if (instruction?.kind === "assert" && holdsAt(instruction.assertion, { before: state.before, after })) {
        pending.push(instruction.next);
      }
    }
    return reading;
  }

  #numberOf(state: State): number {
    const key = `${state.before ?? "start"} ${state.entered.join(" ")}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    // Behind the start of the text, a pattern that must begin there has no threads but those under way.
    const number = this.#isHopeless(state) ? DEAD_STATE : this.#states.length;
    if (number !== DEAD_STATE) this.#states.push(state);
    this.#numbers.set(key, number);
    return number;
  }

  /** Whether no byte and no end can get a match out of a state: all its threads wait for the start of the text. */
  #isHopeless(state: State): boolean {
    if (!this.#isAnchored || state.before === undefined) return false;
    if (this.#hasBorders) return false;
    const places = this.#places(state, undefined);
    const others = this.#places(state, NO_WORD_BYTE);
    return places !== "found" && others !== "found" && places.length === 0 && others.length === 0;
  }

  /** Bytes that no instruction tells apart are one class; one of each class stands for it. */
  #byteClasses(): { readonly classes: Uint8Array; readonly samples: readonly number[] } {
    const borders = new Set<number>([0]);
    for (const instruction of this.#program.instructions) {
      if (instruction.kind !== "byte") continue;
      borders.add(instruction.range[0]);
      borders.add(instruction.range[1] + 1);
    }
    for (let byte = 1; this.#hasBorders && byte < BYTES; byte += 1) {
      if (isWordByte(byte) !== isWordByte(byte - 1)) borders.add(byte);
    }
    if (this.#hasBorders) borders.add(FIRST_CONTINUATION_BYTE).add(FIRST_LEADING_BYTE);
    const classes = new Uint8Array(BYTES);
    const samples: number[] = [];
    for (let byte = 0; byte < BYTES; byte += 1) {
      if (borders.has(byte)) samples.push(byte);
      classes[byte] = samples.length - 1;
    }
    return { classes, samples };
  }
}
