/** Carries out what the reduction core asks for: scans and merges at the map pool, values in memory and in the store. */

import { assert } from "../../base/assert.js";
import type { VertexKey } from "../../base/ids.js";
import type { VertexFailure } from "../../cluster/reduction/reduction-events.js";
import type { QueryPlan } from "../../engine/plan.js";
import { fileName } from "../../job/lacking.js";
import { type Manifest, type ManifestFile, treeShapeOf } from "../../job/manifest.js";
import type { ResultTable } from "../../job/result.js";
import { scanRangesOf, type Vertex } from "../../job/tree.js";
import type { Cancel } from "../ports/clock.js";
import type { PartialHandle, ScanRange, TaskEvents } from "../ports/map-pool.js";
import type { DriverConfig, DriverPorts } from "./driver-config.js";

type Value = PartialHandle | Uint8Array;

export interface WorkEvents {
  onProgress(doneBytes: number): void;
  onDone(): void;
  onFailed(failure: VertexFailure, detail: string): void;
}

type Opened = { readonly ranges: readonly ScanRange[] } | { readonly failure: VertexFailure; readonly detail: string };

export class VertexWorker {
  readonly #ports: DriverPorts;
  readonly #config: DriverConfig;
  readonly #values = new Map<VertexKey, Value>();
  readonly #running = new Map<VertexKey, Cancel>();
  readonly #plans = new WeakMap<Manifest, QueryPlan>();

  constructor(ports: DriverPorts, config: DriverConfig) {
    this.#ports = ports;
    this.#config = config;
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

  /** A value that a peer computed. */
  receive(key: VertexKey, partial: Uint8Array): void {
    this.#values.set(key, partial);
  }

  keep(key: VertexKey): void {
    const bytes = this.#config.isDurable ? this.bytesOf(key) : undefined;
    if (bytes !== undefined) this.#ports.store.putVertex(key, bytes);
  }

  forget(key: VertexKey): void {
    this.#values.delete(key);
  }

  scan(key: VertexKey, manifest: Manifest, vertex: Vertex, events: WorkEvents): void {
    const opened = this.#open(manifest, vertex);
    if ("failure" in opened) {
      events.onFailed(opened.failure, opened.detail);
      return;
    }
    this.#run(key, events, (task) =>
      this.#ports.mapPool.scan(
        { map: this.#planOf(manifest).map, ranges: opened.ranges },
        task(() => this.#open(manifest, vertex)),
      ),
    );
  }

  merge(key: VertexKey, manifest: Manifest, children: readonly VertexKey[], events: WorkEvents): void {
    const partials: Uint8Array[] = [];
    for (const child of children) {
      const bytes = this.bytesOf(child);
      if (bytes === undefined) {
        events.onFailed("failed", `the value of vertex ${child} was lost from the store`);
        return;
      }
      partials.push(bytes);
    }
    this.#run(key, events, (task) =>
      this.#ports.mapPool.merge(
        this.#planOf(manifest).map,
        partials,
        task(() => undefined),
      ),
    );
  }

  /** Turns the root's partial into the answer. */
  finish(key: VertexKey, manifest: Manifest, events: TaskEvents<ResultTable>): void {
    const root = this.#values.get(key) ?? this.#ports.store.getVertex(key);
    if (root === undefined) {
      events.onFailed(new Error("the root's value was lost from the store"));
      return;
    }
    this.#ports.mapPool.finish(this.#planOf(manifest), root, events);
  }

  cancel(key: VertexKey): void {
    this.#running.get(key)?.();
    this.#running.delete(key);
  }

  /**
   * Runs a task of the map pool for a vertex; `task` makes its events, which check the input once more before the value
   * counts. Events of a cancelled task are dropped.
   */
  #run(
    key: VertexKey,
    events: WorkEvents,
    start: (task: (recheck: () => Opened | undefined) => TaskEvents<PartialHandle>) => Cancel,
  ): void {
    let isOver = false;
    const end = (): boolean => {
      const isFirst = !isOver;
      isOver = true;
      if (isFirst) this.#running.delete(key);
      return isFirst;
    };
    const cancel = start((recheck) => ({
      onProgress: (doneBytes) => {
        if (!isOver) events.onProgress(doneBytes);
      },
      onDone: (handle) => {
        if (!end()) return;
        const changed = recheck();
        if (changed !== undefined && "failure" in changed) return events.onFailed(changed.failure, changed.detail);
        this.#values.set(key, handle);
        events.onDone();
      },
      onFailed: (error) => {
        if (end()) events.onFailed("failed", error.message);
      },
    }));
    if (isOver) return;
    this.#running.set(key, () => {
      isOver = true;
      cancel();
    });
  }

  #open(manifest: Manifest, vertex: Vertex): Opened {
    const ranges: ScanRange[] = [];
    for (const range of scanRangesOf(treeShapeOf(manifest), vertex)) {
      const file = manifest.files[range.file];
      assert(file !== undefined, `the manifest has a file ${range.file}`);
      const opened = this.#ports.catalog.open(file);
      if (opened === "not-holder" || opened === "input-changed") {
        return { failure: opened, detail: fileName(file) };
      }
      ranges.push({
        ...opened,
        format: file.format,
        start: range.start,
        end: range.end,
        scanSize: file.scanSize,
        fileName: fileName(file),
        nodeName: this.#nodeName(file),
        fileIndex: range.file,
      });
    }
    return { ranges };
  }

  #nodeName(file: ManifestFile): string | null {
    return file.node === null ? null : this.#config.self.name;
  }

  #planOf(manifest: Manifest): QueryPlan {
    const known = this.#plans.get(manifest);
    if (known !== undefined) return known;
    const plan = this.#ports.planner.queryPlanOf(manifest);
    this.#plans.set(manifest, plan);
    return plan;
  }
}
