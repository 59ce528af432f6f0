/**
 * Random expressions of every type over given atoms: fields in the map half of a query, keys and aggregates in the finish
 * half. Deeper ones are built of shallower ones by the productions of each type.
 */

import type { RandomStream } from "../sim/random-stream.js";
import { BOOLEAN_PRODUCTIONS } from "./grammar-booleans.js";
import { NUMBER_PRODUCTIONS } from "./grammar-numbers.js";
import { TEXT_PRODUCTIONS } from "./grammar-texts.js";
import { TIME_PRODUCTIONS } from "./grammar-times.js";
import { both, quoteText, same, type Term, type TermType, termOf } from "./term.js";

/** Makes an expression with parts of at most `depth`; undefined where these parts do not go together. */
export type Production = (grammar: Grammar, depth: number) => Term | undefined;

const PRODUCTIONS: Readonly<Record<TermType, readonly Production[]>> = {
  ...NUMBER_PRODUCTIONS,
  bool: BOOLEAN_PRODUCTIONS,
  string: TEXT_PRODUCTIONS,
  timestamp: TIME_PRODUCTIONS,
};

const TYPES: readonly TermType[] = ["i64", "f64", "bool", "string", "timestamp"];
const INTEGERS = [0, 1, -1, 2, 3, 7, 10, 100, 404, 1000];
const DOUBLES = ["0.5", "1.5", "-2.25", "10.0", "1e3", "0.1"];
const TEXTS = ["", "a", "GET", "it's", "ü", "😀", "/a", "x y", "12", "error", "%", "_"];
const TIMES = ["2024-01-15 00:00:00", "2024-01-31 23:59:59.5", "2024-02-29", "1969-12-31 23:59:59"];

export class Grammar {
  readonly random: RandomStream;
  readonly #atoms: readonly Term[];

  constructor(random: RandomStream, atoms: readonly Term[]) {
    this.random = random;
    this.#atoms = atoms;
  }

  anyType(): TermType {
    return this.random.pick(TYPES);
  }

  expression(type: TermType, depth: number): Term {
    for (let attempt = 0; depth > 0 && attempt < 4; attempt += 1) {
      if (this.random.chance(0.2)) break;
      const term = this.random.pick(PRODUCTIONS[type])(this, depth - 1);
      if (term !== undefined) return term;
    }
    return this.leaf(type);
  }

  /** An expression whose bits both engines agree on, for what decides: conditions, keys, orders. */
  exact(type: TermType, depth: number): Term {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const term = this.expression(type, depth);
      if (term.isExact) return term;
    }
    return this.constant(type);
  }

  /** An atom where there is one, sometimes a constant. */
  leaf(type: TermType): Term {
    const atoms = this.#atoms.filter((atom) => atom.type === type);
    return atoms.length > 0 && this.random.chance(0.85) ? this.random.pick(atoms) : this.constant(type);
  }

  anyAtom(): Term {
    return this.random.pick(this.#atoms);
  }

  /** An atom of this type; undefined without one. */
  atom(type: TermType): Term | undefined {
    const atoms = this.#atoms.filter((atom) => atom.type === type);
    return atoms.length > 0 ? this.random.pick(atoms) : undefined;
  }

  /**
   * An expression that differs from row to row. A cast is refused where a constant does not convert, and only then is it an
   * error: NULL for a field.
   */
  varying(type: TermType, depth: number): Term | undefined {
    const atom = this.atom(type);
    if (atom === undefined || !atom.isExact || depth === 0 || this.random.chance(0.5))
      return atom?.isExact ? atom : undefined;
    const parts = both`coalesce(${atom}, ${this.exact(type, depth - 1)})`;
    return termOf(type, parts, [atom]);
  }

  constant(type: TermType): Term {
    switch (type) {
      case "i64": {
        const value = this.random.pick(INTEGERS);
        const ours = value < 0 ? `(${value})` : String(value);
        return termOf(type, [ours, `(${value}::BIGINT)`], [], { bound: Math.abs(value) });
      }
      case "f64": {
        const text = this.random.pick(DOUBLES);
        return termOf(type, [`(${text})`, `(${text}::DOUBLE)`], []);
      }
      case "bool":
        return termOf(type, same(this.random.pick(["true", "false"])), []);
      case "string":
        return termOf(type, same(quoteText(this.random.pick(TEXTS))), []);
      case "timestamp":
        return termOf(type, same(`TIMESTAMP '${this.random.pick(TIMES)}'`), []);
    }
  }
}
