/**
 * SQL → plan. The stages, a file or two each: text → tokens → syntax (`parse-*`) → bound, typed, canonical expressions
 * (`bind-*`, `canonical`) → the two halves of the plan: what is computed for every row, here made the same for all ways of
 * asking the same, and what is done once with the groups.
 *
 * The parser is our own because a general one gave neither the places of names nor a bound on its time.
 */

import type { QueryPlan } from "../plan.js";
import { bindSelect } from "./bind-select.js";
import type { CompileOptions } from "./compile-options.js";
import { parseSelect } from "./parse-select.js";

/** The plan of a query. Throws a QueryError for what is wrong or not supported. */
export const compileQuery = (sql: string, options: CompileOptions): QueryPlan =>
  bindSelect(sql, parseSelect(sql), options);

/**
 * The quoted text of FROM, null for `logs` and for none: known before the fields are, because it says which files they are
 * the fields of. Throws a QueryError for what does not parse.
 */
export const sourceOfQuery = (sql: string): string | null => parseSelect(sql).from;
