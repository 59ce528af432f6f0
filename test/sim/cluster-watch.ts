/**
 * What must hold inside the cluster, watched as it runs: one value for each vertex, and the oracle's; records whose state
 * never goes back; incarnations that grow; as many durable copies as were acknowledged; nothing that piles up.
 */

import type { JobId, NodeId } from "../../src/base/ids.js";
import type { JobRecord } from "../../src/cluster/job/job-record.js";
import { decodeRecord } from "../../src/cluster/job/record-codec.js";
import { isTerminal, JOB_STATES, type JobState } from "../../src/job/status.js";
import { LEAF_BYTES } from "../../src/job/tree.js";
import type { DriverPorts } from "../../src/node/driver/driver-config.js";
import type { Exchange } from "../../src/node/ports/exchange.js";
import type { Store } from "../../src/node/ports/store.js";
import { InvariantError } from "./invariants.js";
import { Oracle } from "./oracle.js";
import type { SimulatedCluster, Watcher } from "./simulated-cluster.js";
import type { SimulatedNode } from "./simulated-node.js";
import type { Tally } from "./tally.js";
import type { ToyContent } from "./toy-content.js";

/** A node asks at most every member for each vertex of its jobs. */
const MAX_OPEN_PULLS = 2000;
/** Tasks at the map pool, the driver's own timer, plans, and a farewell. */
const MAX_OPEN_TIMERS = 200;
/** The timer that drives a node, and nothing else, once it has no work. */
const IDLE_TIMERS = 1;

/** What the watch sees that others act upon. */
export interface Sightings {
  copySent(node: NodeId, id: JobId): void;
  ended(node: NodeId, id: JobId): void;
  letGo(id: JobId): void;
}

export class ClusterWatch implements Watcher {
  readonly oracle = new Oracle();
  readonly #tally: Tally;
  readonly #values = new Map<string, Uint8Array>();
  readonly #recordStates = new Map<string, JobState>();
  /** The manifest of each node's record of a job, and of those that it let go after their time. */
  readonly #manifests = new Map<string, string>();
  readonly #letGo = new Map<string, string | undefined>();
  readonly #decoded = new WeakMap<Uint8Array, JobRecord>();
  readonly #incarnations = new Map<string, number>();
  readonly #leaves = new Set<string>();
  sightings: Sightings | undefined;
  /** Leaves scanned, and how many different ones. */
  scannedLeaves = 0;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  get distinctLeaves(): number {
    return this.#leaves.size;
  }

  readonly onPlanned: NonNullable<Watcher["onPlanned"]> = (manifest, files) => this.oracle.planned(manifest, files);

  readonly onScanned = ({ name, generation }: ToyContent, start: number, end: number): void => {
    for (let at = start; at < end; at += LEAF_BYTES) {
      this.scannedLeaves += 1;
      this.#leaves.add(`${name}/${generation}/${at}/${Math.min(end, at + LEAF_BYTES)}`);
    }
  };

  watch(ports: DriverPorts, self: NodeId): DriverPorts {
    this.#forgetRecords(self);
    return {
      ...ports,
      exchange: this.#watchExchange(ports.exchange, self),
      store: this.#watchStore(ports.store, self),
    };
  }

  /** Called again and again while the cluster runs. */
  observe({ nodes }: SimulatedCluster): void {
    for (const node of nodes) {
      this.#checkIncarnations(node);
      if (node.openPulls > MAX_OPEN_PULLS) throw new InvariantError(`${node.id} has ${node.openPulls} pulls open`);
      const { openTimers } = node.process;
      if (openTimers > MAX_OPEN_TIMERS) throw new InvariantError(`${node.id} has ${openTimers} timers open`);
    }
  }

  /** Nodes that have no job to work for, and yet something open; undefined when there is none. */
  describeLeaks({ nodes }: SimulatedCluster): string | undefined {
    const leaking = nodes.filter((node) => {
      const isIdle = node.driver?.jobs().every((job) => isTerminal(job.state));
      return isIdle === true && (node.openPulls > 0 || node.process.openTimers > IDLE_TIMERS);
    });
    if (leaking.length === 0) return undefined;
    return leaking.map((node) => `${node.id}: ${node.openPulls} pulls, ${node.process.openTimers} timers`).join("; ");
  }

