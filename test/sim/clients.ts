/**
 * Clients of a simulated cluster: they submit through random nodes until one acknowledges, some twice, ask everyone for
 * status and result all the time, and cancel some jobs. What they were promised is kept.
 */

import type { JobId } from "../../src/base/ids.js";
import { decodeRecord } from "../../src/cluster/job/record-codec.js";
import { PROTOCOL_SETTINGS } from "../../src/cluster/protocol.js";
import { DEFAULT_MAX_RESULT_BYTES, type JobRequest, jobIdOf } from "../../src/job/request.js";
import { isTerminal, type JobStatus } from "../../src/job/status.js";
import type { NodeDriver } from "../../src/node/driver/node-driver.js";
import type { Failpoints } from "./failpoints.js";
import { InvariantError, type Invariants } from "./invariants.js";
import type { RandomStream } from "./random-stream.js";
import type { SimulatedCluster } from "./simulated-cluster.js";
import type { SimulatedNode } from "./simulated-node.js";
import { nameOf } from "./toy-sources.js";

const CALL_TIMEOUT_MS = 4000;
/** Longer than what is left of the faults' time: whatever can be read at all is read by then. */
const LOST_DEADLINE_MS = 25_000;
const PATIENT_DEADLINE_MS = 600_000;

export interface SimJob {
  readonly key: string;
  readonly id: JobId;
  readonly request: JobRequest;
  readonly random: RandomStream;
  /** Durable copies when it was acknowledged; 0 before. */
  copies: number;
  isCancelled: boolean;
  isLetGo: boolean;
  /** When a client first had its end. */
  answeredAtMs: number | undefined;
  /** How it ended then. */
  state: JobStatus["state"];
}

export class Clients {
  readonly jobs: readonly SimJob[];
  readonly #cluster: SimulatedCluster;
  readonly #invariants: Invariants;
  readonly #failpoints: Failpoints;
  readonly #polls: RandomStream;
  readonly #waiting = new Set<string>();

