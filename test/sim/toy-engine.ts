/**
 * A toy engine for simulated nodes: a planner, a catalog and a map pool over toy files. Scans and merges take simulated
 * time, and a scan reads part of its bytes when it begins and part when it ends, as a file that changes meanwhile shows.
 */

import type { JobId, NodeId } from "../../src/base/ids.js";
import type { PlanRefusal } from "../../src/cluster/job/job-events.js";
import type { View } from "../../src/cluster/member.js";
import { mapPlanDigest, type QueryPlan } from "../../src/engine/plan.js";
import { type Lacking, type Manifest, type ManifestFile, SEMANTICS_VERSION } from "../../src/job/manifest.js";
import type { JobRequest } from "../../src/job/request.js";
import type { ResultTable } from "../../src/job/result.js";
import { LEAF_BYTES, type SpanLevel } from "../../src/job/tree.js";
import { foldDigests, spanRangeLevel } from "../../src/job/vertex-key.js";
import type { Cancel, Clock } from "../../src/node/ports/clock.js";
import type { MapPool, PartialHandle, ScanRange, TaskEvents } from "../../src/node/ports/map-pool.js";
import type { Planner } from "../../src/node/ports/planner.js";
import type { FileDescription, OpenOutcome, SourceCatalog } from "../../src/node/ports/source-catalog.js";
import {
  countRange,
  decodeCounts,
  encodeCounts,
  mergeCounts,
  TOY_SLICES,
  type ToyContent,
  type ToyCounts,
  tableOf,
} from "./toy-content.js";
import { HeldToyFiles, leafDigest, nameOf, type ToyFile, ToySources } from "./toy-sources.js";

export type { ToyFile } from "./toy-sources.js";

/** A scan that takes longer tells this often how far it is. */
const PROGRESS_MS = 100;

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

/** A file as a planner sees it. */
export interface PlannedFile extends ToyFile {
  readonly generation: number;
  readonly mtimeMs: number;
}

export function toyManifest(
  files: readonly (ToyFile & Partial<PlannedFile>)[],
  job: { readonly jobId: JobId; readonly clientKey: string; readonly request: JobRequest; readonly planner: NodeId },
  spanLevel: SpanLevel,
  nowMs: number,
  semanticsVersion: number = SEMANTICS_VERSION,
): Manifest {
  return {
    ...job,
    semanticsVersion,
    nowMs,
    planDigest: mapPlanDigest(PLAN.map),
    spanLevel,
    files: files.map((file) => manifestFile({ generation: 0, mtimeMs: 1, ...file }, spanLevel)),
  };
}

function manifestFile(file: PlannedFile, spanLevel: SpanLevel): ManifestFile {
  const content = { ...file, name: nameOf(file) };
  const leaves = Math.ceil(file.sizeBytes / LEAF_BYTES);
  const digests = Array.from({ length: leaves }, (_, leaf) => leafDigest(content, leaf));
  return {
    source: file.source,
    path: file.path,
    node: file.node,
    format: "toy",
    size: file.sizeBytes,
    scanSize: file.sizeBytes,
    sealedSize: file.sizeBytes,
    mtimeMs: file.mtimeMs,
    spanDigests: foldDigests(digests, spanRangeLevel(spanLevel, file.sizeBytes)),
  };
}

export interface ToyOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly files: readonly ToyFile[];
  /** What becomes of the files; without it they stay as they are. */
  readonly sources?: ToySources;
  readonly spanLevel: SpanLevel;
  /** How long planning, scanning a leaf, or merging takes; 0 is at once, within the call. */
  readonly taskMs: (leaves: number) => number;
  /** How many times longer that takes at this moment; once, without it. */
  readonly slowness?: () => number;
  /** Another version counts other keys. */
  readonly semantics?: number;
  /** Hears what was planned, from which files as they were at that moment. */
  readonly onPlanned?: (manifest: Manifest, files: readonly PlannedFile[]) => void;
  /** Hears of every span that was scanned to its end. */
  readonly onScanned?: (content: ToyContent, start: number, end: number) => void;
}

const sourcesOf = (options: ToyOptions): ToySources => options.sources ?? new ToySources(options.files);

function after(clock: Clock, delayMs: number, run: () => void): Cancel {
  if (delayMs > 0) return clock.setTimer(delayMs, run);
  run();
  return () => undefined;
}

/** Plans over a fixed list of files; those of a node that the view has as dead are missing. */
export class ToyPlanner implements Planner {
  readonly #options: ToyOptions;
  readonly #sources: ToySources;

  constructor(options: ToyOptions) {
    this.#options = options;
    this.#sources = sourcesOf(options);
  }

  plan(
    job: { readonly jobId: JobId; readonly clientKey: string; readonly request: JobRequest; readonly view: View },
    done: (outcome: Manifest | PlanRefusal) => void,
  ): void {
    const { jobId, clientKey, request, view } = job;
    const { clock, self: planner, files, spanLevel, taskMs, semantics, onPlanned } = this.#options;
    const dead = new Set(view.members.filter((member) => member.state === "dead").map((member) => member.id));
    const isMissing = (file: ToyFile): boolean => file.node !== null && dead.has(file.node);
    const missing = files.filter(isMissing);
    after(clock, taskMs(1), () => {
      const present = files.filter((file) => !isMissing(file)).map((file) => this.#planned(file));
      if (missing.length > 0 && (!request.allowIncomplete || present.length === 0)) {
        done({ code: "holders-missing", message: missing.map(nameOf).join(", ") });
        return;
      }
      const named = { jobId, clientKey, request, planner };
      const whole = toyManifest(present, named, spanLevel, Math.floor(clock.wallMs()), semantics);
      const manifest = missing.length === 0 ? whole : { ...whole, lacking: lackingOf(files, missing) };
      onPlanned?.(manifest, present);
      done(manifest);
    });
  }

  #planned(file: ToyFile): PlannedFile {
    const { sizeBytes, mtimeMs, generation } = this.#sources.named(nameOf(file));
    return { ...file, sizeBytes, mtimeMs, generation };
  }

