/** A pattern as a program over bytes: the automaton of Thompson, with marks for groups and assertions. */

import type { AssertionKind, PatternNode } from "./pattern.js";
import { PatternError } from "./pattern.js";
import { type ByteRange, utf8Sequences } from "./utf8-ranges.js";

/** Targets are indexes into the program. */
export type Instruction =
  | { readonly kind: "byte"; readonly range: ByteRange; next: number }
  /** The first target is preferred. */
  | { readonly kind: "fork"; readonly targets: number[] }
  | { readonly kind: "assert"; readonly assertion: AssertionKind; next: number }
  /** Notes the place as the beginning (even) or end (odd) of a group. */
  | { readonly kind: "mark"; readonly slot: number; next: number }
  | { readonly kind: "match" };

export interface PatternProgram {
  readonly instructions: readonly Instruction[];
  readonly start: number;
  /** Marks: two for the whole match and for each group. */
  readonly slots: number;
}

const MAX_INSTRUCTIONS = 20_000;

/** Throws a {@link PatternError} for a pattern whose repetitions make the program too long. */
export function compileProgram(node: PatternNode, groups: number): PatternProgram {
  const builder = new ProgramBuilder();
  const match = builder.add({ kind: "match" });
  const start = builder.emit({ kind: "group", node, index: 0 }, match);
  return { instructions: builder.instructions, start, slots: 2 * (groups + 1) };
}

/** Emits from the end to the beginning: what follows a node is known when it is emitted. */
class ProgramBuilder {
  readonly instructions: Instruction[] = [];

  add(instruction: Instruction): number {
    if (this.instructions.length >= MAX_INSTRUCTIONS) {
      throw new PatternError(0, "the pattern is too large; repeat less");
    }
    this.instructions.push(instruction);
    return this.instructions.length - 1;
  }

  /** Returns where the node begins; it goes on at `next`. */
  emit(node: PatternNode, next: number): number {
    switch (node.kind) {
      case "empty":
        return next;
      case "set":
        return this.#fork(
          node.ranges
            .flatMap(utf8Sequences)
            .map((sequence) =>
              sequence.reduceRight((target, range) => this.add({ kind: "byte", range, next: target }), next),
            ),
        );
      case "sequence":
        return node.parts.reduceRight((target, part) => this.emit(part, target), next);
      case "choice":
        return this.#fork(node.options.map((option) => this.emit(option, next)));
      case "group": {
        const end = this.add({ kind: "mark", slot: 2 * node.index + 1, next });
        return this.add({ kind: "mark", slot: 2 * node.index, next: this.emit(node.node, end) });
      }
      case "assertion":
        return this.add({ kind: "assert", assertion: node.assertion, next });
      case "repeat":
        return this.#repeat(node, next);
    }
  }

  #repeat(repeat: Extract<PatternNode, { kind: "repeat" }>, next: number): number {
    const { node, least, most, isLazy } = repeat;
    const ordered = (more: number, done: number): number[] => (isLazy ? [done, more] : [more, done]);
    let target = next;
    if (most === null) {
      const targets: number[] = [];
      const loop = this.add({ kind: "fork", targets });
      targets.push(...ordered(this.emit(node, loop), next));
      // What must come at least once and may come again needs no second copy: the loop is entered at its body.
      if (least === 1) return targets[isLazy ? 1 : 0] ?? loop;
      target = loop;
    } else {
      for (let optional = least; optional < most; optional += 1) {
        target = this.add({ kind: "fork", targets: ordered(this.emit(node, target), next) });
      }
    }
    const required = most === null ? Math.max(least, 0) : least;
    for (let copy = 0; copy < required; copy += 1) target = this.emit(node, target);
    return target;
  }

  #fork(targets: readonly number[]): number {
    const [only] = targets;
    return targets.length === 1 && only !== undefined ? only : this.add({ kind: "fork", targets: [...targets] });
  }
}
