/** Conditions, with everything that NULL does to them. */

import type { Grammar, Production } from "./grammar.js";
import { choices } from "./grammar-choices.js";
import { randomPattern } from "./pattern-grammar.js";
import { both, quoteText, same, type Term, type TermParts, termOf } from "./term.js";

const COMPARISONS = ["=", "<>", "!=", "<", "<=", ">", ">="];
const LIKES = ["%", "", "_%", "%a%", "/%", "%.html", "%_b%", "GET", "%\\%%", "%ü%", "__", "%a%b%", "m%", "%'%"];

const comparison: Production = (grammar, depth) => {
  const type = grammar.anyType();
  const [left, right] = [grammar.exact(type, depth), grammar.exact(type, depth)];
  return termOf("bool", both`(${left} ${grammar.random.pick(COMPARISONS)} ${right})`, []);
};

/** Numbers of both kinds meet as doubles. */
const mixedComparison: Production = (grammar, depth) => {
  const [left, right] = [grammar.exact("i64", depth), grammar.exact("f64", depth)];
  const operator = grammar.random.pick(COMPARISONS);
  return termOf(
    "bool",
    grammar.random.chance(0.5) ? both`(${left} ${operator} ${right})` : both`(${right} ${operator} ${left})`,
    [],
  );
};

/** A constant in quotes takes the type of what it meets. */
const quotedComparison: Production = (grammar) => {
  const [type, constant] = grammar.random.pick([
    ["i64", "'404'"],
    ["i64", "'-1'"],
    ["f64", "'0.5'"],
    ["timestamp", "'2024-01-15'"],
    ["timestamp", "'2024-01-31T12:00:00Z'"],
  ] as const);
  const atom = grammar.atom(type);
  if (atom === undefined || !atom.isExact) return undefined;
  return termOf("bool", both`(${atom} ${grammar.random.pick(COMPARISONS)} ${constant})`, []);
};

const among: Production = (grammar, depth) => {
  const type = grammar.anyType();
  const subject = grammar.exact(type, depth);
  const candidates = Array.from({ length: grammar.random.integer(1, 4) }, () =>
    grammar.exact(type, grammar.random.chance(0.7) ? 0 : depth),
  );
  const withNull = grammar.random.chance(0.2) ? ", NULL" : "";
  const list: TermParts = [
    candidates.map(({ ours }) => ours).join(", "),
    candidates.map(({ theirs }) => theirs).join(", "),
  ];
  const not = grammar.random.chance(0.4) ? " NOT" : "";
  const [ours, theirs] = [
    `(${subject.ours}${not} IN (${list[0]}${withNull}))`,
    `(${subject.theirs}${not} IN (${list[1]}${withNull}))`,
  ];
  return termOf("bool", [ours, theirs], []);
};

const between: Production = (grammar, depth) => {
  const type = grammar.anyType();
  const [subject, low, high] = [grammar.exact(type, depth), grammar.exact(type, 0), grammar.exact(type, 0)] as [
    Term,
    Term,
    Term,
  ];
  const not = grammar.random.chance(0.3) ? " NOT" : "";
  return termOf("bool", both`(${subject}${not} BETWEEN ${low} AND ${high})`, []);
};

/** Three operands in a row, with and without parentheses. */
const connective: Production = (grammar, depth) => {
  const [first, second, third] = [
    grammar.exact("bool", depth),
    grammar.exact("bool", depth),
    grammar.exact("bool", 0),
  ] as [Term, Term, Term];
  const words = [grammar.random.pick(["AND", "OR"]), grammar.random.pick(["AND", "OR"])] as const;
  const not = grammar.random.chance(0.3) ? "NOT " : "";
  return termOf("bool", both`(${not}${first} ${words[0]} ${second} ${words[1]} ${third})`, []);
};

const nullness: Production = (grammar, depth) => {
  const operand = grammar.expression(grammar.anyType(), depth);
  return termOf("bool", both`(${operand} IS ${grammar.random.pick(["NULL", "NOT NULL"])})`, []);
};

const truth: Production = (grammar, depth) => {
  const operand = grammar.exact("bool", depth);
  const word = grammar.random.pick(["TRUE", "FALSE", "NOT TRUE", "NOT FALSE"]);
  return termOf("bool", both`(${operand} IS ${word})`, []);
};

const like: Production = (grammar, depth) => {
  const text = grammar.exact("string", depth);
  const pattern = quoteText(grammar.random.pick(LIKES));
  const not = grammar.random.chance(0.3) ? " NOT" : "";
  return termOf("bool", both`(${text}${not} LIKE ${pattern})`, []);
};

/** ILIKE folds a to z alone, which DuckDB is told by `translate`. */
export const LETTERS = ["'ABCDEFGHIJKLMNOPQRSTUVWXYZ'", "'abcdefghijklmnopqrstuvwxyz'"] as const;

const ilike: Production = (grammar, depth) => {
  const text = grammar.exact("string", depth);
  const pattern = grammar.random.pick(LIKES.filter((entry) => !entry.includes("ü"))).toUpperCase();
  const theirs = `(translate(${text.theirs}, ${LETTERS.join(", ")}) LIKE ${quoteText(pattern.toLowerCase())})`;
  return termOf("bool", [`(${text.ours} ILIKE ${quoteText(pattern)})`, theirs], []);
};

const matches: Production = (grammar, depth) => {
  const text = grammar.exact("string", depth);
  const pattern = quoteText(randomPattern(grammar.random));
  const theirs = `regexp_matches(${text.theirs}, ${pattern})`;
  const [ours, expected] = grammar.random.pick<TermParts>([
    [`(${text.ours} ~ ${pattern})`, theirs],
    [`(${text.ours} !~ ${pattern})`, `(NOT ${theirs})`],
    [`regexp_matches(${text.ours}, ${pattern})`, theirs],
  ]);
  return termOf("bool", [ours, expected], []);
};

const textTest: Production = (grammar, depth) => {
  const [text, part] = [grammar.exact("string", depth), grammar.exact("string", 0)];
  const name = grammar.random.pick(["contains", "starts_with", "ends_with"]);
  return termOf("bool", both`${name}(${text}, ${part})`, []);
};

const distance: Production = (grammar, depth) => {
  const [first, second] = [grammar.exact("timestamp", depth), grammar.exact("timestamp", 0)];
  const interval = grammar.random.pick(["INTERVAL '1 hour'", "INTERVAL '2 days'", "INTERVAL '90 minutes'"]);
  return termOf("bool", both`(${first} - ${second} > ${interval})`, []);
};

const textAsTruth: Production = (grammar, depth) => {
  const value = grammar.varying(grammar.random.pick(["i64", "string"]), depth);
  if (value === undefined) return undefined;
  return termOf("bool", [`CAST(${value.ours} AS boolean)`, `TRY_CAST(${value.theirs} AS BOOLEAN)`], []);
};

const negation: Production = (grammar: Grammar, depth: number) => {
  const operand = grammar.exact("bool", depth);
  return termOf("bool", both`(NOT ${operand})`, []);
};

const unknown: Production = () => termOf("bool", same("(NULL = 1)"), []);

export const BOOLEAN_PRODUCTIONS: readonly Production[] = [
  comparison,
  comparison,
  mixedComparison,
  quotedComparison,
  among,
  between,
  connective,
  connective,
  nullness,
  truth,
  like,
  ilike,
  matches,
  textTest,
  distance,
  textAsTruth,
  negation,
  unknown,
  ...choices("bool"),
];
