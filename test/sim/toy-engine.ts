/**
 * A toy engine for simulated nodes: files whose content is a function of path and leaf, partials that are counts by key,
 * and the oracle that counts directly. Scans and merges take simulated time.
 */

import { digestOf } from "../../src/base/digest.js";
import type { JobId, NodeId } from "../../src/base/ids.js";
import { murmur3 } from "../../src/base/ring-hash.js";
import type { PlanRefusal } from "../../src/cluster/job/job-events.js";
import type { View } from "../../src/cluster/member.js";
import { mapPlanDigest, type QueryPlan } from "../../src/engine/plan.js";
import type { Lacking } from "../../src/job/lacking.js";
import { type Manifest, type ManifestFile, SEMANTICS_VERSION } from "../../src/job/manifest.js";
import type { JobRequest } from "../../src/job/request.js";
import { addCounters, NO_COUNTERS, type ResultTable, type ScanCounters } from "../../src/job/result.js";
import { LEAF_BYTES, type SpanLevel } from "../../src/job/tree.js";
import { foldDigests, spanRangeLevel } from "../../src/job/vertex-key.js";
import type { Cancel, Clock } from "../../src/node/ports/clock.js";
import type { MapPool, PartialHandle, ScanRange, TaskEvents } from "../../src/node/ports/map-pool.js";
import type { Planner } from "../../src/node/ports/planner.js";
import type { FileDescription, OpenOutcome, SourceCatalog } from "../../src/node/ports/source-catalog.js";

export interface ToyFile {
  readonly source: string;
  readonly path: string;
  readonly node: NodeId | null;
  readonly sizeBytes: number;
}

export interface ToyCounts {
  readonly counts: ReadonlyMap<string, number>;
  readonly counters: ScanCounters;
}

const KEYS_PER_LEAF = 6;
const DISTINCT_KEYS = 25;

