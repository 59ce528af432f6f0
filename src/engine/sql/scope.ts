/** What names mean at one place of a query, and what is gathered while its expressions are bound. */

import type { AggregateCall, ValueType } from "../plan.js";
import type { SyntaxItem } from "./syntax.js";

export interface FieldName {
  readonly name: string;
  readonly type: ValueType;
}

export interface Scope {
  /** How messages name the place: `WHERE`, `GROUP BY`, … */
  readonly clause: string;
  /** Whether an aggregate may stand here. */
  readonly aggregates: boolean;
  /** Whether a name is looked for among the aliases first, among them last, or not at all. */
  readonly aliases: "first" | "last" | "none";
}

/** Everything the binder knows of one query. */
export interface BindingContext {
  readonly sql: string;
  /** What `now()` is, in milliseconds since 1970 UTC. */
  readonly nowMs: number;
  /** By name in lower case. */
  readonly fields: ReadonlyMap<string, FieldName>;
  /** Names that may stand before a column, in lower case. */
  readonly qualifiers: ReadonlySet<string>;
  /** Selected expressions by alias in lower case, the first of equal ones. */
  readonly aliases: ReadonlyMap<string, SyntaxItem>;
  /** Aggregates in the order they were met; equal ones once. An aggregate expression is an index into it. */
  readonly aggregates: AggregateCall[];
}
