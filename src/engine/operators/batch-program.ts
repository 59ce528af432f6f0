/**
 * A map plan compiled for one format: scan, filter, group, aggregate, each over all rows of a batch before the next.
 * JavaScript only sequences kernel calls.
 */

import { assert } from "../../base/assert.js";
import type { Format } from "../formats/format.js";
import { fieldOf } from "../formats/formats.js";
import type { Address, VectorAddress } from "../kernels/kernel-exports.js";
import type { PartialSchema } from "../partial/partial-schema.js";
import type { PartialTable } from "../partial/partial-table.js";
import type { AccumulatorPlace } from "../partial/row-schema.js";
import type { AggregateCall, FieldExpression, MapPlan, PositionExpression } from "../plan.js";
import type { Batch, Column } from "./batch.js";
import { compileDetails, type DetailSteps, needsPlaces } from "./batch-details.js";
import { collectFields, ExpressionCompiler } from "./expressions.js";
import { FieldColumns } from "./field-columns.js";
import { compileGroupLookup, type GroupLookup, groupable } from "./group-lookup.js";
import { type Needle, sieveOf } from "./line-sieve.js";
import { PlaceColumns } from "./place-columns.js";
import type { ScanFailures, Step } from "./step.js";
import { TimeWatch } from "./time-watch.js";

const POSITION: PositionExpression = { kind: "position", type: "i64" };
/** NULL where the format has no time. */
const TIME: FieldExpression = { kind: "field", type: "timestamp", name: "time" };

interface Update {
  readonly place: AccumulatorPlace;
  /** Null for `count(*)`. */
  readonly argument: VectorAddress | null;
}

export class BatchProgram {
  readonly #batch: Batch;
  readonly #fields: FieldColumns;
  readonly #isOfUnparsed: boolean;
  readonly #filterSteps: readonly Step[];
  readonly #filter: Column | undefined;
  readonly #valueSteps: readonly Step[];
  readonly #lookup: GroupLookup;
  readonly #updates: readonly Update[];
  readonly #details: readonly DetailSteps[];
  readonly #places: PlaceColumns | undefined;
  /** Undefined where not every row's time is read. */
  readonly watch: TimeWatch | undefined;
  /** The `Needle` of assembly/sieve-lines.ts that each line of the answer holds; undefined where none is known. */
  readonly needle: Address | undefined;
  /** Of each row, where the plan asks for it. */
  readonly #position: Column | undefined;

  /** Throws a `PlanError` for what the kernels cannot compute. */
  constructor(batch: Batch, tables: readonly PartialTable[], schema: PartialSchema, plan: MapPlan, format: Format) {
    const [groups, ...sides] = tables;
    assert(groups !== undefined, "a partial has a table of groups");
    const hasPlaces = schema.sides.some(({ details }) => needsPlaces(details));
    const names = fieldsOf(plan);
    if (hasPlaces) names.add(TIME.name);
    this.#batch = batch;
    this.needle = storeNeedle(batch, sieveOf(plan, format));
    this.#isOfUnparsed = plan.ofUnparsed === true;
    this.#fields = new FieldColumns(batch, format, names);
    const readsTimes = names.has(TIME.name) && fieldOf(format, TIME.name)?.type === TIME.type;
    this.watch =
      readsTimes && this.needle === undefined && !this.#isOfUnparsed
        ? new TimeWatch(batch, this.#fields.column(TIME.name, TIME.type))
        : undefined;
    const compiler = new ExpressionCompiler(batch, this.#fields);
    this.#position = plan.rows === undefined && !hasPlaces ? undefined : batch.newColumn(POSITION.type);
    if (this.#position !== undefined) compiler.define(POSITION, this.#position);
    this.#filter = plan.filter === null ? undefined : compiler.compile(plan.filter);
    this.#filterSteps = compiler.takeSteps();
    const keys = plan.keys.map((key) => compiler.compile(key));
    this.#lookup = compileGroupLookup(compiler, groups.groups, keys, batch.selection);
    this.#updates = schema.results.flatMap((result) =>
      result.kind === "listed"
        ? []
        : [{ place: result.place, argument: compileArgument(compiler, result.place, result.call) }],
    );
    this.#places =
      hasPlaces && this.#position !== undefined
        ? new PlaceColumns(batch, compiler.compile(TIME), this.#position)
        : undefined;
    this.#details = schema.sides.map((side, index) => {
      const details = sides[index];
      assert(details !== undefined, `there is a table ${index} of details`);
      return compileDetails(compiler, side, { groups, details }, keys, this.#places);
    });
    this.#valueSteps = compiler.takeSteps();
  }

  /** Values of the fields `_file` and `_node` for the batches that follow. */
  setOrigin(fileName: string, nodeName: string | null): void {
    this.#fields.setOrigin(fileName, nodeName);
    this.#places?.setOrigin(fileName, nodeName);
  }

  /**
   * Takes the first `rows` lines of the batch into the table; returns how many are part of the answer. `origin`: position
   * of a line at address 0.
   */
  run(rows: number, failures: ScanFailures, origin: bigint): number {
    const { call } = this.#batch.kernels;
    const { lines, live, selection, groups } = this.#batch;
    if (this.#position !== undefined) call.positionLines(lines, rows, origin, this.#position.vector);
    const malformedBefore = failures.malformedFields;
    this.#fields.run(rows, failures);
    if (this.watch !== undefined) {
      this.watch.malformedFields += failures.malformedFields - malformedBefore;
      this.watch.note(rows);
    }
    if (this.#isOfUnparsed) call.invertLive(live, rows);
    if (this.#filter !== undefined) {
      for (const step of this.#filterSteps) step(rows, failures);
      call.keepTrue(this.#filter.vector, live, rows);
    }
    const count = call.selectLive(live, rows, selection);
    if (count === 0) return 0;
    for (const step of this.#valueSteps) step(rows, failures);
    this.#lookup(count);
    for (const { place, argument } of this.#updates) {
      place.aggregate.update(call, { groups, selection, count }, argument, place.offset);
    }
    for (const details of this.#details) details.note(count);
    for (const details of this.#details) details.fill(count);
    return count;
  }
}

function storeNeedle(batch: Batch, needle: Needle | undefined): Address | undefined {
  if (needle === undefined) return undefined;
  return batch.storeWords([batch.storeBytes(needle.bytes), needle.bytes.length, ...needle.places]);
}

/** The column that an aggregate sees: converted as its kernels want it, and NULL where FILTER is not true. */
function compileArgument(
  compiler: ExpressionCompiler,
  place: AccumulatorPlace,
  call: AggregateCall,
): VectorAddress | null {
  if (call.argument === null && call.filter === null) return null;
  const { batch } = compiler;
  const written = call.argument === null ? batch.constant("i64", 1n) : compiler.compile(call.argument);
  const argument = place.aggregate.name === "count" && written.type !== "bool" ? written : groupable(compiler, written);
  if (call.filter === null) return argument.vector;
  const condition = compiler.compile(call.filter);
  const out = batch.newColumn("i64");
  compiler.addStep((rows) => batch.kernels.call.nullUnless(condition.vector, argument.vector, out.vector, rows));
  return out.vector;
}

function fieldsOf(plan: MapPlan): Set<string> {
  const names = new Set<string>();
  collectFields(plan.filter, names);
  for (const key of plan.keys) collectFields(key, names);
  for (const { argument, filter } of plan.aggregates) {
    collectFields(argument, names);
    collectFields(filter, names);
  }
  return names;
}
