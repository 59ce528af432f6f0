/**
 * A whole cluster in one process: production drivers and cores over simulated time, network, disks and processes, from
 * one seed. Clients submit and ask through random nodes while faults happen; afterwards every acknowledged job has to end
 * COMPLETED with the oracle's answer, and all views have to agree.
 */

import { type JobId, type NodeId, nodeId } from "../../src/base/ids.js";
import { murmur3 } from "../../src/base/ring-hash.js";
import { PROTOCOL_SETTINGS, type Protocol, protocolWith } from "../../src/cluster/protocol.js";
import { DEFAULT_MAX_RESULT_BYTES, type JobRequest, jobIdOf } from "../../src/job/request.js";
import type { JobStatus } from "../../src/job/status.js";
import { LEAF_BYTES } from "../../src/job/tree.js";
import { InvariantError, Invariants } from "./invariants.js";
import { RandomStream } from "./random-stream.js";
import { optionsOf, type SimOptions } from "./sim-options.js";
import type { ExchangeServers } from "./simulated-exchange.js";
import { SimulatedNetwork } from "./simulated-network.js";
import { addressOf, SimulatedNode } from "./simulated-node.js";
import { SimulatedDisk } from "./simulated-store.js";
import { SimulatedTime } from "./simulated-time.js";
import { nameOf, type ToyFile } from "./toy-engine.js";

/** Bugs that can be switched on, to prove that the simulator would find them. */
export interface Mutation {
  readonly protocol?: Partial<Protocol>;
  readonly lyingDisks?: boolean;
  /** Nodes do not write down whom they know. */
  readonly forgetsMembers?: boolean;
}

export interface SimReport {
  readonly seed: number;
  readonly options: SimOptions;
  /** Undefined when every invariant held. */
  readonly failure: string | undefined;
  readonly traceHash: number;
  readonly simulatedMs: number;
  readonly acknowledged: number;
  readonly results: number;
  readonly incomplete: number;
  readonly previews: number;
  readonly faults: { readonly [kind: string]: number };
}

/** Acknowledged jobs have this long after the last fault, views a part of it. */
const JOB_GRACE_MS = 60_000;
const VIEW_GRACE_MS = 30_000;
const CALL_TIMEOUT_MS = 4000;

/** Longer than what is left of the faults' time: whatever can be read at all is read by then. */
const GONE_DEADLINE_MS = 40_000;

type FaultKind = "crashes" | "pauses" | "partitions" | "diskLosses" | "greyLinks" | "gone";

interface SimJob {
  readonly key: string;
  readonly id: JobId;
  readonly request: JobRequest;
  /** Durable copies when it was acknowledged; 0 before. */
  copies: number;
  isAnswered: boolean;
}

export class ClusterSimulation {
  readonly #seed: number;
  readonly #options: SimOptions;
  readonly #time = new SimulatedTime();
  readonly #network: SimulatedNetwork;
  readonly #nodes: SimulatedNode[] = [];
  readonly #files: readonly ToyFile[];
  readonly #jobs: SimJob[] = [];
  readonly #invariants: Invariants;
  readonly #client: RandomStream;
  readonly #faults = { crashes: 0, pauses: 0, partitions: 0, diskLosses: 0, greyLinks: 0, gone: 0, blackouts: 0 };
  readonly #mutation: Mutation;
  readonly #onTrace: ((line: string) => void) | undefined;
  #traceHash = 0;

  constructor(
    seed: number,
    mutation: Mutation = {},
    changes: Partial<SimOptions> = {},
    onTrace?: (line: string) => void,
  ) {
    this.#seed = seed;
    this.#options = { ...optionsOf(seed), ...changes };
    this.#mutation = mutation;
    this.#onTrace = onTrace;
    this.#client = new RandomStream(seed, "client");
    this.#network = new SimulatedNetwork(this.#time, new RandomStream(seed, "network"), this.#options);
    this.#network.trace = (event) => this.#trace(event);
    const files = this.#makeFiles();
    this.#files = files;
    this.#invariants = new Invariants(files);
    this.#makeNodes(files);
  }

  /** Runs to the end; failures are in the report, which replays from its seed. */
  run(): SimReport {
    let failure: string | undefined;
    try {
      this.#play();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      failure = error instanceof InvariantError ? error.message : (error.stack ?? error.message);
    }
    return {
      seed: this.#seed,
      options: this.#options,
      failure,
      traceHash: this.#traceHash,
      simulatedMs: this.#time.nowMs,
      acknowledged: this.#jobs.filter((job) => job.copies > 0).length,
      results: this.#invariants.results,
      incomplete: this.#invariants.incomplete,
      previews: this.#invariants.previews,
      faults: this.#faults,
    };
  }

