/** {@link GroupRows} over the tables of a partial, where they lie. A row handle is its address. */

import type { Value } from "../../job/result.js";
import type { Details } from "../functions/aggregates/listed-aggregate.js";
import { unsignedNumber } from "../functions/aggregates/numbers.js";
import type { Kernels } from "../kernels/kernels.js";
import { ROW } from "../kernels/layout.js";
import type { GroupRow, GroupRows, RankedRows } from "./group-rows.js";
import { KeyReader } from "./key-reader.js";
import type { PartialSchema, ResultPlace } from "./partial-schema.js";
import type { PartialTable } from "./partial-table.js";
import type { SideIndex } from "./side-index.js";

export class TableRows implements GroupRows {
  readonly #groups: PartialTable;
  readonly #results: readonly ResultPlace[];
  readonly #sides: readonly SideDetails[];
  /** Values of listed aggregates that were asked for, by aggregate and row. */
  readonly #known: readonly Map<GroupRow, Value>[];
  readonly #keys: KeyReader;
  readonly #view: DataView;
  readonly #words: Uint32Array;

  /** `sides` are those of the schema, in its order. */
  constructor(kernels: Kernels, schema: PartialSchema, groups: PartialTable, sides: readonly SideIndex[]) {
    this.#groups = groups;
    this.#results = schema.results;
    this.#known = schema.results.map(() => new Map());
    // First, because it may grow the memory, of which views are taken after it.
    for (const side of sides) side.build();
    this.#sides = sides.map((side) => new SideDetails(kernels, side));
    this.#keys = new KeyReader(kernels, groups.schema);
    this.#view = kernels.memory.view;
    this.#words = new Uint32Array(kernels.memory.bytes.buffer);
  }

  get count(): number {
    return this.#groups.groups.rowCount;
  }

  forEachRow(visit: (row: GroupRow) => void): void {
    const words = this.#words;
    const fixedBytes = this.#groups.groups.rowBytes(0);
    for (const { start, end } of this.#groups.groups.blocks()) {
      let row = start;
      while (row < end) {
        visit(row);
        const keyLength = words[(row + ROW.keyLength) >>> 2] ?? 0;
        row += fixedBytes + (((keyLength + 7) >>> 3) << 3);
      }
    }
  }

  isKeyNull(row: GroupRow, key: number): boolean {
    return this.#keys.isNull(row, key);
  }

  keyValue(row: GroupRow, key: number): Value {
    return this.#keys.value(row, key);
  }

  keyNumber(row: GroupRow, key: number): number {
    return this.#keys.number(row, key);
  }

  compareTexts(left: GroupRow, right: GroupRow, key: number): number {
    return this.#keys.compareTexts(left, right, key);
  }

  aggregateValue(row: GroupRow, aggregate: number): Value {
    const result = this.#result(aggregate);
    if (result.kind === "listed") return this.#listedValue(row, result, aggregate);
    const { place } = result;
    return place.aggregate.value(this.#view, row + place.offset, place.argumentType);
  }

  rankByAggregate(aggregate: number): Iterable<RankedRows> | undefined {
    const result = this.#result(aggregate);
    if (result.kind === "listed") return undefined;
    const { place } = result;
    const kind = place.aggregate.rankKind(place.argumentType);
    return kind === undefined ? undefined : this.#groups.rank(place.offset, kind);
  }

  aggregateNumber(row: GroupRow, aggregate: number): number {
    const result = this.#result(aggregate);
    if (result.kind === "accumulator") {
      const { place } = result;
      return place.aggregate.number(this.#view, row + place.offset, place.argumentType);
    }
    const value = this.#listedValue(row, result, aggregate);
    return value === null || typeof value === "string" ? Number.NaN : Number(value);
  }

  /** Computed once for each group: sorting asks for it again and again. */
  #listedValue(row: GroupRow, result: Extract<ResultPlace, { readonly kind: "listed" }>, aggregate: number): Value {
    const known = this.#known[aggregate]?.get(row);
    if (known !== undefined) return known;
    const value = this.#computeListed(row, result);
    this.#known[aggregate]?.set(row, value);
    return value;
  }

  #computeListed(row: GroupRow, result: Extract<ResultPlace, { readonly kind: "listed" }>): Value {
    const details = this.#sides[result.side];
    if (details === undefined) throw new RangeError(`the partial has no side table ${result.side}`);
    details.moveTo(row);
    return result.aggregate.value(details, result.type, result.parameters);
  }

  #result(aggregate: number): ResultPlace {
    const result = this.#results[aggregate];
    if (result === undefined) throw new RangeError(`the plan has no aggregate ${aggregate}`);
    return result;
  }
}

/** The details of one group after the other. */
class SideDetails implements Details {
  readonly memory: DataView;
  readonly #index: SideIndex;
  readonly #keys: KeyReader;
  readonly #detailKey: number;
  #start = 0;
  #end = 0;

  constructor(kernels: Kernels, index: SideIndex) {
    const { schema } = index.side;
    this.memory = kernels.memory.view;
    this.#index = index;
    this.#keys = new KeyReader(kernels, schema);
    this.#detailKey = schema.keys.length - 1;
  }

  moveTo(group: GroupRow): void {
    const { start, end } = this.#index.detailsOf(group);
    this.#start = start;
    this.#end = end;
  }

  get count(): number {
    if (!this.#index.use.isCounted) return this.#end - this.#start;
    let count = 0;
    for (let index = this.#start; index < this.#end; index += 1) {
      count += unsignedNumber(this.memory, this.#index.rowAt(index) + ROW.accumulators);
    }
    return count;
  }

  key(index: number): Value {
    return this.#keys.value(this.#index.rowAt(this.#start + index), this.#detailKey);
  }

  compareTexts(left: number, right: number): number {
    const [first, second] = [this.#index.rowAt(this.#start + left), this.#index.rowAt(this.#start + right)];
    return this.#keys.compareTexts(first, second, this.#detailKey);
  }

  accumulator(index: number): number {
    return this.#index.rowAt(this.#start + index) + ROW.accumulators;
  }
}
