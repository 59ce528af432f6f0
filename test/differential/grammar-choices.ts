/** What chooses between values of one type: CASE, coalesce, nullif, greatest and least. */

import type { Production } from "./grammar.js";
import { both, type Term, type TermType, termOf } from "./term.js";

const widest = (terms: readonly Term[]): number => Math.max(...terms.map(({ bound }) => bound));

export const choices = (type: TermType): readonly Production[] => [
  (grammar, depth) => {
    const condition = grammar.exact("bool", depth);
    const [first, second] = [grammar.expression(type, depth), grammar.expression(type, depth)];
    const bound = widest([first, second]);
    return termOf(type, both`CASE WHEN ${condition} THEN ${first} ELSE ${second} END`, [first, second], { bound });
  },
  (grammar, depth) => {
    const subject = grammar.exact(grammar.random.pick(["i64", "string"]), depth);
    const [one, other] = [grammar.constant(subject.type), grammar.constant(subject.type)];
    const [first, second] = [grammar.expression(type, depth), grammar.expression(type, depth)];
    const parts = both`CASE ${subject} WHEN ${one} THEN ${first} WHEN ${other} THEN ${second} END`;
    return termOf(type, parts, [first, second], { bound: widest([first, second]) });
  },
  (grammar, depth) => {
    const terms = [grammar.expression(type, depth), grammar.expression(type, 0)];
    const [first, second] = terms as [Term, Term];
    const name = grammar.random.pick(type === "bool" ? ["coalesce"] : ["coalesce", "greatest", "least"]);
    // DuckDB's literals are narrower types, and greatest() of text and NULL is text: the same as here.
    return termOf(type, both`${name}(${first}, ${second})`, terms, { bound: widest(terms) });
  },
  (grammar, depth) => {
    const [first, second] = [grammar.exact(type, depth), grammar.exact(type, 0)];
    return termOf(type, both`nullif(${first}, ${second})`, [first], { bound: first.bound });
  },
];