  constructor(cluster: SimulatedCluster, invariants: Invariants, failpoints: Failpoints) {
    this.#cluster = cluster;
    this.#invariants = invariants;
    this.#failpoints = failpoints;
    this.#polls = cluster.stream("polls");
    this.jobs = Array.from({ length: cluster.options.jobs }, (_, index) => this.#makeJob(index));
  }

  start(): void {
    const { time, options } = this.#cluster;
    this.jobs.forEach((job, index) => {
      const atMs = job.random.between(100, options.faultsEndMs);
      time.schedule(atMs, () => this.#submit(job));
      if (index < options.cancels) time.schedule(atMs + job.random.between(0, 3000), () => this.#cancel(job));
    });
    this.#poll();
  }

  /** How long the jobs of this run wait for what is lost; 0 where nothing can be lost for good. */
  get lostDeadlineMs(): number {
    const { gone, truncations, rotations } = this.#cluster.options;
    return gone + truncations + rotations > 0 ? LOST_DEADLINE_MS : 0;
  }

  find(id: JobId): SimJob | undefined {
    return this.jobs.find((job) => job.id === id);
  }

  /** N copies survive the loss of N - 1 disks. */
  get promised(): readonly SimJob[] {
    return this.jobs.filter((job) => job.copies > this.#lostDisks() && !job.isLetGo);
  }

  /** Every job that was promised is answered, and has its copies. */
  get isOver(): boolean {
    return this.promised.every(
      (job) => job.answeredAtMs !== undefined && this.#cluster.copiesOf(job.id) >= this.wantedCopies,
    );
  }

  get wantedCopies(): number {
    const { remaining, tally } = this.#cluster;
    // Nobody knows of a damaged copy before its node reads it again.
    return Math.min(PROTOCOL_SETTINGS.recordCopies.default, remaining.length) - tally.of("damaged records");
  }

  /** At no time fewer durable copies than were acknowledged, but for the disks that were lost. */
  checkCopies(): void {
    for (const job of this.jobs) {
      if (job.copies === 0 || job.isLetGo) continue;
      const copies = this.#cluster.copiesOf(job.id);
      const least = job.copies - this.#lostDisks();
      if (copies >= least) continue;
      throw new InvariantError(
        `job ${job.id}, acknowledged with ${job.copies} copies, has ${copies} after the loss of ${this.#lostDisks()}`,
      );
    }
  }

  #lostDisks(): number {
    const { tally } = this.#cluster;
    return tally.of("diskLosses") + tally.of("gone") + tally.of("damaged records");
  }

  #makeJob(index: number): SimJob {
    const { seed } = this.#cluster;
    const key = `key ${seed} ${index}`;
    const canLose = this.lostDeadlineMs > 0;
    const request: JobRequest = {
      sql: "SELECT key, count(*)",
      allowIncomplete: canLose && index % 2 === 0,
      deadlineMs: canLose ? LOST_DEADLINE_MS : PATIENT_DEADLINE_MS,
      maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
    };
    const random = this.#cluster.stream(`client ${index}`);
    const unknown = { copies: 0, isCancelled: false, isLetGo: false, answeredAtMs: undefined };
    return { key, id: jobIdOf(key), request, random, ...unknown, state: "RUNNING" };
  }

  /** Submits through a random node, and again through another until one acknowledges. */
  #submit(job: SimJob): void {
    const { nodes, time, trace } = this.#cluster;
    const node = job.random.pick(nodes);
    trace.event(`submit ${job.id} ${node.id}`);
    if (node.isReachable) {
      node.driver?.submit(job.key, job.request, (outcome) => {
        trace.event(`submitted ${job.id} ${node.id} ${"code" in outcome ? outcome.code : outcome.copies}`);
        if ("code" in outcome) {
          if (outcome.code === "key-conflict") throw new InvariantError(`job ${job.id} was taken for another`);
          return;
        }
        this.#acknowledged(job, node, outcome.copies);
      });
    }
    const isTwice = job.random.chance(0.2);
    time.schedule(isTwice ? 5 : CALL_TIMEOUT_MS, () => {
      if (job.copies === 0 && this.#cluster.isFaulty) this.#submit(job);
    });
  }

  #acknowledged(job: SimJob, node: SimulatedNode, copies: number): void {
    if (copies < 1) {
      // Only where every disk that was asked refuses, and the first one asked is the node's own.
      if (node.disk.refusedRecordOf(job.id) === undefined)
        throw new InvariantError(`job ${job.id} was acknowledged without a durable copy`);
      this.#cluster.tally.add("acknowledgements without a copy");
      return;
    }
    if (job.copies === 0) this.#cluster.tally.add("acknowledgements");
    job.copies = Math.max(job.copies, copies);
    this.#failpoints.reached("afterAcknowledge", node);
  }

  #cancel(job: SimJob): void {
    const node = job.random.pick(this.#cluster.nodes);
    if (!node.isReachable) return;
    this.#cluster.trace.event(`cancel ${job.id} ${node.id}`);
    job.isCancelled = true;
    node.driver?.cancel(job.id, () => undefined);
  }

  /** Asks random nodes for status and result, all the time. */
  #poll(): void {
    const { time, nodes } = this.#cluster;
    time.schedule(this.#polls.between(50, 450), () => {
      const node = this.#polls.pick(nodes);
      const job = this.#polls.pick(this.jobs);
      const { lives, driver } = node;
      if (driver !== undefined && node.isReachable) {
        driver.status(job.id, (status) => {
          if (status !== undefined) this.#invariants.checkState(node.id, lives, job.id, status.state);
        });
        driver.preview(job.id, (preview) => {
          if (preview !== undefined) this.#invariants.checkPreview(node.id, job.id, preview);
        });
        const waiter = `${node.id}/${lives}/${job.id}`;
        if (!this.#waiting.has(waiter)) this.#await(node, driver, job, waiter);
      }
      this.#poll();
    });
  }