  queryPlanOf(): QueryPlan {
    return PLAN;
  }
}

/** Opens every toy file whose node, if it has one, is this one. */
export class ToyCatalog implements SourceCatalog {
  readonly #options: ToyOptions;
  readonly #held: HeldToyFiles;
  /** Paths that are said to have changed. */
  readonly changed = new Set<string>();
  readonly absent = new Set<string>();

  constructor(options: ToyOptions) {
    this.#options = options;
    this.#held = new HeldToyFiles(sourcesOf(options));
  }

  describe(_question: unknown, done: (files: readonly FileDescription[]) => void): void {
    done([]);
  }

  open(file: ManifestFile, done: (outcome: OpenOutcome) => void): void {
    done(this.#outcomeOf(file));
  }

  #outcomeOf(file: ManifestFile): OpenOutcome {
    if (this.changed.has(file.path)) return "input-changed";
    const isHeld = this.#options.files.some((held) => held.path === file.path && held.source === file.source);
    const isHere = file.node === null || file.node === this.#options.self;
    if (!isHeld || !isHere || this.absent.has(file.path)) return "not-holder";
    const inode = this.#held.open(file);
    return typeof inode === "string" ? inode : { realPath: `/inode/${inode.number}` };
  }
}

export class ToyMapPool implements MapPool {
  readonly threads = 2;
  readonly slices = TOY_SLICES;
  readonly #options: ToyOptions;
  readonly #sources: ToySources;
  /** How often each span was scanned, by file and start. */
  readonly scans = new Map<string, number>();
  encodings = 0;
  broken: string | undefined;

  constructor(options: ToyOptions) {
    this.#options = options;
    this.#sources = sourcesOf(options);
  }

  scan({ ranges }: { readonly ranges: readonly ScanRange[] }, events: TaskEvents<PartialHandle>): Cancel {
    for (const range of ranges) {
      const name = `${range.fileName}@${range.start}`;
      this.scans.set(name, (this.scans.get(name) ?? 0) + 1);
    }
    const bytes = ranges.reduce((sum, range) => sum + range.end - range.start, 0);
    const first = ranges.map((range) => this.#content(range));
    const compute = (): PartialHandle => {
      const counted = ranges.map((range, at) => this.#count(range, first[at]));
      return this.#handle(mergeCounts(counted, this.#options.semantics));
    };
    return this.#run(Math.ceil(bytes / LEAF_BYTES), events, compute, bytes);
  }

  merge(_map: unknown, partials: readonly Uint8Array[], events: TaskEvents<PartialHandle>): Cancel {
    const compute = () => this.#handle(mergeCounts(partials.map(decodeCounts), this.#options.semantics));
    return this.#run(1, events, compute);
  }

  finish(_plan: unknown, root: PartialHandle | Uint8Array, events: TaskEvents<ResultTable>): Cancel {
    return this.#run(1, events, () => {
      if (root instanceof Uint8Array) return tableOf(decodeCounts(root));
      return root instanceof ToyHandle ? tableOf(root.value) : tableOf(decodeCounts(root.encoded()));
    });
  }

  /** The file's bytes as they are now. */
  #content({ realPath }: ScanRange): ToyContent {
    return { ...this.#sources.numbered(Number(realPath.slice("/inode/".length))) };
  }

  /** Leaves by turns from the file as it was when the scan began and from what it is now. */
  #count(range: ScanRange, first: ToyContent | undefined): ToyCounts {
    const { start, end } = range;
    const last = this.#content(range);
    this.#options.onScanned?.(last, start, end);
    const { semantics } = this.#options;
    if (first === undefined || first.generation === last.generation) return countRange(last, start, end, semantics);
    const halves = [first, last];
    const leaves = Array.from({ length: Math.ceil((end - start) / LEAF_BYTES) }, (_, leaf) => {
      const from = start + leaf * LEAF_BYTES;
      return countRange(halves[leaf % 2] ?? last, from, Math.min(end, from + LEAF_BYTES), semantics);
    });
    return mergeCounts(leaves, semantics);
  }

  #handle(value: ToyCounts): PartialHandle {
    return new ToyHandle(value, () => {
      this.encodings += 1;
    });
  }

  #run<Result>(leaves: number, events: TaskEvents<Result>, compute: () => Result, bytes = 0): Cancel {
    const { clock, taskMs, slowness = () => 1 } = this.#options;
    const durationMs = taskMs(leaves);
    let leftMs = durationMs;
    let isCancelled = false;
    let cancel: Cancel = () => undefined;
    const goOn = (): void => {
      if (leftMs < durationMs) events.onProgress?.(Math.floor(bytes * (1 - leftMs / durationMs)));
      if (isCancelled) return;
      // Only a step at a time: a process that is slow need not be so for long.
      const slow = slowness();
      const begunMs = clock.nowMs();
      const stepMs = Math.min(leftMs, PROGRESS_MS / slow);
      cancel = after(clock, stepMs * slow, () => {
        leftMs -= Math.max(stepMs, (clock.nowMs() - begunMs) / slow);
        if (leftMs > 0) goOn();
        else end();
      });
    };
    const end = (): void => {
      if (this.broken !== undefined) events.onFailed(new Error(this.broken));
      else events.onDone(compute());
    };
    goOn();
    return () => {
      isCancelled = true;
      cancel();
    };
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
