/**
 * Drops the details that cannot decide any more, from side tables of which one or two details of each group do: the lowest
 * or highest text, the first or last value. Which are kept follows from what there is, so that it does not show in a
 * partial when and how often others were dropped.
 */

import { GroupTable } from "../kernels/group-table.js";
import type { Kernels } from "../kernels/kernels.js";
import { SORT_ENTRY_BYTES } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import type { Batch } from "../operators/batch.js";
import { GroupProbe } from "./group-probe.js";
import type { PartialSchema } from "./partial-schema.js";
import type { PartialTable } from "./partial-table.js";
import { longestBlockBytes } from "./side-index.js";

/** {u64 row, u64 row} */
const BEST_BYTES = 16;
/** Details that come in before it is worth looking, at least. */
const SLACK_ROWS = 65_536;
const LEAST_GATHER_BYTES = 512 * 1024;

/** The rules by which details of a side table are kept; none where all of them matter. */
export function rulesOfSide({ results }: PartialSchema, side: number): readonly number[] {
  const rules = new Set<number | undefined>();
  for (const result of results)
    if (result.kind === "listed" && result.side === side) rules.add(result.aggregate.bestDetail);
  const known = [...rules].filter((rule) => rule !== undefined);
  return known.length === rules.size && known.length <= 2 ? known.sort((left, right) => left - right) : [];
}

export class DetailPruner {
  readonly #kernels: Kernels;
  readonly #side: PartialTable;
  readonly #rules: readonly number[];
  readonly #best: GroupTable;
  readonly #probe: GroupProbe;
  #entries: Region | undefined;
  #gathered: Region | undefined;
  #nextRows = SLACK_ROWS;

  /** `rules`: one or two. */
  constructor(
    kernels: Kernels,
    groups: PartialTable,
    side: PartialTable,
    rules: readonly number[],
    batch: Batch,
    slotSeed: bigint,
  ) {
    this.#kernels = kernels;
    this.#side = side;
    this.#rules = rules;
    this.#best = new GroupTable(kernels, BEST_BYTES, slotSeed);
    this.#probe = new GroupProbe(kernels, groups.schema, batch);
  }

  /** To be called whenever details came in: looks again when there are twice as many. */
  pruneGrown(): void {
    const { rowCount } = this.#side.groups;
    if (rowCount < this.#nextRows) return;
    // Where most are kept, copying them would take more memory than the others give back.
    this.#pruneTo(rowCount / 2);
    this.#nextRows = 2 * this.#side.groups.rowCount + SLACK_ROWS;
  }

  /** What pruning takes besides the side table, at most about. */
  get workingBytes(): number {
    return this.#side.groups.heldBytes;
  }

  /** To be called when the side table starts empty. */
  reset(): void {
    this.#nextRows = SLACK_ROWS;
  }

  /** Drops every detail that does not decide. */
  prune(): void {
    this.#pruneTo(this.#side.groups.rowCount - 1);
  }

  /** Drops them if no more than `mostRows` are kept. */
  #pruneTo(mostRows: number): void {
    const { groups: table, schema } = this.#side;
    if (table.rowCount === 0) return;
    const { call } = this.#kernels;
    const [first = 0, second = 0] = this.#rules;
    const detailKey = schema.keys.length - 1;
    this.#best.reset();
    this.#probe.lookup(this.#side, this.#best, (row, count, found) => {
      call.noteBestDetails(
        table.address,
        row,
        count,
        found,
        first,
        second,
        schema.fixedKeys,
        schema.stringKeys,
        detailKey,
      );
    });
    const kept = this.#listBest();
    if (kept <= mostRows) this.#keep(kept);
    this.#best.release();
  }

  /** Entries of the rows to keep; returns how many there are. */
  #listBest(): number {
    const { call, memory } = this.#kernels;
    const sizeBytes = this.#best.rowCount * this.#rules.length * SORT_ENTRY_BYTES + 4;
    this.#entries = memory.enlarge(this.#entries, sizeBytes);
    let top = this.#entries.address;
    for (const { start, end } of this.#best.blocks()) {
      top = call.listBestDetails(this.#best.address, start, end, top) >>> 0;
    }
    return (top - this.#entries.address) / SORT_ENTRY_BYTES;
  }

  #keep(count: number): void {
    const { groups: table, merger } = this.#side;
    const rows = this.#gather(count);
    table.reset();
    for (const part of rows) merger.mergeTrusted(part);
  }

  /** Copies of the listed rows. */
  #gather(count: number): readonly Uint8Array[] {
    const { call, memory } = this.#kernels;
    const { groups: table } = this.#side;
    const roomBytes = Math.max(LEAST_GATHER_BYTES, longestBlockBytes(table));
    if (this.#gathered === undefined || this.#gathered.sizeBytes < roomBytes) {
      this.#gathered = memory.allocate(roomBytes + 4);
    }
    const { address, sizeBytes } = this.#gathered;
    const written = address + sizeBytes - 4;
    const entries = this.#entries?.address ?? 0;
    const parts: Uint8Array[] = [];
    for (let from = 0; from < count; ) {
      from = call.gatherRows(table.address, entries, from, count, address, sizeBytes - 4, written) >>> 0;
      parts.push(memory.bytes.slice(address, address + memory.view.getUint32(written, true)));
    }
    return parts;
  }
}
