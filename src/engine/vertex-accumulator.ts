/**
 * The value of one vertex, as a thread computes it: ranges are scanned into it, partials are merged into it, and it is
 * sealed to the bytes of the partial format or read in place. It owns its kernels' memory until the next accumulator is
 * made on them.
 */

import { assert } from "../base/assert.js";
import type { Digest } from "../base/ids.js";
import { addCounters, NO_COUNTERS, type ScanCounters } from "../job/result.js";
import type { ByteReader } from "./byte-reader.js";
import { formatByName } from "./formats/formats.js";
import type { Kernels } from "./kernels/kernels.js";
import { ROW } from "./kernels/layout.js";
import { Batch } from "./operators/batch.js";
import { BatchProgram } from "./operators/batch-program.js";
import { type LineEvents, type LineRange, LineReader } from "./operators/line-reader.js";
import { PlanError } from "./operators/plan-error.js";
import { RowLimit } from "./operators/row-limit.js";
import type { ScanFailures } from "./operators/step.js";
import { DetailPruner, rulesOfSide } from "./partial/detail-pruner.js";
import { finishedSchemaOf } from "./partial/finished-rows.js";
import type { GroupRow, GroupRows } from "./partial/group-rows.js";
import {
  beginPartial,
  finishPartial,
  openPartial,
  partialBytes,
  partialHeaderBytes,
  writeHeader,
} from "./partial/partial-format.js";
import { isOnlyCounted, type PartialSchema, partialSchemaOf } from "./partial/partial-schema.js";
import { PartialSpill, type SpilledRuns } from "./partial/partial-spill.js";
import { PartialTable } from "./partial/partial-table.js";
import { DetailCounter } from "./partial/regrouped-side.js";
import type { RowSchema } from "./partial/row-schema.js";
import { SideIndex } from "./partial/side-index.js";
import { SortedGroups } from "./partial/sorted-groups.js";
import { TableRows } from "./partial/table-rows.js";
import { type MapPlan, mapPlanDigest, POSITION_FILE_BYTES } from "./plan.js";
import type { Sight } from "./plan-time.js";
import type { MemoryBudget } from "./spill-space.js";

/** A range of a file to scan. */
export interface VertexRange extends LineRange {
  readonly format: string;
  /** Values of `_file` and `_node`. */
  readonly fileName: string;
  readonly nodeName: string | null;
  /** Place of the file in the manifest, by which rows are ordered; 0 for a single file. */
  readonly fileIndex?: number;
}

/** What a scan tells while it runs. */
export interface ScanEvents {
  /** Bytes of the range that were read, about once a MiB. What it throws ends the scan, and the accumulator must be reset. */
  onProgress?(doneBytes: number): void;
  /** Asked after each batch, with the rows of the range that were part of the answer: true ends the scan there. */
  isEnough?(rows: number): boolean;
  /** What the range was seen to be, where the plan reads every row's time and the range was read to its end. */
  onSeen?(sight: Sight): void;
}

/** Whole rows of one of a plan's tables. */
export interface RowBlock {
  /** Its number; the groups' is 0. */
  readonly table: number;
  readonly rows: Uint8Array;
}

/** The groups of an accumulator that outgrew its memory. */
export interface SpilledGroups {
  /** The groups of one range of hashes after the other; each is good until the next. */
  ranges(): Iterable<GroupRows>;
  /** Where they can be put away in another order. */
  readonly sorted: SortedGroups;
}

/** Places of slots; see GroupTable. Any odd number does where nobody chooses keys. */
const DEFAULT_SLOT_SEED = 0x9e37_79b9_7f4a_7c15n;

export class VertexAccumulator {
  readonly #kernels: Kernels;
  readonly #plan: MapPlan;
  readonly #schema: PartialSchema;
  readonly #batch: Batch;
  readonly #lines: LineReader;
  /** Those of the schema, the groups' first. */
  readonly #tables: readonly PartialTable[];
  readonly #groups: PartialTable;
  readonly #sides: readonly SideIndex[];
  /** One for each side table of which not all details matter. */
  readonly #pruners: readonly (DetailPruner | undefined)[];
  readonly #rowLimit: RowLimit | undefined;
  readonly #budget: MemoryBudget | undefined;
  readonly #spill: PartialSpill | undefined;
  readonly #programs = new Map<string, BatchProgram>();
  #knownDigest: Digest | undefined;
  #counters: ScanCounters = NO_COUNTERS;
  #coverageBytes = 0;