  #play(): void {
    const { faultsEndMs } = this.#options;
    this.#startNodes();
    this.#planFaults();
    this.#planJobs();
    this.#poll();
    this.#time.runUntil(faultsEndMs);
    this.#endFaults();
    this.#time.runUntil(faultsEndMs + VIEW_GRACE_MS, () => this.#viewsAgree() && this.#isOver());
    if (!this.#viewsAgree())
      throw new InvariantError(`views disagree 30 s after the last fault: ${this.#describeViews()}`);
    this.#time.runUntil(faultsEndMs + JOB_GRACE_MS, () => this.#isOver());
    for (const job of this.#jobs.filter((candidate) => this.#isPromised(candidate))) {
      const promise = `job ${job.id}, acknowledged with ${job.copies} copies,`;
      if (!job.isAnswered) throw new InvariantError(`${promise} has no answer 60 s after the last fault`);
      const copies = this.#copiesOf(job);
      if (copies < this.#wantedCopies()) throw new InvariantError(`${promise} has ${copies} durable ones in the end`);
    }
  }

  #makeFiles(): readonly ToyFile[] {
    const random = new RandomStream(this.#seed, "files");
    const last = this.#options.nodes - 1;
    // Whoever goes for good is mostly the last node, and its files are what the others then lack.
    const holder = (): number => (this.#options.gone > 0 && random.chance(0.5) ? last : random.integer(0, last));
    return Array.from({ length: this.#options.files }, (_, index) => ({
      source: "web",
      path: `access-${index}.log`,
      node: this.#options.hasPrivateFiles && random.chance(0.5) ? nodeId(`n${holder()}`) : null,
      sizeBytes: random.integer(1, this.#options.maxFileLeaves) * LEAF_BYTES - random.integer(0, 1000),
    }));
  }

  #makeNodes(files: readonly ToyFile[]): void {
    const servers: ExchangeServers = new Map();
    const random = new RandomStream(this.#seed, "nodes");
    const work = new RandomStream(this.#seed, "work");
    const spanLevel = random.pick([
      { kind: "range", level: 0 },
      { kind: "range", level: 1 },
      { kind: "files", level: 1 },
    ] as const);
    const leafMs = random.pick([1, 20, 200]);
    for (let index = 0; index < this.#options.nodes; index += 1) {
      const disks = new RandomStream(this.#seed, `disk ${index}`);
      const node = new SimulatedNode({
        id: nodeId(`n${index}`),
        seeds: this.#seedsOf(index, random),
        time: this.#time,
        network: this.#network,
        disk: new SimulatedDisk(this.#time, disks, {
          fsyncMs: this.#options.fsyncMs,
          lies: this.#mutation.lyingDisks ?? false,
          forgetsState: this.#mutation.forgetsMembers ?? false,
        }),
        servers,
        random: new RandomStream(this.#seed, `node ${index}`),
        protocol: protocolWith(this.#mutation.protocol),
        toy: { files, spanLevel, taskMs: (leaves) => work.between(0.5, 1.5) * leafMs * leaves },
        threads: random.integer(1, 4),
      });
      this.#nodes.push(node);
    }
  }

  /** One earlier node to join. */
  #seedsOf(index: number, random: RandomStream): readonly string[] {
    return index === 0 ? [] : [addressOf(nodeId(`n${random.integer(0, index - 1)}`))];
  }

  #startNodes(): void {
    const random = new RandomStream(this.#seed, "start");
    this.#nodes.forEach((node, index) => {
      const isLate = this.#options.lateJoin && index > 0 && index === this.#nodes.length - 1;
      this.#time.schedule(isLate ? random.between(3000, 6000) : index * 20, () => node.start());
    });
  }

  #planFaults(): void {
    const { calmMs, faultsEndMs } = this.#options;
    const plan = (kind: FaultKind, begin: (random: RandomStream) => () => void): void => {
      const random = new RandomStream(this.#seed, kind);
      for (let count = 0; count < this.#options[kind]; count += 1) {
        // Early, so that jobs come afterwards.
        const latestMs = kind === "gone" ? (calmMs + faultsEndMs) / 2 : faultsEndMs;
        const atMs = random.between(calmMs, latestMs);
        const lengthMs = random.pick([100, 1000, 5000, 12_000]) * random.between(0.5, 1.5);
        this.#time.schedule(atMs, () => {
          if (kind !== "greyLinks") this.#faults[kind] += 1;
          const end = begin(random);
          this.#time.schedule(Math.min(lengthMs, faultsEndMs - this.#time.nowMs), end);
        });
      }
    };
    plan("crashes", (random) => {
      const node = random.pick(this.#nodes);
      this.#trace(`crash ${node.id}`);
      node.crash();
      return () => node.start();
    });
    plan("diskLosses", (random) => {
      const node = random.pick(this.#nodes);
      this.#trace(`disk loss ${node.id}`);
      node.crash();
      node.disk.wipe();
      return () => node.start();
    });
    plan("greyLinks", (random) => {
      // Two nodes without a third between them would be a lasting partition.
      if (this.#nodes.length < 3) return () => undefined;
      const first = random.integer(0, this.#nodes.length - 2);
      this.#greyOut(this.#nodes.slice(first, first + 2));
      return () => undefined;
    });
    plan("gone", (random) => {
      // A node with nobody but this one to join, and a new disk, could not be helped.
      const isNeeded = (id: NodeId): boolean => this.#nodes.some((other) => other.seeds.includes(addressOf(id)));
      const node = random.pick(this.#nodes.filter((one) => !isNeeded(one.id)));
      // Of three nodes with a grey link the third connects the others.
      if (this.#nodes.length >= (this.#options.greyLinks > 0 ? 4 : 2)) {
        this.#trace(`gone ${node.id}`);
        node.crash();
        node.isGone = true;
      }
      return () => undefined;
    });
    plan("pauses", (random) => {
      const node = random.pick(this.#nodes);
      this.#trace(`freeze ${node.id}`);
      node.process.freeze();
      return () => node.process.thaw();
    });
    plan("partitions", (random) => {
      const group = this.#nodes.filter(() => random.chance(0.5)).map((node) => node.id);
      this.#trace(`partition ${group}`);
      this.#network.partition(group);
      return () => this.#network.heal();
    });
  }

  /**
   * Cuts a link for good once a third node and both of its ends know each other: a node whose only way into the cluster
   * was cut before it had met anybody else could not be helped.
   */
  #greyOut(pair: readonly SimulatedNode[]): void {
    const [left, right] = pair;
    if (left === undefined || right === undefined) return;
    const knows = (one: SimulatedNode, other: SimulatedNode): boolean =>
      (one.driver?.view().members ?? []).some((member) => member.id === other.id) &&
      (this.#mutation.forgetsMembers === true || one.remembers(other.id));
    const acquainted = this.#nodes.some(
      (third) => !pair.includes(third) && pair.every((end) => knows(end, third) && knows(third, end)),
    );
    if (!acquainted) {
      if (this.#time.nowMs < this.#options.faultsEndMs) this.#time.schedule(100, () => this.#greyOut(pair));
      return;
    }
    this.#faults.greyLinks += 1;
    this.#network.greyOut(left.id, right.id);
    this.#trace(`grey link ${left.id} ${right.id}`);
  }

  #endFaults(): void {
    this.#trace("end of faults");
    this.#network.heal();
    this.#network.options = { ...this.#network.options, loss: 0 };
    for (const node of this.#nodes) {
      if (node.process.isFrozen) node.process.thaw();
      node.start();
    }
  }

  #planJobs(): void {
    const { jobs, faultsEndMs } = this.#options;
    for (let index = 0; index < jobs; index += 1) {
      const key = `key ${this.#seed} ${index}`;
      const request: JobRequest = {
        sql: "SELECT key, count(*)",
        allowIncomplete: this.#options.gone > 0 && index % 2 === 0,
        deadlineMs: this.#options.gone > 0 ? GONE_DEADLINE_MS : 600_000,
        maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
      };
      const job: SimJob = { key, id: jobIdOf(key), request, copies: 0, isAnswered: false };
      this.#jobs.push(job);
      this.#time.schedule(this.#client.between(100, faultsEndMs), () => this.#submit(job));
    }
  }

  /** Submits through a random node, and again through another until one acknowledges. */
  #submit(job: SimJob): void {
    const node = this.#client.pick(this.#nodes);
    this.#trace(`submit ${job.id} ${node.id}`);
    if (node.process.isUp && !node.process.isFrozen) {
      node.driver?.submit(job.key, job.request, (outcome) => {
        this.#trace(`submitted ${job.id} ${node.id} ${"code" in outcome ? outcome.code : outcome.copies}`);
        if ("code" in outcome) {
          if (outcome.code === "key-conflict") throw new InvariantError(`job ${job.id} was taken for another`);
          return;
        }
        if (outcome.copies < 1) throw new InvariantError(`job ${job.id} was acknowledged without a durable copy`);
        job.copies = Math.max(job.copies, outcome.copies);
        this.#blackout();
      });
    }
    const isTwice = this.#client.chance(0.2);
    this.#time.schedule(isTwice ? 5 : CALL_TIMEOUT_MS, () => {
      const isPast = this.#time.nowMs > this.#options.faultsEndMs;
      if (job.copies === 0 && !isPast) this.#submit(job);
    });
  }

  /** Asks random nodes for status and result, all the time. */
  #poll(): void {
    this.#time.schedule(this.#client.between(100, 900), () => {
      const node = this.#client.pick(this.#nodes);
      const job = this.#client.pick(this.#jobs);
      const { lives, driver } = node;
      if (driver !== undefined && !node.process.isFrozen) {
        driver.status(job.id, (status) => {
          if (status !== undefined) this.#invariants.checkState(node.id, lives, job.id, status.state);
        });
        driver.preview(job.id, (preview) => {
          if (preview !== undefined) this.#invariants.checkPreview(node.id, job.id, preview);
        });
        driver.result(job.id, (finished) => {
          if (finished === undefined) return;
          this.#trace(`result ${job.id} ${node.id} ${finished.status.state}`);
          this.#invariants.checkResult(node.id, job.id, finished);
          this.#invariants.checkState(node.id, lives, job.id, finished.status.state);
          this.#checkEnd(job, finished.status);
          job.isAnswered = true;
        });
      }
      this.#poll();
    });
  }

  /** Short of COMPLETED only for a file that one node alone holds, and then as the submitter wished, naming what lacks. */
  #checkEnd(job: SimJob, { state, error, missing }: JobStatus): void {
    if (state === "COMPLETED") return;
    const ended = `job ${job.id} ended ${state}: ${error}`;
    const { allowIncomplete } = job.request;
    const gone = this.#nodes.filter((node) => node.isGone).map((node) => node.id);
    const lost = this.#files.filter((file) => file.node !== null && gone.includes(file.node)).map(nameOf);
    const shared = this.#files.filter((file) => file.node === null).map(nameOf);
    if (state === "INCOMPLETE") {
      if (!allowIncomplete) throw new InvariantError(`${ended}, and that was not allowed`);
      const readable = missing.filter((name) => shared.includes(name));
      if (readable.length > 0) throw new InvariantError(`${ended}, and everyone could read ${readable}`);
    } else if (lost.length === 0 || (allowIncomplete && new Set([...lost, ...missing]).size < this.#files.length)) {
      throw new InvariantError(`${ended}, and there was an answer to give`);
    }
    const unnamed = lost.filter((name) => !missing.includes(name) && error?.includes(name) !== true);
    if (unnamed.length > 0) throw new InvariantError(`${ended}; it does not name ${unnamed}`);
  }

  #isOver(): boolean {
    const promised = this.#jobs.filter((job) => this.#isPromised(job));
    return promised.every((job) => job.isAnswered && this.#copiesOf(job) >= this.#wantedCopies());
  }

  /** N copies survive the loss of N - 1 disks. */
  #isPromised(job: SimJob): boolean {
    return job.copies > this.#faults.diskLosses + this.#nodes.filter((node) => node.isGone).length;
  }

  #wantedCopies(): number {
    return Math.min(PROTOCOL_SETTINGS.recordCopies.default, this.#nodes.filter((node) => !node.isGone).length);
  }

  #copiesOf(job: SimJob): number {
    return this.#nodes.filter((node) => !node.isGone && node.disk.hasRecord(job.id)).length;
  }

  /** The worst moment for all processes to die: a job was just acknowledged. */
  #blackout(): void {
    if (this.#faults.blackouts >= this.#options.blackouts || this.#time.nowMs >= this.#options.faultsEndMs) return;
    this.#faults.blackouts += 1;
    this.#trace("blackout");
    this.#time.schedule(0, () => {
      for (const node of this.#nodes) node.crash();
    });
    for (const node of this.#nodes) this.#time.schedule(this.#client.between(10, 2000), () => node.start());
  }

  #viewsAgree(): boolean {
    const there = this.#nodes.filter((node) => !node.isGone);
    return there.every((node) => {
      const members = node.driver?.view().members ?? [];
      const alive = members.filter((member) => member.state === "alive").map((member) => member.id);
      return alive.length === there.length && there.every(({ id }) => alive.includes(id));
    });
  }

  #describeViews(): string {
    const viewOf = (node: SimulatedNode): string =>
      (node.driver?.view().members ?? [])
        .map((member) => `${member.id}=${member.state}@${member.incarnation}`)
        .join(" ");
    return this.#nodes.map((node) => `${node.id}: ${viewOf(node)}`).join("; ");
  }

  #trace(event: string): void {
    const line = `${this.#time.nowMs.toFixed(3)} ${event}`;
    this.#traceHash = murmur3(line, this.#traceHash);
    this.#onTrace?.(line);
  }
}
