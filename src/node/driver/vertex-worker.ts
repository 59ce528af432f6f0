/** Carries out what the reduction core asks for: scans and merges at the map pool, values in memory and in the store. */

import { assert } from "../../base/assert.js";
import { canonicalJson } from "../../base/canonical-json.js";
import { digestOf } from "../../base/digest.js";
import type { Digest, VertexKey } from "../../base/ids.js";
import type { VertexFailure } from "../../cluster/reduction/reduction-events.js";
import { inputOrderLimit, type QueryPlan } from "../../engine/plan.js";
import type { HashPart, PartialSize } from "../../job/hash-part.js";
import { fileName } from "../../job/lacking.js";
import { type Manifest, type ManifestFile, treeShapeOf } from "../../job/manifest.js";
import type { AnswerTable } from "../../job/result.js";
import { joinSkipped, NOTHING_SKIPPED, renumberSkipped, type SkippedRange } from "../../job/skipped.js";
import { scanRangesOf, type Vertex } from "../../job/tree.js";
import type { Cancel } from "../ports/clock.js";
import type { PartialHandle, ScanRange, TaskEvents } from "../ports/map-pool.js";
import type { DriverConfig, DriverPorts } from "./driver-config.js";
import { KnownTimes, type Remaining } from "./known-times.js";
import { ScanLooks } from "./scan-looks.js";

type Value = PartialHandle | Uint8Array;

export interface WorkEvents {
  onProgress(doneBytes: number): void;
  onDone(): void;
  onFailed(failure: VertexFailure, detail: string): void;
}

type Opened = Remaining | { readonly failure: VertexFailure; readonly detail: string };

type Keep = (handle: PartialHandle, skipped: readonly SkippedRange[]) => void;

/** Ranges of files of a manifest. */
interface SkippedOf {
  readonly manifest: Manifest;
  readonly ranges: readonly SkippedRange[];
}

/** One piece of work for a vertex. It tells its end once, and nothing after {@link end}. */
class VertexRun {
  readonly #events: WorkEvents;
  readonly #keep: Keep;
  readonly #onEnd: () => void;
  isOver = false;
  /** Stops the work at the map pool, once there is some. */
  cancel: Cancel = () => undefined;

  constructor(events: WorkEvents, keep: Keep, onEnd: () => void) {
    this.#events = events;
    this.#keep = keep;
    this.#onEnd = onEnd;
  }

  progress(doneBytes: number): void {
    if (!this.isOver) this.#events.onProgress(doneBytes);
  }

  done(handle: PartialHandle, skipped: readonly SkippedRange[]): void {
    if (!this.end()) return;
    this.#keep(handle, skipped);
    this.#events.onDone();
  }

  fail(failure: VertexFailure, detail: string): void {
    if (this.end()) this.#events.onFailed(failure, detail);
  }

  /** False if it was over before. */
  end(): boolean {
    const isFirst = !this.isOver;
    this.isOver = true;
    if (isFirst) this.#onEnd();
    return isFirst;
  }
}

/** Values whose sizes are remembered; they are found out again. */
const MAX_SIZES = 4096;

export class VertexWorker {
  readonly #ports: DriverPorts;
  readonly #config: DriverConfig;
  readonly #values = new Map<VertexKey, Value>();
  /** What of the values lacks bytes of its vertex. */
  readonly #skipped = new Map<VertexKey, SkippedOf>();
  /** Of values here or in the store: each request for a slice asks for it, and to read a whole value for that takes long. */
  readonly #sizes = new Map<VertexKey, PartialSize>();
  readonly #running = new Map<VertexKey, VertexRun>();
  readonly #plans = new WeakMap<Manifest, QueryPlan>();
  readonly #known: KnownTimes | undefined;
  #scannedBytes = 0;
  readonly #finishes = new WeakMap<Manifest, { readonly digest: Digest | undefined }>();

  constructor(ports: DriverPorts, config: DriverConfig) {
    this.#ports = ports;
    this.#config = config;
    this.#known = config.isDurable ? new KnownTimes(ports.store) : undefined;
  }

  /** Bytes of input that were scanned here, also by scans that came to nothing. */
  get scannedBytes(): number {
    return this.#scannedBytes;
  }

  hasValue(key: VertexKey): boolean {
    return this.#values.has(key) || (this.#config.isDurable && this.#ports.store.hasVertex(key));
  }

