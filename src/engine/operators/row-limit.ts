/**
 * Keeps the table of a row query bounded: of the rows that came in, only the first ones in the plan's order are kept, and
 * without a LIMIT no more than a stated size. The first rows of a union are the first of the firsts of its parts, so that
 * it does not show in a partial when and how often rows were dropped.
 */

import { firstKeyRank, rowComparison } from "../finish/row-order.js";
import { TopRows } from "../finish/top-rows.js";
import type { Kernels } from "../kernels/kernels.js";
import { ROW } from "../kernels/layout.js";
import type { PartialSchema } from "../partial/partial-schema.js";
import type { PartialTable } from "../partial/partial-table.js";
import { TableRows } from "../partial/table-rows.js";
import type { RowSelection } from "../plan.js";
import { PlanError } from "./plan-error.js";

/** Rows beyond the limit that are gathered before the last ones are dropped, at least. */
const SLACK_ROWS = 8192;
/** Rows are shown as JavaScript values in the end, which take several times as much. */
const MAX_ROWS_BYTES = 256 * 1024 * 1024;
const MIB = 1024 * 1024;

export class RowLimit {
  readonly #kernels: Kernels;
  readonly #schema: PartialSchema;
  readonly #rows: PartialTable;
  readonly #selection: RowSelection;
  readonly #mostRows: number;
  readonly #mostBytes: number;

  /** `canSpill`: rows without a LIMIT may go out of memory, so that their size is bounded elsewhere. */
  constructor(kernels: Kernels, schema: PartialSchema, rows: PartialTable, selection: RowSelection, canSpill: boolean) {
    this.#kernels = kernels;
    this.#schema = schema;
    this.#rows = rows;
    this.#selection = selection;
    this.#mostRows = selection.limit === null ? Number.POSITIVE_INFINITY : 2 * selection.limit + SLACK_ROWS;
    this.#mostBytes = canSpill ? Number.POSITIVE_INFINITY : MAX_ROWS_BYTES;
  }

  /** To be called whenever rows came in. Throws a {@link PlanError} where the rows are too many to keep. */
  keepBounded(): void {
    if (this.#rows.groups.rowCount > this.#mostRows) this.apply();
    if (this.#rows.groups.rowsBytes <= this.#mostBytes) return;
    throw new PlanError(
      "too-many-rows",
      `the rows of the answer take more than ${MAX_ROWS_BYTES / MIB} MiB; add LIMIT, or narrow them with WHERE`,
    );
  }

  /** To be called before spilled rows of this size become a partial. Throws a {@link PlanError} where they cannot. */
  refuseSpilled(sizeBytes: number): void {
    const { limit } = this.#selection;
    if (limit === null && sizeBytes <= MAX_ROWS_BYTES) return;
    throw new PlanError(
      "too-many-rows",
      limit === null
        ? `the rows of the answer take more than ${MAX_ROWS_BYTES / MIB} MiB; add LIMIT, or narrow them with WHERE`
        : `LIMIT and OFFSET keep ${limit} rows, which do not fit the memory of a thread; lower them, or raise --memory`,
    );
  }

  /** Drops every row beyond the limit. */
  apply(): void {
    const { limit, orderBy } = this.#selection;
    if (limit === null || this.#rows.groups.rowCount <= limit) return;
    const rows = new TableRows(this.#kernels, this.#schema, this.#rows, []);
    const top = new TopRows({ rank: firstKeyRank(orderBy[0], rows), compare: rowComparison(orderBy, rows) }, limit);
    rows.forEachRow((row) => top.offer(row));
    const kept = this.#copyRows(top.sorted());
    this.#rows.groups.reset();
    this.#rows.merger.mergeTrusted(kept);
  }

  #copyRows(rows: readonly number[]): Uint8Array {
    const { bytes, view } = this.#kernels.memory;
    const places = rows.map((row) => ({
      row,
      size: this.#rows.groups.rowBytes(view.getUint32(row + ROW.keyLength, true)),
    }));
    const copy = new Uint8Array(places.reduce((sum, { size }) => sum + size, 0));
    let at = 0;
    for (const { row, size } of places) {
      copy.set(bytes.subarray(row, row + size), at);
      at += size;
    }
    return copy;
  }
}