  /** Waits for the end at one node: a client there has one call open for a job. */
  #await(node: SimulatedNode, driver: NodeDriver, job: SimJob, waiter: string): void {
    const { lives } = node;
    this.#waiting.add(waiter);
    driver.result(job.id, (finished) => {
      this.#waiting.delete(waiter);
      if (finished === undefined) return;
      this.#cluster.trace.event(`result ${job.id} ${node.id} ${finished.status.state}`);
      this.#invariants.checkResult(node.id, job.id, finished);
      this.#invariants.checkState(node.id, lives, job.id, finished.status.state);
      this.#checkEnd(job, finished.status);
      this.#checkDurable(node, job, finished.status);
      this.#answered(job, finished.status);
    });
  }

  /**
   * What a client was shown as the end is on some disk, unless disks were lost since. One whose disk refused it shows it all
   * the same, where all disks that it asked did; so does whoever has it from there. Then they say that there is no copy.
   */
  #checkDurable(node: SimulatedNode, job: SimJob, { copies }: JobStatus): void {
    if (this.#lostDisks() > 0 || job.isLetGo || job.answeredAtMs !== undefined) return;
    const { remaining, nodes } = this.#cluster;
    const isEnd = (bytes: Uint8Array | undefined): boolean =>
      isTerminal((bytes && decodeRecord(bytes)?.state) ?? "RUNNING");
    if (remaining.some(({ disk }) => isEnd(disk.recordOf(job.id)))) return;
    const end = `${node.id} showed the end of job ${job.id}`;
    if (copies > 0) throw new InvariantError(`${end} and ${copies} copies of it, and no disk has it`);
    const isRefused = nodes.some(({ disk }) => isEnd(disk.refusedRecordOf(job.id)));
    if (!isRefused) throw new InvariantError(`${end}, and no disk has it`);
    this.#cluster.tally.add("ends without a copy");
  }

  #answered(job: SimJob, { state }: JobStatus): void {
    if (job.answeredAtMs !== undefined || !isTerminal(state)) return;
    job.answeredAtMs = this.#cluster.time.nowMs;
    job.state = state;
    if (state === "FAILED") this.#cluster.tally.add("failed jobs");
    if (state === "CANCELLED") this.#cluster.tally.add("cancelled jobs");
  }

  /**
   * Short of COMPLETED only when a client cancelled it, or for a file that is not what it was, or one that one node alone
   * held: then as the submitter wished, and naming what lacks.
   */
  #checkEnd(job: SimJob, { state, error, missing }: JobStatus): void {
    if (state === "COMPLETED") return;
    const ended = `job ${job.id} ended ${state}: ${error}`;
    if (state === "CANCELLED") {
      if (!job.isCancelled) throw new InvariantError(`${ended}, and nobody cancelled it`);
      return;
    }
    const { nodes, sources } = this.#cluster;
    const { allowIncomplete } = job.request;
    const gone = nodes.filter((node) => node.isGone).map((node) => node.id);
    const lost = sources.files.filter(({ node }) => node !== null && gone.includes(node)).map(nameOf);
    const changed = sources.files.map(nameOf).filter((name) => sources.changedAtMs(name) > 0);
    const isNamed = (name: string): boolean => missing.includes(name) || error?.includes(name) === true;
    if (state === "INCOMPLETE") {
      if (!allowIncomplete) throw new InvariantError(`${ended}, and that was not allowed`);
      const shared = sources.files.filter(({ node }) => node === null).map(nameOf);
      const readable = missing.filter((name) => shared.includes(name) && !changed.includes(name));
      if (readable.length > 0) throw new InvariantError(`${ended}, and everyone could read ${readable}`);
    } else if (changed.length === 0) {
      const hasAnswer = new Set([...lost, ...missing, ...changed]).size < sources.files.length;
      if (lost.length === 0 || (allowIncomplete && hasAnswer)) {
        throw new InvariantError(`${ended}, and there was an answer to give`);
      }
    }
    if (changed.length > 0) {
      if (state === "FAILED" && ![...changed, ...lost].some(isNamed)) {
        throw new InvariantError(`${ended}; it names none of ${[...changed, ...lost]}`);
      }
      return;
    }
    const unnamed = lost.filter((name) => !isNamed(name));
    if (unnamed.length > 0) throw new InvariantError(`${ended}; it does not name ${unnamed}`);
  }
}