  /**
   * Takes over the memory of `kernels`: accumulators made on them before are void. `slotSeed` should be secret where
   * others choose the keys. Groups beyond `budget` are spilled; without one, all stay in memory. Throws a `PlanError` for
   * what the kernels cannot compute.
   */
  constructor(kernels: Kernels, plan: MapPlan, slotSeed = DEFAULT_SLOT_SEED, budget?: MemoryBudget) {
    this.#kernels = kernels;
    this.#plan = plan;
    this.#schema = partialSchemaOf(plan);
    kernels.memory.releaseAll();
    this.#batch = new Batch(kernels);
    this.#lines = new LineReader(kernels, this.#batch.lines);
    const tableOf = (schema: RowSchema): PartialTable => new PartialTable(kernels, schema, this.#batch, slotSeed);
    const groups = tableOf(this.#schema.groups);
    const sides = this.#schema.sides.map(({ schema }) => tableOf(schema));
    this.#groups = groups;
    this.#tables = [groups, ...sides];
    this.#sides = sides.map((side, index) => {
      const use = { isCounted: false, isOnlyCounted: isOnlyCounted(this.#schema, index) };
      return new SideIndex(kernels, groups, side, use);
    });
    this.#pruners = sides.map((side, index) => {
      const rules = rulesOfSide(this.#schema, index);
      return rules.length === 0 ? undefined : new DetailPruner(kernels, groups, side, rules, this.#batch, slotSeed);
    });
    this.#rowLimit =
      plan.rows === undefined
        ? undefined
        : new RowLimit(kernels, this.#schema, groups, plan.rows, budget !== undefined);
    this.#budget = budget;
    this.#spill = budget === undefined ? undefined : new PartialSpill(kernels, this.#tables, budget);
  }

  /** Computed for who needs it: Node's hash functions take 3 ms to load, and a thread that only scans needs none. */
  get #planDigest(): Digest {
    this.#knownDigest ??= mapPlanDigest(this.#plan);
    return this.#knownDigest;
  }

  get counters(): ScanCounters {
    return this.#counters;
  }

  /** Bytes of input that this stands for: lengths of scanned ranges, and what merged partials stand for. */
  get coverageBytes(): number {
    return this.#coverageBytes;
  }

  get groupCount(): number {
    return this.#groups.groups.rowCount;
  }

  /**
   * Takes in the lines that begin in a range; returns how many rows of it are part of the answer. Throws what the reader
   * throws, and a `PlanError` for what cannot be computed or kept.
   */
  scan(reader: ByteReader, range: VertexRange, events: ScanEvents = {}): number {
    const program = this.#programOf(range.format);
    program.setOrigin(range.fileName, range.nodeName);
    program.watch?.begin(events.onSeen !== undefined);
    const filePosition = filePositionOf(range.fileIndex ?? 0);
    const failures: ScanFailures = { unparsed: 0, malformedFields: 0 };
    let lines = 0;
    let bytes = 0;
    let answered = 0;
    let isCutShort = false;
    const isEnough = (): boolean => {
      isCutShort ||= events.isEnough?.(answered) === true;
      return isCutShort;
    };
    const lineEvents: LineEvents = {
      onBatch: (rows, textBytes, origin, skipped) => {
        if (rows > 0) answered += program.run(rows, failures, filePosition + BigInt(origin));
        lines += rows + skipped;
        bytes += textBytes;
        this.#keepBounded();
      },
      isEnough,
      ...(events.onProgress === undefined ? {} : { onProgress: (doneBytes) => events.onProgress?.(doneBytes) }),
    };
    this.#lines.read(reader, range, lineEvents, program.needle);
    const end = Math.min(range.end, range.scanSize);
    const coverageBytes = Number.isFinite(end) ? Math.max(0, end - range.start) : bytes;
    this.addCounters({ lines, bytes, ...failures }, coverageBytes);
    if (program.watch !== undefined && !isCutShort) {
      const { times, malformedFields } = program.watch;
      events.onSeen?.({ lines, bytes, unparsed: failures.unparsed, malformedFields, coverageBytes, times });
    }
    return answered;
  }

  /** Merges a sealed partial of the same plan; throws a `PartialError`, before any change, if it is not a good one. */
  absorb(partial: Uint8Array): void {
    const opened = openPartial(partial, this.#planDigest, this.#schema.tables);
    for (const [index, rows] of opened.tables.entries()) this.#tables[index]?.merger.check(rows);
    for (const [index, { rows }] of opened.tables.entries()) this.#merge(index, rows);
    this.addCounters(opened.counters, opened.coverageBytes);
  }

  /**
   * The rows of all tables, in no stated order, as views into this thread's memory of whole rows, 512 KiB at most but for
   * single larger rows. Valid until the accumulator changes.
   */
  *rowBlocks(): Iterable<RowBlock> {
    this.#rowLimit?.apply();
    for (const pruner of this.#pruners) pruner?.prune();
    for (const [table, { groups }] of this.#tables.entries()) {
      for (const { start, end } of groups.blocks()) {
        yield { table, rows: this.#kernels.memory.bytes.subarray(start, end) };
      }
    }
  }

  /** Merges a block of {@link rowBlocks} of another accumulator of the same plan in this process; its counters are added apart. */
  absorbRows({ table, rows }: RowBlock): void {
    assert(rows.buffer !== this.#kernels.memory.memory.buffer, "an accumulator does not absorb its own rows");
    this.#tables[table]?.groups.expectLast();
    this.#merge(table, rows);
  }

  /** Puts what is left in memory to what was spilled, if anything was; other threads can then {@link absorbRuns}. */
  spilledRuns(): SpilledRuns | undefined {
    if (this.#spill?.isSpilled !== true) return undefined;
    this.#spill.spill();
    return this.#spill.runs;
  }

  /** Takes over what another accumulator of the same plan spilled; its counters are added apart. */
  absorbRuns(runs: SpilledRuns): void {
    assert(this.#spill !== undefined, "who spills has a budget, and all threads have one");
    this.#spill.adopt(runs);
  }

  addCounters(counters: ScanCounters, coverageBytes = counters.bytes): void {
    this.#counters = addCounters(this.#counters, counters);
    this.#coverageBytes += coverageBytes;
  }

  /** The partial's bytes: the same for the same groups, counters and coverage, however they came about. */
  seal(): Uint8Array {
    this.#rowLimit?.apply();
    if (this.#spill !== undefined && this.spilledRuns() !== undefined) return this.#sealSpilled(this.#spill);
    for (const pruner of this.#pruners) pruner?.prune();
    const contents = { counters: this.#counters, coverageBytes: this.#coverageBytes };
    const sizes = this.#tables.map(({ size }) => size);
    const { partial, rows } = beginPartial(this.#planDigest, contents, sizes);
    for (const [index, target] of rows.entries()) this.#tables[index]?.sealer.writeRows(target);
    finishPartial(partial);
    return partial;
  }

  /** A partial of some of the groups alone, by their handles in {@link rows}; for a plan without side tables. */
  sealRows(chosen: readonly GroupRow[]): Uint8Array {
    const { schema, groups, sealer } = this.#groups;
    assert(this.#sides.length === 0, "the details of the chosen groups would be missing");
    const { view } = this.#kernels.memory;
    const rowsBytes = chosen.reduce((sum, row) => sum + groups.rowBytes(view.getUint32(row + ROW.keyLength, true)), 0);
    const contents = { counters: this.#counters, coverageBytes: this.#coverageBytes };
    const { partial, rows } = beginPartial(this.#planDigest, contents, [
      { schema, rowCount: chosen.length, rowsBytes },
    ]);
    for (const target of rows) sealer.writeChosen(chosen, target);
    finishPartial(partial);
    return partial;
  }

  #sealSpilled(spill: PartialSpill): Uint8Array {
    const mostBytes = spill.storedBytes;
    this.#rowLimit?.refuseSpilled(mostBytes[0] ?? 0);
    // Room for more than there is costs nothing: pages that are not written are not taken.
    const partial = new Uint8Array(partialBytes(mostBytes.map((rowsBytes) => ({ rowsBytes }))));
    let end = partialHeaderBytes(this.#tables.length);
    const sizes = this.#tables.map(({ schema }, index) => {
      const size = { schema, rowCount: 0, rowsBytes: 0 };
      for (const table of spill.rangesOfTable(index, this.#schema.groups, this.#pruners[index - 1])) {
        const { rowCount, rowsBytes } = table.size;
        table.sealer.writeRows(partial.subarray(end, end + rowsBytes));
        end += rowsBytes;
        size.rowCount += rowCount;
        size.rowsBytes += rowsBytes;
      }
      return size;
    });
    const contents = { counters: this.#counters, coverageBytes: this.#coverageBytes };
    writeHeader(partial, this.#planDigest, contents, sizes);
    const sealed = partial.subarray(0, partialBytes(sizes));
    finishPartial(sealed);
    return sealed;
  }

  /** The groups in place, none of which is spilled; valid until the accumulator changes. */
  rows(): GroupRows {
    this.#rowLimit?.apply();
    return new TableRows(this.#kernels, this.#schema, this.#groups, this.#sides);
  }

  /** The groups range by range, where they did not fit the memory together. */
  spilledGroups(): SpilledGroups | undefined {
    const [spill, budget] = [this.#spill, this.#budget];
    if (budget === undefined || spill === undefined || this.spilledRuns() === undefined) return undefined;
    const counters = this.#detailCounters();
    const sides = this.#sides.map((side, index) => counters[index]?.index ?? side);
    const rows = (): GroupRows => new TableRows(this.#kernels, this.#schema, this.#groups, sides);
    const finished = finishedSchemaOf(this.#plan, this.#schema);
    const { groups } = this.#schema;
    return {
      *ranges() {
        for (const _range of spill.ranges(groups, finished.listed.length, counters)) yield rows();
      },
      sorted: new SortedGroups(this.#kernels, budget.space, finished, this.#groups.groups),
    };
  }

  /** Empties it for the next vertex of the plan; memory and compiled programs are kept. */
  reset(): void {
    for (const { groups } of this.#tables) groups.reset();
    for (const pruner of this.#pruners) pruner?.reset();
    this.#spill?.reset();
    this.#counters = NO_COUNTERS;
    this.#coverageBytes = 0;
  }

  /** One for each side table of which only the number of details matters. */
  #detailCounters(): readonly (DetailCounter | undefined)[] {
    return this.#schema.sides.map((_, side) =>
      isOnlyCounted(this.#schema, side)
        ? new DetailCounter(this.#kernels, this.#groups, this.#batch, DEFAULT_SLOT_SEED)
        : undefined,
    );
  }

  #merge(table: number, rows: Uint8Array): void {
    this.#tables[table]?.merger.mergeTrusted(rows, () => this.#keepBounded());
  }

  #keepBounded(): void {
    this.#rowLimit?.keepBounded();
    for (const pruner of this.#pruners) pruner?.pruneGrown();
    if (this.#spill === undefined) return;
    const pruning = this.#pruners.map((pruner) => pruner?.workingBytes ?? 0);
    this.#spill.keepBounded(Math.max(0, ...pruning));
  }

  #programOf(formatName: string): BatchProgram {
    const known = this.#programs.get(formatName);
    if (known !== undefined) return known;
    const format = formatByName(formatName);
    const program = new BatchProgram(this.#batch, this.#tables, this.#schema, this.#plan, format);
    this.#programs.set(formatName, program);
    return program;
  }
}

/** Positions are i64. */
const MAX_FILES = 2 ** 63 / POSITION_FILE_BYTES;

function filePositionOf(fileIndex: number): bigint {
  if (fileIndex < MAX_FILES) return BigInt(fileIndex) * BigInt(POSITION_FILE_BYTES);
  throw new PlanError("too-many-rows", `rows of more than ${MAX_FILES} files cannot be ordered; name fewer files`);
}
