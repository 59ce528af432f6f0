/**
 * Finds the groups of a match as `simulate` does, with what it would do at each byte worked out once: a state is the list of
 * its threads in the order of preference, and a step says which threads come of which, and which marks they set. States
 * and steps are made when a text first needs them, so that a pattern costs as many as its texts do.
 */

import { isWordByte } from "./code-sets.js";
import type { PatternProgram } from "./pattern-program.js";
import { holdsAt, type MatchMarks, type Surroundings } from "./simulate.js";

/** States that are kept; then all are forgotten and made anew. */
const MAX_STATES = 1000;
/** The number behind those of bytes. */
const END = 256;
const A_WORD_BYTE = 0x61;
const NO_WORD_BYTE = 0x20;

interface State {
  /** Places in the program, of which the first is preferred. */
  readonly threads: readonly number[];
  /** Whether there is a match already: no more threads begin. */
  readonly isFound: boolean;
  /** A byte that stands for the one before; undefined at the start of the text. */
  readonly before: number | undefined;
  /** By byte, and {@link END}. */
  readonly steps: (Step | undefined)[];
}

/** Whose marks a thread has, by its number among the state's, and which of them are set to where the text is read. */
interface Descent {
  /** The number behind those of the state's threads is a new one's, without marks. */
  readonly source: number;
  readonly slots: readonly number[];
}

interface Step {
  readonly next: State;
  readonly descents: readonly Descent[];
  /** Of the match that is completed here. */
  readonly match: Descent | undefined;
  /** Every thread stays as it is. */
  readonly isStill: boolean;
}

interface Thread extends Descent {
  readonly at: number;
}

export class GroupMatcher {
  readonly #program: PatternProgram;
  readonly #states = new Map<string, State>();
  /** Marks of the threads, those of one behind those of the other. */
  #marks: Int32Array;
  #nextMarks: Int32Array;
  readonly #found: Int32Array;

  constructor(program: PatternProgram) {
    this.#program = program;
    this.#found = new Int32Array(program.slots);
    this.#marks = new Int32Array(0);
    this.#nextMarks = this.#marks;
  }

  /** The marks of the leftmost match in the first `length` bytes, or undefined; good until the next call. */
  find(text: Uint8Array, length = text.length): MatchMarks | undefined {
    let state = this.#stateOf([], false, undefined);
    for (let place = 0; place <= length; place += 1) {
      const byte = place < length ? (text[place] ?? END) : END;
      const step = state.steps[byte] ?? this.#addStep(state, byte);
      if (!step.isStill) this.#follow(step, state.threads.length, place);
      state = step.next;
      if (state.isFound && state.threads.length === 0) break;
    }
    return state.isFound ? Array.from(this.#found) : undefined;
  }

  #follow({ descents, match }: Step, fresh: number, place: number): void {
    const { slots } = this.#program;
    if (match !== undefined) this.#descend(match, fresh, place, this.#found, 0);
    if (this.#nextMarks.length < descents.length * slots) {
      this.#nextMarks = new Int32Array(2 * descents.length * slots);
    }
    for (let thread = 0; thread < descents.length; thread += 1) {
      const descent = descents[thread];
      if (descent !== undefined) this.#descend(descent, fresh, place, this.#nextMarks, thread * slots);
    }
    [this.#marks, this.#nextMarks] = [this.#nextMarks, this.#marks];
  }

  #descend({ source, slots }: Descent, fresh: number, place: number, target: Int32Array, at: number): void {
    const count = this.#program.slots;
    const from = source * count;
    for (let slot = 0; slot < count; slot += 1) {
      target[at + slot] = source === fresh ? -1 : (this.#marks[from + slot] ?? -1);
    }
    for (const slot of slots) target[at + slot] = place;
  }

  #addStep(state: State, byte: number): Step {
    const after = byte === END ? undefined : byte;
    const active = this.#closure(state, { before: state.before, after });
    const next: Thread[] = [];
    let match: Descent | undefined;
    for (const thread of active) {
      const instruction = this.#program.instructions[thread.at];
      if (instruction?.kind === "match") {
        match = thread;
        break;
      }
      if (instruction?.kind !== "byte" || after === undefined) continue;
      const [first, last] = instruction.range;
      if (after >= first && after <= last) next.push({ ...thread, at: instruction.next });
    }
    const before = after !== undefined && isWordByte(after) ? A_WORD_BYTE : NO_WORD_BYTE;
    const step: Step = {
      next: this.#stateOf(
        next.map(({ at }) => at),
        state.isFound || match !== undefined,
        before,
      ),
      descents: next,
      match,
      isStill: match === undefined && next.every(({ source, slots }, index) => source === index && slots.length === 0),
    };
    state.steps[byte] = step;
    return step;
  }

  /** Threads that read a byte or match, in the order of preference, each instruction once. */
  #closure({ threads, isFound }: State, around: Surroundings): readonly Thread[] {
    const { instructions, start } = this.#program;
    const seen = new Set<number>();
    const active: Thread[] = [];
    const entered: Thread[] = threads.map((at, source) => ({ at, source, slots: [] }));
    if (!isFound) entered.push({ at: start, source: threads.length, slots: [] });
    const pending = entered.reverse();
    while (pending.length > 0) {
      const thread = pending.pop();
      if (thread === undefined || seen.has(thread.at)) continue;
      seen.add(thread.at);
      const instruction = instructions[thread.at];
      if (instruction === undefined) continue;
      if (instruction.kind === "fork") {
        for (const at of instruction.targets.toReversed()) pending.push({ ...thread, at });
      } else if (instruction.kind === "mark") {
        pending.push({ ...thread, at: instruction.next, slots: [...thread.slots, instruction.slot] });
      } else if (instruction.kind === "assert") {
        if (holdsAt(instruction.assertion, around)) pending.push({ ...thread, at: instruction.next });
      } else {
        active.push(thread);
      }
    }
    return active;
  }

  #stateOf(threads: readonly number[], isFound: boolean, before: number | undefined): State {
    const name = `${threads.join(" ")},${isFound},${before}`;
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    if (this.#states.size >= MAX_STATES) this.#states.clear();
    const state: State = { threads, isFound, before, steps: [] };
    this.#states.set(name, state);
    return state;
  }
}