  #watchExchange(exchange: Exchange, self: NodeId): Exchange {
    return {
      start: (handlers) => exchange.start(handlers),
      describe: (from, question, done) => exchange.describe(from, question, done),
      fetchRecord: (from, id, done) => exchange.fetchRecord(from, id, done),
      replicate: (to, record, done) => {
        const decoded = this.#decode(record);
        if (decoded !== undefined) this.sightings?.copySent(self, decoded.manifest.jobId);
        exchange.replicate(to, record, done);
      },
      pull: (from, request, events) =>
        exchange.pull(from, request, {
          ...events,
          onProgress: (progress) => events.onProgress(progress),
          onPlaces: (...given) => events.onPlaces?.(...given),
          onFailure: (failure, detail) => events.onFailure(failure, detail),
          onPartial: (...given) => {
            const [partial] = given;
            // What is there of a vertex for a preview has no other use: previews are checked where they are shown.
            if (request.previewMs !== undefined) return events.onPartial(...given);
            const { manifestDigest, vertex, want } = request;
            const isPart = want?.kind === "slice" || want?.kind === "part";
            const right = isPart
              ? this.oracle.part(manifestDigest, vertex, want.part)
              : this.oracle.vertex(manifestDigest, vertex);
            if (right === undefined || !isEqual(partial, right)) {
              throw new InvariantError(`${self} accepts a wrong value of ${vertex} from ${from.id}`);
            }
            this.#tally.add("vertices");
            if (isPart) this.#tally.add(want.kind === "slice" ? "slices" : "parts");
            events.onPartial(...given);
          },
        }),
    };
  }

  #watchStore(store: Store, self: NodeId): Store {
    return {
      ...store,
      putVertex: (key, partial) => {
        const known = this.#values.get(key);
        if (known !== undefined && !isEqual(known, partial)) {
          throw new InvariantError(`${self} has another value of vertex ${key} than was known`);
        }
        this.#values.set(key, partial);
        store.putVertex(key, partial);
      },
      putRecord: (id, bytes, done) => {
        const record = this.#decode(bytes);
        if (record === undefined) throw new InvariantError(`${self} stores a record of job ${id} that does not decode`);
        const { state, manifestDigest } = record;
        this.#checkRecordState(self, id, state);
        this.#manifests.set(`${self}/${id}`, manifestDigest);
        if (isTerminal(state) && this.#letGo.get(`${self}/${id}`) === manifestDigest) {
          throw new InvariantError(`${self} had let job ${id} go and keeps it again`);
        }
        store.putRecord(id, bytes, (durable) => {
          done(durable);
          if (durable && isTerminal(state)) this.sightings?.ended(self, id);
        });
      },
      deleteRecord: (id) => {
        this.#recordStates.delete(`${self}/${id}`);
        this.#letGo.set(`${self}/${id}`, this.#manifests.get(`${self}/${id}`));
        this.sightings?.letGo(id);
        store.deleteRecord(id);
      },
    };
  }

  /** The same bytes go to several nodes. */
  #decode(bytes: Uint8Array): JobRecord | undefined {
    const record = this.#decoded.get(bytes) ?? decodeRecord(bytes);
    if (record !== undefined) this.#decoded.set(bytes, record);
    return record;
  }

  /** What a disk was told of a job only goes up, but where an earlier write was lost. */
  #checkRecordState(self: NodeId, id: JobId, state: JobState): void {
    const key = `${self}/${id}`;
    const before = this.#recordStates.get(key) ?? "RUNNING";
    if (JOB_STATES.indexOf(state) < JOB_STATES.indexOf(before)) {
      throw new InvariantError(`${self} stores job ${id} as ${state} after ${before}`);
    }
    this.#recordStates.set(key, state);
  }

  /** A new life may have lost what the last one wrote. */
  #forgetRecords(self: NodeId): void {
    for (const known of [this.#recordStates, this.#letGo]) {
      for (const key of known.keys()) if (key.startsWith(`${self}/`)) known.delete(key);
    }
  }

  #checkIncarnations(node: SimulatedNode): void {
    for (const { id, incarnation } of node.driver?.view().members ?? []) {
      // Its own grows over all its lives; what it knows of others, in each.
      const key = id === node.id ? id : `${node.id}/${node.lives}/${id}`;
      const before = this.#incarnations.get(key) ?? 0;
      if (incarnation < before)
        throw new InvariantError(`${node.id} saw ${id} at ${before} and then at ${incarnation}`);
      this.#incarnations.set(key, incarnation);
    }
  }
}

const isEqual = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;
