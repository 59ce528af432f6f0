/**
 * The tables of a plan's partials: that of the groups, and a side table for each kind of details that its aggregates list.
 * It follows from the map plan alone.
 */

import { canonicalJson } from "../../base/canonical-json.js";
import type { Aggregate } from "../functions/aggregates/aggregate.js";
import { argumentTypesOf, fixedAggregate, listedAggregate } from "../functions/aggregates/aggregates.js";
import type { DetailKind, ListedAggregate } from "../functions/aggregates/listed-aggregate.js";
import { PlanError } from "../operators/plan-error.js";
import type { AggregateCall, Expression, MapPlan, ValueType } from "../plan.js";
import { type AccumulatorPlace, type RowSchema, rowSchema } from "./row-schema.js";

/** Details that one or more aggregates list. */
export interface SideTable {
  readonly details: DetailKind;
  readonly argument: Expression;
  readonly filter: Expression | null;
  /** Its last key is the detail's. */
  readonly schema: RowSchema;
}

/** Where the value of an aggregate comes from. */
export type ResultPlace =
  | { readonly kind: "accumulator"; readonly call: AggregateCall; readonly place: AccumulatorPlace }
  | {
      readonly kind: "listed";
      readonly aggregate: ListedAggregate;
      /** Number of its side table. */
      readonly side: number;
      readonly type: ValueType;
      readonly parameters: readonly number[];
    };

export interface PartialSchema {
  readonly groups: RowSchema;
  readonly sides: readonly SideTable[];
  /** The groups' table first. */
  readonly tables: readonly RowSchema[];
  /** One for each aggregate of the plan. */
  readonly results: readonly ResultPlace[];
}

/** Throws a {@link PlanError} for aggregates, argument types and numbers of keys that partials cannot hold. */
export function partialSchemaOf(plan: MapPlan): PartialSchema {
  const keyTypes = plan.keys.map(({ type }) => type);
  const bound = plan.aggregates.map(bindAggregate);
  const groups = rowSchema(
    keyTypes,
    bound.flatMap((entry) => (entry.kind === "fixed" ? [entry] : [])),
  );
  const sides = new Map<string, SideTable>();
  let accumulator = 0;
  const results = bound.map((entry): ResultPlace => {
    if (entry.kind === "fixed") {
      const place = groups.accumulators[accumulator];
      accumulator += 1;
      if (place === undefined) throw new Error("Broken invariant: every fixed aggregate has a place");
      return { kind: "accumulator", call: entry.call, place };
    }
    const { aggregate, argument, call } = entry;
    const name = canonicalJson([aggregate.details.name, argument, call.filter]);
    if (!sides.has(name)) sides.set(name, sideTable(keyTypes, aggregate.details, argument, call.filter));
    const side = [...sides.keys()].indexOf(name);
    return { kind: "listed", aggregate, side, type: argument.type, parameters: call.parameters ?? [] };
  });
  const tables = [groups, ...[...sides.values()].map(({ schema }) => schema)];
  return { groups, sides: [...sides.values()], tables, results };
}

/** Whether nobody asks for more than the number of a group's details in a side table. */
export function isOnlyCounted({ results }: PartialSchema, side: number): boolean {
  const users = results.flatMap((result) =>
    result.kind === "listed" && result.side === side ? [result.aggregate] : [],
  );
  return users.every(({ countsDetails }) => countsDetails === true);
}

type BoundAggregate =
  | {
      readonly kind: "fixed";
      readonly call: AggregateCall;
      readonly aggregate: Aggregate;
      readonly argumentType: ValueType;
    }
  | {
      readonly kind: "listed";
      readonly call: AggregateCall;
      readonly aggregate: ListedAggregate;
      readonly argument: Expression;
    };

function bindAggregate(call: AggregateCall): BoundAggregate {
  const { argument } = call;
  const argumentType = argument?.type ?? "i64";
  const fixed = fixedAggregate(call.function, argumentType);
  if (fixed !== undefined) return { kind: "fixed", call, aggregate: fixed, argumentType };
  const listed = listedAggregate(call.function, argumentType);
  if (listed !== undefined && argument !== null) return { kind: "listed", call, aggregate: listed, argument };
  const types = argumentTypesOf(call.function);
  if (types.length === 0) {
    throw new PlanError("unsupported-function", `The aggregate ${call.function} cannot be computed yet`);
  }
  throw new PlanError(
    "unsupported-type",
    `${call.function} of a ${argumentType} cannot be computed yet; it takes ${types.join(", ")}`,
  );
}

function sideTable(
  keyTypes: readonly ValueType[],
  details: DetailKind,
  argument: Expression,
  filter: Expression | null,
): SideTable {
  const { accumulator } = details;
  const accumulators = accumulator === null ? [] : [{ aggregate: accumulator, argumentType: "i64" as const }];
  const schema = rowSchema([...keyTypes, details.keyType(argument.type)], accumulators);
  return { details, argument, filter, schema };
}