  /** The encoded partial, or undefined when the store lost it meanwhile. */
  bytesOf(key: VertexKey): Uint8Array | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return this.#ports.store.getVertex(key);
    return value instanceof Uint8Array ? value : value.encoded();
  }

  /** What the value lacks of its vertex, by the files of this manifest. */
  skippedOf(key: VertexKey, manifest: Manifest): readonly SkippedRange[] {
    const skipped = this.#skipped.get(key);
    return skipped === undefined ? NOTHING_SKIPPED : renumberSkipped(skipped.ranges, skipped.manifest, manifest);
  }

  /** A value that a peer computed for a job. */
  receive(key: VertexKey, manifest: Manifest, partial: Uint8Array, skipped: readonly SkippedRange[]): void {
    this.#set(key, partial, { manifest, ranges: skipped });
  }

  /** Puts it into the store, unless it lacks something: that is this job's, and must not be taken for the vertex. */
  keep(key: VertexKey): void {
    if (this.#skipped.has(key)) return;
    const bytes = this.#config.isDurable ? this.bytesOf(key) : undefined;
    if (bytes !== undefined) this.#ports.store.putVertex(key, bytes);
  }

  /** What turns the partials of a job into its answer, where they can be merged in parts. */
  finishOf(manifest: Manifest): Digest | undefined {
    if (this.#ports.peerNetwork === null) return undefined;
    const known = this.#finishes.get(manifest);
    if (known !== undefined) return known.digest;
    const { map, finish } = this.#planOf(manifest);
    const digest = this.#ports.mapPool.slices.isSliceable(map) ? digestOf(canonicalJson(finish)) : undefined;
    this.#finishes.set(manifest, { digest });
    return digest;
  }

  /** How many of the first rows of the input make the job's answer; undefined where the whole input does. */
  firstRowsOf(manifest: Manifest): number | undefined {
    return this.#ports.peerNetwork === null ? undefined : inputOrderLimit(this.#planOf(manifest).map);
  }

  /** Undefined for a value that lacks something: who asks for a slice must not miss what it lacks. */
  sizeOf(key: VertexKey): PartialSize | undefined {
    if (this.#skipped.has(key)) return undefined;
    const known = this.hasValue(key) ? this.#sizes.get(key) : undefined;
    if (known !== undefined) return known;
    const bytes = this.bytesOf(key);
    const size = bytes && this.#cut(() => this.#ports.mapPool.slices.sizeOf(bytes));
    if (size === undefined) return undefined;
    if (this.#sizes.size >= MAX_SIZES) this.#sizes.clear();
    this.#sizes.set(key, size);
    return size;
  }

  sliceOf(key: VertexKey, part: HashPart): Uint8Array | undefined {
    const bytes = this.bytesOf(key);
    return bytes === undefined ? undefined : this.#cut(() => this.#ports.mapPool.slices.slice(bytes, part));
  }

  /** Cuts a slice from a value here. Without the value there is none, and the merge says so. */
  slice(key: VertexKey, of: VertexKey, part: HashPart): void {
    const slice = this.sliceOf(of, part);
    if (slice !== undefined) this.#set(key, slice);
  }

  /** Has a value in memory from now on, even if it was in the store. */
  lend(key: VertexKey): void {
    const bytes = this.bytesOf(key);
    if (bytes !== undefined) this.#values.set(key, bytes);
  }

  /** A stored value whose checksum holds and that is no partial all the same is as if it were absent. */
  #cut<Result>(cut: () => Result): Result | undefined {
    try {
      return cut();
    } catch (error) {
      if (error instanceof Error && "code" in error) return undefined;
      throw error;
    }
  }

  forget(key: VertexKey): void {
    this.#values.delete(key);
    this.#skipped.delete(key);
  }

  #set(key: VertexKey, value: Value, skipped?: SkippedOf): void {
    this.#values.set(key, value);
    this.#sizes.delete(key);
    if (skipped !== undefined && skipped.ranges.length > 0) this.#skipped.set(key, skipped);
    else this.#skipped.delete(key);
  }

  scan(key: VertexKey, manifest: Manifest, vertex: Vertex, events: WorkEvents): void {
    const run = this.#begin(key, manifest, events);
    this.#open(manifest, vertex, (opened) => {
      if (run.isOver) return;
      if ("failure" in opened) {
        run.fail(opened.failure, opened.detail);
        return;
      }
      const { map } = this.#planOf(manifest);
      const count = this.#scanCounter();
      const looks = new ScanLooks(this.#ports.clock);
      const { ranges, passedOver } = this.#known?.passOver(manifest, map, vertex, opened.ranges) ?? opened;
      run.cancel = this.#ports.mapPool.scan(
        { work: key, map, ranges, ...(passedOver === undefined ? {} : { passedOver }) },
        {
          onProgress: (doneBytes) => {
            count(doneBytes);
            run.progress(doneBytes);
            if (looks.isDue()) this.#endIfInVain(run, manifest, vertex);
          },
          onDone: (handle) => {
            count(ranges.reduce((sum, { start, end }) => sum + end - start, 0));
            // What was read counts only if it is still what the manifest says.
            this.#open(manifest, vertex, (again) => {
              if ("failure" in again) {
                run.fail(again.failure, again.detail);
                return;
              }
              this.#known?.learn(manifest, map, vertex, handle.seen ?? []);
              run.done(handle, handle.skipped ?? NOTHING_SKIPPED);
            });
          },
          onFailed: (error) => {
            // Whatever a scan stumbles over in a file that was cut or replaced meanwhile, that is why.
            this.#open(manifest, vertex, (again) => {
              if ("failure" in again) run.fail(again.failure, again.detail);
              else run.fail("failed", namingFile(error.message, opened.ranges));
            });
          },
        },
      );
    });
  }

  /** Ends a scan whose files are no longer what the manifest says. */
  #endIfInVain(run: VertexRun, manifest: Manifest, vertex: Vertex): void {
    this.#open(manifest, vertex, (opened) => {
      if (!("failure" in opened) || run.isOver) return;
      run.cancel();
      run.fail(opened.failure, opened.detail);
    });
  }

  /** Takes how far one scan is, again and again. */
  #scanCounter(): (doneBytes: number) => void {
    let countedBytes = 0;
    return (doneBytes) => {
      const newBytes = Math.max(0, doneBytes - countedBytes);
      countedBytes += newBytes;
      this.#scannedBytes += newBytes;
    };
  }

  /**
   * Returns the children whose values the store has lost meanwhile; if there are any, nothing is begun. `isCut`: no group is
   * kept that cannot be in the answer; the children are parts of all groups, or slices of one.
   */
  merge(
    key: VertexKey,
    manifest: Manifest,
    children: readonly VertexKey[],
    events: WorkEvents,
    isCut = false,
  ): readonly VertexKey[] {
    const partials: Uint8Array[] = [];
    const lost: VertexKey[] = [];
    for (const child of children) {
      const bytes = this.bytesOf(child);
      if (bytes === undefined) lost.push(child);
      else partials.push(bytes);
    }
    if (lost.length > 0) return lost;
    const skipped = joinSkipped(children.map((child) => this.skippedOf(child, manifest)));
    const run = this.#begin(key, manifest, events);
    const plan = this.#planOf(manifest);
    const ended = {
      onDone: (handle: PartialHandle) => run.done(handle, skipped),
      onFailed: (error: Error) => run.fail("failed", error.message),
    };
    run.cancel = this.#ports.mapPool.merge(plan.map, partials, ended, isCut ? plan : undefined);
    return lost;
  }

  /** Turns the root's partial into the answer; false when the store has lost it meanwhile. */
  finish(key: VertexKey, manifest: Manifest, events: TaskEvents<AnswerTable>): boolean {
    const root = this.#values.get(key) ?? this.#ports.store.getVertex(key);
    if (root === undefined) return false;
    this.#ports.mapPool.finish(this.#planOf(manifest), root, events, manifest.request.maxResultBytes);
    return true;
  }

  cancel(key: VertexKey): void {
    const run = this.#running.get(key);
    run?.end();
    run?.cancel();
  }

  #begin(key: VertexKey, manifest: Manifest, events: WorkEvents): VertexRun {
    const run = new VertexRun(
      events,
      (handle, ranges) => this.#set(key, handle, { manifest, ranges }),
      () => {
        if (this.#running.get(key) === run) this.#running.delete(key);
      },
    );
    this.#running.set(key, run);
    return run;
  }

  /** Opens the files of a vertex; `done` is called once, with the first failure there is. */
  #open(manifest: Manifest, vertex: Vertex, done: (opened: Opened) => void): void {
    const wanted = scanRangesOf(treeShapeOf(manifest), vertex);
    const ranges: ScanRange[] = [];
    let waiting = wanted.length;
    let isOver = false;
    const end = (opened: Opened): void => {
      if (!isOver) done(opened);
      isOver = true;
    };
    const opened: Opened = { ranges, passedOver: undefined };
    if (waiting === 0) end(opened);
    for (const [index, { file: fileIndex, start, end: rangeEnd }] of wanted.entries()) {
      const file = manifest.files[fileIndex];
      assert(file !== undefined, `the manifest has a file ${fileIndex}`);
      this.#ports.catalog.open(file, (outcome) => {
        if (typeof outcome === "string") {
          end({ failure: outcome, detail: fileName(file) });
          return;
        }
        ranges[index] = { ...outcome, ...this.#labels(file), start, end: rangeEnd, fileIndex };
        waiting -= 1;
        if (waiting === 0) end(opened);
      });
    }
  }

  #labels(file: ManifestFile): Pick<ScanRange, "format" | "scanSize" | "fileName" | "nodeName"> {
    const nodeName = file.node === null ? null : this.#config.self.name;
    return { format: file.format, scanSize: file.scanSize, fileName: fileName(file), nodeName };
  }

  #planOf(manifest: Manifest): QueryPlan {
    const known = this.#plans.get(manifest);
    if (known !== undefined) return known;
    const plan = this.#ports.planner.queryPlanOf(manifest);
    this.#plans.set(manifest, plan);
    return plan;
  }
}

/** The message of a failed scan, with its file if it can be only one and is not named yet. */
function namingFile(message: string, ranges: readonly ScanRange[]): string {
  const names = new Set(ranges.map(({ fileName: name }) => name));
  const [name] = names;
  return name === undefined || names.size > 1 || message.includes(name) ? message : `${name}: ${message}`;
}
