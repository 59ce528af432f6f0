/**
 * A whole cluster in one process: production drivers and cores over simulated time, network, disks, processes and files,
 * from one seed. Clients submit and ask through random nodes while faults happen; afterwards every acknowledged job has to
 * end with the oracle's answer, all views have to agree, and nothing may be left open.
 */

import { Clients } from "./clients.js";
import { ClusterWatch } from "./cluster-watch.js";
import { Failpoints } from "./failpoints.js";
import { planFaults } from "./fault-plan.js";
import { InvariantError, Invariants } from "./invariants.js";
import type { Mutation } from "./mutation.js";
import { isCalm, optionsOf, type SimOptions } from "./sim-options.js";
import { SimulatedCluster } from "./simulated-cluster.js";
import { SimulatedTime } from "./simulated-time.js";
import { Tally } from "./tally.js";
import { Trace } from "./trace.js";

export interface SimReport {
  readonly seed: number;
  readonly options: SimOptions;
  /** Undefined when every invariant held. */
  readonly failure: string | undefined;
  readonly traceHash: number;
  readonly simulatedMs: number;
  readonly tally: Tally;
  /** From the last fault to the answer, of each job that was promised and completed; 0 for those answered before. */
  readonly finishMs: readonly number[];
  /** Leaves scanned, and how many of them only once. */
  readonly scannedLeaves: number;
  readonly distinctLeaves: number;
}

/** Acknowledged jobs have this long after the last fault, views a part of it. */
const JOB_GRACE_MS = 60_000;
const VIEW_GRACE_MS = 30_000;
/** Where messages stay slow, anybody may be suspected at any moment; within so long the suspicion is refuted. */
const REFUTED_MS = 5000;
/** Pulls and tasks that nobody needs end when the news of the end has come; a slow node's last preview takes longest. */
const QUIET_GRACE_MS = 20_000;
const OBSERVE_MS = 250;
/** Where views differ for a moment, as when nodes have just met, two nodes scan the same. */
const CALM_WORK = 1.25;

export class ClusterSimulation {
  readonly #time = new SimulatedTime();
  readonly #tally = new Tally();
  readonly #trace: Trace;
  readonly #watch: ClusterWatch;
  readonly #cluster: SimulatedCluster;
  readonly #clients: Clients;

  constructor(
    seed: number,
    mutation: Mutation = {},
    changes: Partial<SimOptions> = {},
    onTrace?: (line: string) => void,
  ) {
    const options = { ...optionsOf(seed), ...changes };
    this.#trace = new Trace(this.#time, onTrace);
    this.#watch = new ClusterWatch(this.#tally);
    this.#cluster = new SimulatedCluster(seed, options, mutation, this.#time, this.#trace, this.#tally, this.#watch);
    const failpoints = new Failpoints(this.#cluster);
    const invariants = new Invariants(this.#watch.oracle, this.#tally);
    this.#clients = new Clients(this.#cluster, invariants, failpoints);
    const nodeOf = (id: string) => this.#cluster.nodes.find((node) => node.id === id);
    this.#watch.sightings = {
      copySent: (self, id) => {
        const node = nodeOf(self);
        if (node !== undefined && (this.#clients.find(id)?.copies ?? 0) > 0) failpoints.reached("midRepair", node);
      },
      ended: (self) => {
        const node = nodeOf(self);
        if (node !== undefined) failpoints.reached("afterFinish", node);
      },
      letGo: (id) => {
        const job = this.#clients.find(id);
        if (job !== undefined) job.isLetGo = true;
        invariants.forgetStates(id);
      },
    };
  }

  /** Runs to the end; failures are in the report, which replays from its seed. */
  run(): SimReport {
    const restore = this.#cluster.mutation.patch?.();
    let failure: string | undefined;
    try {
      this.#play();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      failure = error instanceof InvariantError ? error.message : (error.stack ?? error.message);
    } finally {
      restore?.();
    }
    const { options, seed } = this.#cluster;
    const completed = this.#clients.promised.filter((job) => job.state === "COMPLETED");
    return {
      seed,
      options,
      failure,
      traceHash: this.#trace.hash,
      simulatedMs: this.#time.nowMs,
      tally: this.#tally,
      finishMs: completed.map((job) => Math.max(0, (job.answeredAtMs ?? 0) - options.faultsEndMs)),
      scannedLeaves: this.#watch.scannedLeaves,
      distinctLeaves: this.#watch.distinctLeaves,
    };
  }

  #play(): void {
    const { faultsEndMs } = this.#cluster.options;
    this.#cluster.start();
    planFaults(this.#cluster);
    this.#clients.start();
    this.#run(faultsEndMs);
    this.#cluster.endFaults();
    this.#settleViews();
    this.#run(faultsEndMs + JOB_GRACE_MS, () => this.#clients.isOver);
    // Whoever waits for what is lost does so for as long as its deadline says, and then gathers what there is.
    this.#run(faultsEndMs + JOB_GRACE_MS + this.#clients.lostDeadlineMs, () => this.#clients.isOver);
    this.#checkPromises();
    this.#run(this.#time.nowMs + QUIET_GRACE_MS, () => this.#watch.describeLeaks(this.#cluster) === undefined);
    const leaks = this.#watch.describeLeaks(this.#cluster);
    if (leaks !== undefined) throw new InvariantError(`nothing is left to do, and open are ${leaks}`);
    this.#checkWork();
  }

  /** Views agree in time, and go on to: a suspicion that comes later is over again soon. */
  #settleViews(): void {
    let agreedAtMs = Number.NEGATIVE_INFINITY;
    const agree = (): boolean => {
      if (!this.#cluster.viewsAgree()) return false;
      agreedAtMs = this.#time.nowMs;
      return true;
    };
    this.#run(this.#cluster.options.faultsEndMs + VIEW_GRACE_MS, () => agree() && this.#clients.isOver);
    if (agree() || this.#time.nowMs - agreedAtMs < REFUTED_MS) return;
    throw new InvariantError(`views disagree 30 s after the last fault: ${this.#cluster.describeViews()}`);
  }

  /** A healthy cluster does not do its work over and over. */
  #checkWork(): void {
    const { scannedLeaves, distinctLeaves } = this.#watch;
    if (!isCalm(this.#cluster.options) || scannedLeaves <= CALM_WORK * distinctLeaves) return;
    throw new InvariantError(`nothing went wrong, and ${distinctLeaves} leaves were scanned ${scannedLeaves} times`);
  }

  /** Lets time pass, and looks again and again whether all is as it must be. */
  #run(endMs: number, isOver: () => boolean = () => false): void {
    while (this.#time.nowMs < endMs && !isOver()) {
      this.#time.runUntil(Math.min(endMs, this.#time.nowMs + OBSERVE_MS));
      this.#watch.observe(this.#cluster);
      this.#clients.checkCopies();
    }
  }

  #checkPromises(): void {
    for (const job of this.#clients.promised) {
      const promise = `job ${job.id}, acknowledged with ${job.copies} copies,`;
      const { answeredAtMs = Number.POSITIVE_INFINITY, state } = job;
      const graceMs = JOB_GRACE_MS + (state === "COMPLETED" ? 0 : this.#clients.lostDeadlineMs);
      if (answeredAtMs - this.#cluster.options.faultsEndMs > graceMs) {
        throw new InvariantError(`${promise} has no answer ${graceMs} ms after the last fault`);
      }
      const copies = this.#cluster.copiesOf(job.id);
      if (copies < this.#clients.wantedCopies)
        throw new InvariantError(`${promise} has ${copies} durable ones in the end`);
    }
  }
}