/** What the lines of one leaf count to. */
function leafCounts(fileName: string, leaf: number, counts: Map<string, number>): number {
  let lines = 0;
  for (let entry = 0; entry < KEYS_PER_LEAF; entry += 1) {
    const hash = murmur3(`${fileName}/${leaf}/${entry}`, 7);
    const key = `key-${hash % DISTINCT_KEYS}`;
    const count = 1 + ((hash >>> 8) % 5);
    lines += count;
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return lines;
}

export function countRange(fileName: string, start: number, end: number): ToyCounts {
  const counts = new Map<string, number>();
  let lines = 0;
  for (let leaf = Math.floor(start / LEAF_BYTES); leaf * LEAF_BYTES < end; leaf += 1) {
    lines += leafCounts(fileName, leaf, counts);
  }
  return { counts, counters: { ...NO_COUNTERS, lines, bytes: end - start } };
}

export function mergeCounts(all: readonly ToyCounts[]): ToyCounts {
  const counts = new Map<string, number>();
  let counters = NO_COUNTERS;
  for (const part of all) {
    counters = addCounters(counters, part.counters);
    for (const [key, count] of part.counts) counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return { counts, counters };
}

const sorted = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([left], [right]) => (left < right ? -1 : 1));

export function encodeCounts({ counts, counters }: ToyCounts): Uint8Array {
  const body = JSON.stringify([sorted(counts), counters]);
  return new TextEncoder().encode(`${murmur3(body, 1)}|${body}`);
}

export function decodeCounts(bytes: Uint8Array): ToyCounts {
  const text = new TextDecoder().decode(bytes);
  const bar = text.indexOf("|");
  const body = text.slice(bar + 1);
  if (Number(text.slice(0, bar)) !== murmur3(body, 1)) throw new Error("a partial's checksum does not hold");
  const [counts, counters] = JSON.parse(body) as [[string, number][], ScanCounters];
  return { counts: new Map(counts), counters };
}

export function tableOf({ counts, counters }: ToyCounts): ResultTable {
  return {
    columns: [
      { name: "key", type: "string" },
      { name: "count", type: "i64" },
    ],
    rows: sorted(counts).map(([key, count]) => [key, BigInt(count)]),
    counters,
  };
}

export const nameOf = (file: ToyFile): string => (file.source === "" ? file.path : `${file.source}:${file.path}`);

/** The answer, counted in one go without any of the machinery under test. */
export const oracleTable = (files: readonly ToyFile[]): ResultTable =>
  tableOf(mergeCounts(files.map((file) => countRange(nameOf(file), 0, file.sizeBytes))));

function lackingOf(files: readonly ToyFile[], missing: readonly ToyFile[]): Lacking {
  const parts = missing.map(({ source, node, path, sizeBytes }) => {
    return { source, node, holder: node, paths: [path], bytes: sizeBytes };
  });
  return { holders: new Set(files.map(({ node }) => node)).size, parts };
}

const PLAN: QueryPlan = {
  map: {
    filter: null,
    keys: [{ kind: "field", type: "string", name: "key" }],
    aggregates: [{ function: "count", argument: null, filter: null }],
  },
  finish: { columns: [], having: null, orderBy: [], limit: null, offset: 0 },
  from: null,
};

export function toyManifest(
  files: readonly ToyFile[],
  job: { readonly jobId: JobId; readonly clientKey: string; readonly request: JobRequest; readonly planner: NodeId },
  spanLevel: SpanLevel,
  nowMs: number,
): Manifest {
  return {
    ...job,
    semanticsVersion: SEMANTICS_VERSION,
    nowMs,
    planDigest: mapPlanDigest(PLAN.map),
    spanLevel,
    files: files.map((file) => manifestFile(file, spanLevel)),
  };
}

function manifestFile(file: ToyFile, spanLevel: SpanLevel): ManifestFile {
  const leaves = Math.ceil(file.sizeBytes / LEAF_BYTES);
  const digests = Array.from({ length: leaves }, (_, leaf) => digestOf(`${nameOf(file)}/${leaf}`));
  return {
    source: file.source,
    path: file.path,
    node: file.node,
    format: "toy",
    size: file.sizeBytes,
    scanSize: file.sizeBytes,
    sealedSize: file.sizeBytes,
    mtimeMs: 1,
    spanDigests: foldDigests(digests, spanRangeLevel(spanLevel, file.sizeBytes)),
  };
}

export interface ToyOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly files: readonly ToyFile[];
  readonly spanLevel: SpanLevel;
  /** How long planning, scanning a leaf, or merging takes; 0 is at once, within the call. */
  readonly taskMs: (leaves: number) => number;
}

function after(clock: Clock, delayMs: number, run: () => void): Cancel {
  if (delayMs > 0) return clock.setTimer(delayMs, run);
  run();
  return () => undefined;
}

/** How often a long scan tells how far it is. */
const REPORT_MS = 100;

/** {@link after}, with reports of the share that is done on the way. */
function afterReporting(clock: Clock, delayMs: number, report: (share: number) => void, run: () => void): Cancel {
  const steps = Math.max(1, Math.floor(delayMs / REPORT_MS));
  let cancel: Cancel = () => undefined;
  const go = (done: number): void => {
    cancel = after(clock, delayMs / steps, () => {
      if (done === steps) return run();
      report(done / steps);
      go(done + 1);
    });
  };
  go(1);
  return () => cancel();
}

/** Plans over a fixed list of files; those of a node that the view has as dead are missing. */
export class ToyPlanner implements Planner {
  readonly #options: ToyOptions;

  constructor(options: ToyOptions) {
    this.#options = options;
  }

  plan(
    job: { readonly jobId: JobId; readonly clientKey: string; readonly request: JobRequest; readonly view: View },
    done: (outcome: Manifest | PlanRefusal) => void,
  ): void {
    const { jobId, clientKey, request, view } = job;
    const { clock, self: planner, files, spanLevel, taskMs } = this.#options;
    const dead = new Set(view.members.filter((member) => member.state === "dead").map((member) => member.id));
    const isMissing = (file: ToyFile): boolean => file.node !== null && dead.has(file.node);
    const present = files.filter((file) => !isMissing(file));
    const missing = files.filter(isMissing);
    after(clock, taskMs(1), () => {
      if (missing.length > 0 && (!request.allowIncomplete || present.length === 0)) {
        done({ code: "holders-missing", message: missing.map(nameOf).join(", ") });
        return;
      }
      const named = { jobId, clientKey, request, planner };
      const manifest = toyManifest(present, named, spanLevel, Math.floor(clock.wallMs()));
      done(missing.length === 0 ? manifest : { ...manifest, lacking: lackingOf(files, missing) });
    });
  }

