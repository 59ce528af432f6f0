/**
 * The contract of aggregates of no fixed size. For each group they list *details*: rows of a side table, keyed by the
 * group's key and one key more, with accumulators of fixed size or none. So they are hashed, merged and sealed as groups
 * are, and their partials have one form whatever the order; the final value is computed from a group's details alone.
 */

import type { Value } from "../../../job/result.js";
import type { ValueType } from "../../plan.js";
import type { Aggregate } from "./aggregate.js";

export type DetailName = "values" | "counts" | "bins" | "registers" | "parts" | "moments" | "firsts" | "lasts";

/** What the rows of a side table are. Aggregates that list the same details of the same argument share them. */
export interface DetailKind {
  readonly name: DetailName;
  readonly accumulator: Aggregate | null;
  /** Type of the further key, given that of the argument. */
  keyType(argument: ValueType): ValueType;
}

/** The details of one group: by value ascending, but for text, which comes in no stated order. */
export interface Details {
  readonly count: number;
  /** The further key at `index`. */
  key(index: number): Value;
  /** The order of two further keys that are text, by their bytes. */
  compareTexts(left: number, right: number): number;
  /** Where the accumulator at `index` lies in `memory`. */
  accumulator(index: number): number;
  readonly memory: DataView;
}

export interface ListedAggregate {
  readonly name: string;
  readonly argumentTypes: readonly ValueType[];
  readonly details: DetailKind;
  /** The rule of `noteBestDetails` for the one detail that decides its value; undefined where all do. */
  readonly bestDetail?: number;
  /** Whether its value is the number of details, whatever they are. */
  readonly countsDetails?: true;
  /** `type` is that of the argument, `parameters` are those of the call. */
  value(details: Details, type: ValueType, parameters: readonly number[]): Value;
}

const ofArgument = (argument: ValueType): ValueType => argument;
const integer = (): ValueType => "i64";

/** Each value once. */
export const valuesKind: DetailKind = { name: "values", accumulator: null, keyType: ofArgument };

export const detailKind = (name: DetailName, accumulator: Aggregate, ofValues = false): DetailKind => ({
  name,
  accumulator,
  keyType: ofValues ? ofArgument : integer,
});
