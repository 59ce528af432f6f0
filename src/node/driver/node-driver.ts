/**
 * The node's driver: feeds the cluster's cores with what the ports report and carries out the effects they answer with.
 * Callbacks throughout, no promises: with deterministic ports a node is deterministic, which the simulator relies on.
 * Inputs queue up and are taken one at a time, so that a port that answers at once never re-enters a core.
 */

import type { JobId } from "../../base/ids.js";
import { JobCore } from "../../cluster/job/job-core.js";
import type { Caller, ClientWish } from "../../cluster/job/job-events.js";
import { decodeJobMemory, JOB_MEMORY } from "../../cluster/job/job-memory.js";
import type { JobRecord } from "../../cluster/job/job-record.js";
import { decodeRecord } from "../../cluster/job/record-codec.js";
import { decodeResult } from "../../cluster/job/result-codec.js";
import type { View } from "../../cluster/member.js";
import { Membership } from "../../cluster/membership/membership.js";
import type { MembershipEffect } from "../../cluster/membership/membership-events.js";
import { decodeRemembered, encodeRemembered, REMEMBERED_MEMBERS } from "../../cluster/membership/remembered.js";
import { ReductionCore } from "../../cluster/reduction/reduction-core.js";
import { plannedShare } from "../../job/lacking.js";
import { type Manifest, treeShapeOf } from "../../job/manifest.js";
import { type JobRequest, jobIdOf } from "../../job/request.js";
import type { AnswerTable } from "../../job/result.js";
import { isTerminal, type JobState, type JobStatus } from "../../job/status.js";
import { rootOf } from "../../job/tree.js";
import type { FinishedJob, NodeService, SubmitRefusal, Submitted, Told } from "../node-service.js";
import type { Cancel } from "../ports/clock.js";
import type { ExchangeHandlers, PullRequest, PullResponder } from "../ports/exchange.js";
import type { PeerNetworkHandlers } from "../ports/peer-network.js";
import type { DriverConfig, DriverPorts } from "./driver-config.js";
import { type CoreInput, Inbox } from "./inbox.js";
import { JobEffects } from "./job-effects.js";
import { checkPull } from "./pull-check.js";
import { ReductionEffects, TableResult } from "./reduction-effects.js";
import { VertexWorker } from "./vertex-worker.js";
import { decodeControl, encodeControl } from "./wire.js";

export class NodeDriver implements NodeService {
  readonly #ports: DriverPorts;
  readonly #config: DriverConfig;
  readonly #membership: Membership;
  readonly #jobs: JobCore;
  readonly #reduction: ReductionCore;
  readonly #worker: VertexWorker;
  readonly #inbox: Inbox;
  readonly #jobEffects: JobEffects;
  readonly #reductionEffects: ReductionEffects;
  #nextNumber = 1;
  #timer: { readonly delayMs: number; readonly cancel: Cancel } | undefined;
  #state: "new" | "running" | "leaving" | "stopped" = "new";