  queryPlanOf(): QueryPlan {
    return PLAN;
  }
}

/** Opens every toy file whose node, if it has one, is this one. */
export class ToyCatalog implements SourceCatalog {
  readonly #options: ToyOptions;
  /** Paths that are said to have changed. */
  readonly changed = new Set<string>();
  readonly absent = new Set<string>();

  constructor(options: ToyOptions) {
    this.#options = options;
  }

  describe(_source: string, _glob: string, done: (files: readonly FileDescription[]) => void): void {
    done([]);
  }

  open(file: ManifestFile, done: (outcome: OpenOutcome) => void): void {
    done(this.#outcomeOf(file));
  }

  #outcomeOf(file: ManifestFile): OpenOutcome {
    if (this.changed.has(file.path)) return "input-changed";
    const isHeld = this.#options.files.some((held) => held.path === file.path && held.source === file.source);
    const isHere = file.node === null || file.node === this.#options.self;
    return isHeld && isHere && !this.absent.has(file.path) ? { realPath: file.path } : "not-holder";
  }
}

export class ToyMapPool implements MapPool {
  readonly threads = 2;
  readonly #options: ToyOptions;
  /** How often each span was scanned, by file and start. */
  readonly scans = new Map<string, number>();
  encodings = 0;
  broken: string | undefined;

  constructor(options: ToyOptions) {
    this.#options = options;
  }

  scan({ ranges }: { readonly ranges: readonly ScanRange[] }, events: TaskEvents<PartialHandle>): Cancel {
    for (const range of ranges) {
      const name = `${range.fileName}@${range.start}`;
      this.scans.set(name, (this.scans.get(name) ?? 0) + 1);
    }
    const leaves = ranges.reduce((sum, range) => sum + Math.ceil((range.end - range.start) / LEAF_BYTES), 0);
    const bytes = ranges.reduce((sum, range) => sum + range.end - range.start, 0);
    const { clock, taskMs } = this.#options;
    return afterReporting(
      clock,
      taskMs(leaves),
      (share) => events.onProgress?.(Math.floor(share * bytes)),
      () => {
        const compute = () => mergeCounts(ranges.map((range) => countRange(range.fileName, range.start, range.end)));
        this.#end(events, () => this.#handle(compute()));
      },
    );
  }

  merge(_map: unknown, partials: readonly Uint8Array[], events: TaskEvents<PartialHandle>): Cancel {
    return this.#run(1, events, () => this.#handle(mergeCounts(partials.map(decodeCounts))));
  }

  finish(_plan: unknown, root: PartialHandle | Uint8Array, events: TaskEvents<ResultTable>): Cancel {
    return this.#run(1, events, () => {
      if (root instanceof Uint8Array) return tableOf(decodeCounts(root));
      return root instanceof ToyHandle ? tableOf(root.value) : tableOf(decodeCounts(root.encoded()));
    });
  }

  #handle(value: ToyCounts): PartialHandle {
    return new ToyHandle(value, () => {
      this.encodings += 1;
    });
  }

  #run<Result>(leaves: number, events: TaskEvents<Result>, compute: () => Result): Cancel {
    const { clock, taskMs } = this.#options;
    return after(clock, taskMs(leaves), () => this.#end(events, compute));
  }

  #end<Result>(events: TaskEvents<Result>, compute: () => Result): void {
    if (this.broken !== undefined) events.onFailed(new Error(this.broken));
    else events.onDone(compute());
  }
}

class ToyHandle implements PartialHandle {
  readonly value: ToyCounts;
  readonly #onEncoded: () => void;

  constructor(value: ToyCounts, onEncoded: () => void) {
    this.value = value;
    this.#onEncoded = onEncoded;
  }

  encoded(): Uint8Array {
    this.#onEncoded();
    return encodeCounts(this.value);
  }
}
