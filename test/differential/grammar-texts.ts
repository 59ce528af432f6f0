/** Expressions that are text. Places in it count code points, and case is that of a to z. */

import type { Production } from "./grammar.js";
import { LETTERS } from "./grammar-booleans.js";
import { choices } from "./grammar-choices.js";
import { randomPattern } from "./pattern-grammar.js";
import { both, quoteText, type Term, termOf } from "./term.js";

/** A function of a text with constants behind it. */
const withConstants = (name: string, ...lists: readonly string[]): Production => {
  return (grammar, depth) => {
    const text = grammar.exact("string", depth);
    return termOf("string", both`${name}(${text}${grammar.random.pick(lists)})`, []);
  };
};

const joined: Production = (grammar, depth) => {
  const [first, second] = [grammar.exact("string", depth), grammar.exact("string", depth)];
  return termOf(
    "string",
    grammar.random.chance(0.7) ? both`(${first} || ${second})` : both`concat(${first}, '-', ${second})`,
    [],
  );
};

const lowered: Production = (grammar, depth) => {
  const text = grammar.exact("string", depth);
  const [upper, lower] = LETTERS;
  return grammar.random.chance(0.5)
    ? termOf("string", [`lower(${text.ours})`, `translate(${text.theirs}, ${upper}, ${lower})`], [])
    : termOf("string", [`upper(${text.ours})`, `translate(${text.theirs}, ${lower}, ${upper})`], []);
};

const extracted: Production = (grammar, depth) => {
  const text = grammar.exact("string", depth);
  const pattern = randomPattern(grammar.random);
  const isGrouped = grammar.random.chance(0.5);
  const written = quoteText(isGrouped ? `(${pattern})` : pattern);
  return termOf("string", both`regexp_extract(${text}, ${written}${isGrouped ? ", 1" : ""})`, []);
};

const castToText: Production = (grammar, depth) => {
  const value = grammar.exact(grammar.random.pick(["i64", "f64", "bool", "timestamp"]), depth);
  const [ours, theirs] = grammar.random.chance(0.5) ? both`CAST(${value} AS text)` : both`${value}::varchar`;
  // Of 0 and -0 there is one here.
  return termOf("string", [ours, value.type === "f64" ? `((${value.theirs}) + 0.0)::VARCHAR` : theirs], []);
};

const TIME_FORMATS = ["%Y-%m-%d", "%H:%M:%S", "%d %b %Y", "%A %B", "%j %I %p", "%y%%", "%f", "%a %w"];

const formatted: Production = (grammar, depth) => {
  const time = grammar.exact("timestamp", depth);
  return termOf("string", both`strftime(${time}, ${quoteText(grammar.random.pick(TIME_FORMATS))})`, []);
};

const statusClass: Production = (grammar, depth) => {
  const status = grammar.exact("i64", depth);
  const { theirs } = status;
  return termOf(
    "string",
    [
      `status_class(${status.ours})`,
      `CASE WHEN ${theirs} BETWEEN 100 AND 599 THEN (${theirs} // 100)::VARCHAR || 'xx' END`,
    ],
    [],
  );
};

const numberText: Production = (grammar, depth) => {
  const value = grammar.exact("i64", depth);
  return termOf("string", both`('#' || ${value})`, []);
};

const sliced: Production = (grammar, depth) => {
  const [text, count] = [grammar.exact("string", depth), grammar.exact("i64", 0)] as [Term, Term];
  if (count.bound > 1e6) return undefined;
  const name = grammar.random.pick(["left", "right"]);
  return termOf("string", both`${name}(${text}, ${count})`, []);
};

export const TEXT_PRODUCTIONS: readonly Production[] = [
  joined,
  lowered,
  extracted,
  castToText,
  formatted,
  statusClass,
  numberText,
  sliced,
  withConstants("substring", ", 1, 3", ", 2", ", -3", ", 0, 2", ", 3, 100", ", -1, 1", ", 2, -1", ", 1, 0"),
  withConstants("trim", "", ", 'a/'", ", ' '"),
  withConstants("ltrim", "", ", '/'"),
  withConstants("rtrim", "", ", 'l'"),
  withConstants("replace", ", 'a', 'xyz'", ", '/', ''", ", '', 'x'", ", 'ü', '$&'"),
  withConstants("split_part", ", '/', 2", ", '/', -1", ", ' ', 1", ", '?', 9", ", '', 1"),
  withConstants("reverse", ""),
  ...choices("string"),
];