  constructor(ports: DriverPorts, config: DriverConfig) {
    this.#ports = ports;
    this.#config = config;
    const { protocol } = config;
    const worker = new VertexWorker(ports, config);
    this.#worker = worker;
    this.#membership = new Membership(config.self, config.seeds, protocol);
    this.#reduction = new ReductionCore(this.#membership.view, {
      protocol,
      scanSlots: config.scanSlots,
      failFast: ports.peerNetwork === null,
      hasValue: (key) => worker.hasValue(key),
      sizeOf: (key) => worker.sizeOf(key),
      finishOf: (manifest) => worker.finishOf(manifest),
      firstRowsOf: (manifest) => worker.firstRowsOf(manifest),
    });
    const { view: first, joined } = this.#membership;
    this.#jobs = new JobCore(first, joined, protocol, {
      doneByNode: (id) => this.#reduction.doneByNode(id),
      pack: (record) => this.#jobEffects.pack(record),
    });
    this.#inbox = new Inbox(
      (input) => this.#take(input),
      () => this.#setTimer(),
    );
    const view = (): View => this.#membership.view;
    this.#jobEffects = new JobEffects(ports, config, this.#inbox, view);
    const recordOf = (id: JobId): JobRecord | undefined => this.#jobs.workingRecord(id);
    this.#reductionEffects = new ReductionEffects(ports, config, this.#inbox, worker, { view, recordOf });
  }

  /** Opens the ports, loads what the store kept and goes on with it. */
  start(): void {
    this.#state = "running";
    if (this.#config.isDurable) {
      const records = [...this.#ports.store.loadRecords().values()].flatMap((bytes) => decodeRecord(bytes) ?? []);
      const memory = this.#ports.store.getState(JOB_MEMORY);
      this.#inbox.job({ kind: "loaded", records, memory: memory && decodeJobMemory(memory) });
    }
    this.#ports.exchange.start(this.#exchangeHandlers());
    this.#ports.peerNetwork?.start(this.#peerHandlers());
    if (this.#ports.peerNetwork !== null) {
      const remembered = this.#ports.store.getState(REMEMBERED_MEMBERS);
      if (remembered !== undefined) {
        this.#inbox.membership({ kind: "remembered", members: decodeRemembered(remembered) });
      }
      this.#inbox.membership({ kind: "tick" });
    }
    this.#setTimer();
  }

  /**
   * Leaves the cluster: takes no more work, finishes what only it can do, says farewell, hands its records over, then is
   * done. The ports are the caller's to close.
   */
  stop(done: () => void): void {
    if (this.#state !== "running") {
      done();
      return;
    }
    this.#state = "leaving";
    const end = (): void => {
      this.#state = "stopped";
      this.#timer?.cancel();
      this.#timer = undefined;
      done();
    };
    if (this.#ports.peerNetwork === null) end();
    else this.#drain(this.#ports.clock.nowMs() + this.#config.protocol.drainMs, undefined, end);
  }

  #drain(deadlineMs: number, saidAtMs: number | undefined, end: () => void): void {
    const { clock } = this.#ports;
    const { tickMs, farewellMs } = this.#config.protocol;
    const nowMs = clock.nowMs();
    const isOver = nowMs >= deadlineMs;
    let farewellAtMs = saidAtMs;
    if (farewellAtMs === undefined && (isOver || !this.#jobs.isNeeded)) {
      farewellAtMs = nowMs;
      this.#inbox.membership({ kind: "leave" });
      this.#inbox.job({ kind: "leave" });
    }
    const isHeard = farewellAtMs !== undefined && nowMs - farewellAtMs >= farewellMs;
    const isIdle = this.#jobs.isHandedOver && this.#reductionEffects.responders.size === 0;
    if (isHeard && (isOver || isIdle)) end();
    else clock.setTimer(tickMs, () => this.#drain(deadlineMs, farewellAtMs, end));
  }

  /** The nodes to join are others now. */
  join(seeds: readonly string[]): void {
    this.#inbox.membership({ kind: "seeds", seeds });
  }

  submit(clientKey: string, request: JobRequest, done: (outcome: Submitted | SubmitRefusal) => void): void {
    if (this.#state !== "running") {
      done({ code: "leaving", message: "this node is leaving its cluster; submit through another" });
      return;
    }
    const caller = this.#number();
    this.#jobEffects.callers.submits.set(caller, done);
    this.#inbox.job({ kind: "submit", caller, jobId: jobIdOf(clientKey), clientKey, request });
  }

  status(id: JobId, done: Told<JobStatus>): Cancel {
    return this.#askStatus("status", id, done, () => true);
  }

  watch(id: JobId, onStatus: Told<JobStatus>): Cancel {
    return this.#askStatus("watch", id, onStatus, (status) => status === undefined || isTerminal(status.state));
  }

  result(id: JobId, done: Told<FinishedJob>): Cancel {
    const caller = this.#number();
    this.#jobEffects.callers.ends.set(caller, (record, status, silent) =>
      done(record === undefined || status === undefined ? undefined : { status, ...tableOf(record) }, silent),
    );
    this.#inbox.job({ kind: "ask", what: "result", caller, jobId: id });
    return () => this.#hangUp(caller);
  }

  preview(id: JobId, done: Told<FinishedJob>): Cancel {
    let stopAnswer: Cancel | undefined;
    const stopStatus = this.status(id, (status) => {
      const manifest = status && this.#jobs.manifestOf(status);
      if (status === undefined || isTerminal(status.state)) stopAnswer = this.result(id, done);
      else if (manifest === undefined) stopAnswer = this.preview(id, done);
      else if (this.#computes(manifest)) stopAnswer = this.#preview(manifest, status, done);
      else done({ status });
    });
    return () => (stopAnswer ?? stopStatus)();
  }

  #preview(manifest: Manifest, status: JobStatus, done: Told<FinishedJob>): Cancel {
    const asker = this.#number();
    const { askers } = this.#reductionEffects.previews;
    askers.set(asker, {
      kind: "client",
      done: (preview) => {
        const { doneBytes: bytesDone } = preview;
        const share = status.bytesTotal === 0 ? 0 : bytesDone / status.bytesTotal;
        const covered = { ...status, bytesDone, coverage: share * plannedShare(manifest) };
        if ("table" in preview) done({ status: covered, table: preview.table });
        else done({ status: { ...covered, error: preview.error } });
      },
    });
    const vertex = rootOf(treeShapeOf(manifest));
    const withinMs = this.#config.protocol.previewMs;
    this.#inbox.reduction({ kind: "preview", asker, manifest, vertex, root: status.root, withinMs });
    return () => {
      if (askers.delete(asker)) this.#inbox.reduction({ kind: "preview-gone", asker });
    };
  }

  cancel(id: JobId, done: Told<JobStatus>): void {
    this.#askStatus("cancel", id, done, () => true);
  }

  jobs(): readonly JobStatus[] {
    return this.#jobs.statuses();
  }

  jobCounts(): ReadonlyMap<JobState, number> {
    return this.#jobs.countByState();
  }

  view(): View {
    return this.#membership.view;
  }

  scannedBytes(): number {
    return this.#worker.scannedBytes;
  }

  #askStatus(
    what: ClientWish,
    id: JobId,
    onStatus: Told<JobStatus>,
    isLast: (status: JobStatus | undefined) => boolean,
  ): Cancel {
    const caller = this.#number();
    const { statuses } = this.#jobEffects.callers;
    statuses.set(caller, (status, silent) => {
      if (isLast(status)) statuses.delete(caller);
      onStatus(status, silent);
    });
    this.#inbox.job({ kind: "ask", what, caller, jobId: id });
    return () => this.#hangUp(caller);
  }

  #hangUp(caller: Caller): void {
    const { statuses, ends } = this.#jobEffects.callers;
    if (!statuses.delete(caller) && !ends.delete(caller)) return;
    this.#inbox.job({ kind: "caller-gone", caller });
  }

  /** A node of another version cannot even merge: it would give another value. */
  #computes(manifest: Manifest): boolean {
    return manifest.semanticsVersion === this.#config.self.semanticsVersion;
  }

  #number(): number {
    return this.#nextNumber++;
  }

  #take({ core, input }: CoreInput): void {
    if (this.#state === "stopped") return;
    const nowMs = this.#ports.clock.nowMs();
    switch (core) {
      case "membership":
        for (const effect of this.#membership.step(nowMs, this.#ports.random.next(), input))
          this.#runMembership(effect);
        return;
      case "job":
        for (const effect of this.#jobs.step(nowMs, input)) this.#jobEffects.run(effect);
        return;
      case "reduction":
        for (const effect of this.#reduction.step(nowMs, input)) this.#reductionEffects.run(effect);
        return;
    }
  }

  #runMembership(effect: MembershipEffect): void {
    switch (effect.kind) {
      case "dial":
        this.#ports.peerNetwork?.dial(effect.address);
        break;
      case "send":
        this.#ports.peerNetwork?.send(effect.to, encodeControl({ core: "membership", message: effect.message }));
        break;
      case "publish":
        this.#ports.peerNetwork?.publish(encodeControl({ core: "membership", message: effect.message }));
        break;
      case "view-changed":
        this.#inbox.job({ kind: "view", view: effect.view, joined: effect.joined });
        return;
      case "placement-changed":
        this.#inbox.reduction({ kind: "view", view: effect.view });
        return;
      case "remember":
        this.#ports.store.putState(REMEMBERED_MEMBERS, encodeRemembered(effect.members));
        return;
    }
  }

  /** Ticks often while there is work, seldom for membership alone, and not at all on an idle node without peers. */
  #setTimer(): void {
    if (this.#state !== "running" && this.#state !== "leaving") return;
    const { tickMs, idleTickMs } = this.#config.protocol;
    const isBusy = this.#jobs.isBusy || this.#reduction.isBusy;
    const delayMs = isBusy ? tickMs : this.#ports.peerNetwork === null ? undefined : idleTickMs;
    if (this.#timer !== undefined && (delayMs === undefined || delayMs >= this.#timer.delayMs)) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (delayMs === undefined) return;
    const dueMs = this.#ports.clock.nowMs() + delayMs;
    this.#timer = { delayMs, cancel: this.#ports.clock.setTimer(delayMs, () => this.#tick(dueMs)) };
  }

  #tick(dueMs: number): void {
    this.#timer = undefined;
    const lateMs = this.#ports.clock.nowMs() - dueMs;
    const { lagMs, illMs } = this.#config.protocol;
    const isLate = lateMs >= lagMs;
    if (isLate && this.#ports.peerNetwork !== null) this.#inbox.membership({ kind: "lagged", lateMs });
    if (this.#reduction.isSlow(dueMs)) this.#inbox.membership({ kind: "lagged", lateMs: illMs });
    if (this.#ports.peerNetwork !== null) this.#inbox.membership({ kind: "tick" });
    this.#inbox.job({ kind: "tick" });
    if (this.#reduction.isBusy) this.#inbox.reduction({ kind: "tick" });
    this.#setTimer();
  }

  #peerHandlers(): PeerNetworkHandlers {
    return {
      onConnected: (peer, address) => this.#inbox.membership({ kind: "connected", peer, address }),
      onDisconnected: (peer) => this.#inbox.membership({ kind: "disconnected", peer }),
      onDialFailed: (address) => this.#inbox.membership({ kind: "dial-failed", address }),
      onMessage: (from, bytes) => {
        const control = decodeControl(bytes);
        if (control?.core === "job") this.#inbox.job({ kind: "message", from, message: control.message });
        if (control?.core === "membership") this.#inbox.membership({ kind: "message", from, message: control.message });
      },
      onGossip: (from, bytes) => {
        const control = decodeControl(bytes);
        if (control?.core === "job") this.#inbox.job({ kind: "message", from, message: control.message });
        if (control?.core === "membership") this.#inbox.membership({ kind: "gossip", from, message: control.message });
      },
    };
  }

  #exchangeHandlers(): ExchangeHandlers {
    return {
      onPull: (request, responder) => this.#onPull(request, responder),
      onReplicate: (bytes, done) => {
        const record = decodeRecord(bytes);
        if (record === undefined || this.#state !== "running") return done("declined");
        const caller = this.#number();
        this.#jobEffects.callers.confirmations.set(caller, done);
        this.#inbox.job({ kind: "replicate", caller, record });
      },
      onFetchRecord: (id, done) => {
        const record = this.#jobs.shownRecord(id);
        done(record && this.#jobEffects.encode(record));
      },
      onDescribe: (question, done) => this.#ports.catalog.describe(question, done),
    };
  }

  #onPull(request: PullRequest, responder: PullResponder): Cancel {
    const nothing = (): void => undefined;
    if (this.#state !== "running") {
      responder.fail("declined", "the node is leaving the cluster");
      return nothing;
    }
    const { want } = request;
    const record = this.#jobs.workingRecord(request.jobId);
    const checked = checkPull(request, record, this.#config.self.semanticsVersion);
    if ("failure" in checked) {
      if (checked.failure === "unknown-job") this.#inbox.job({ kind: "wanted", jobId: request.jobId });
      responder.fail(checked.failure, checked.detail);
      return nothing;
    }
    const { manifest, vertex } = checked;
    const puller = this.#number();
    if (request.previewMs !== undefined) {
      const { askers } = this.#reductionEffects.previews;
      askers.set(puller, { kind: "peer", responder });
      const { previewMs: withinMs } = request;
      this.#inbox.reduction({ kind: "preview", asker: puller, manifest, vertex, root: null, withinMs });
      return () => {
        if (askers.delete(puller)) this.#inbox.reduction({ kind: "preview-gone", asker: puller });
      };
    }
    this.#reductionEffects.responders.set(puller, responder);
    this.#inbox.reduction({ kind: "pulled", puller, manifest, vertex, ...(want === undefined ? {} : { want }) });
    return () => {
      if (this.#reductionEffects.responders.delete(puller)) this.#inbox.reduction({ kind: "puller-gone", puller });
    };
  }
}

function tableOf(record: JobRecord): { readonly table?: AnswerTable } {
  const { result } = record;
  if (result === null) return {};
  return { table: result instanceof TableResult ? result.table : decodeResult(result.encoded()) };
}
