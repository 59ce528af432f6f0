/** Carries out the reduction core's effects: work at the map pool, pulls at peers, values for those who pull here. */

import { digestOf } from "../../base/digest.js";
import type { JobId, VertexKey } from "../../base/ids.js";
import type { JobInput } from "../../cluster/job/job-events.js";
import type { JobFailure, JobRecord, JobResult } from "../../cluster/job/job-record.js";
import { encodeResult, tooLargeMessage } from "../../cluster/job/result-codec.js";
import type { Member, View } from "../../cluster/member.js";
import type { Pull, Puller, ReductionEffect, VertexFailure } from "../../cluster/reduction/reduction-events.js";
import type { VertexWant } from "../../cluster/reduction/vertex-want.js";
import { type Manifest, manifestDigest, treeShapeOf } from "../../job/manifest.js";
import type { AnswerTable, ScanCounters } from "../../job/result.js";
import { NOTHING_SKIPPED, type SkippedRange } from "../../job/skipped.js";
import { isSpan, vertexName } from "../../job/tree.js";
import type { Cancel } from "../ports/clock.js";
import type { PullEvents, PullRequest, PullResponder } from "../ports/exchange.js";
import { RESULT_TOO_LARGE } from "../ports/map-pool.js";
import { isAskable } from "./askable.js";
import type { DriverConfig, DriverPorts } from "./driver-config.js";
import type { Inbox } from "./inbox.js";
import { PreviewEffects } from "./preview-effects.js";
import type { VertexWorker, WorkEvents } from "./vertex-worker.js";
import { encodeControl } from "./wire.js";

/** How often, and after how long, a peer that lacks the job is asked again: the news of it is mostly on its way. */
const INTRODUCTIONS = 3;
const INTRODUCTION_MS = 50;

/** A result table that is encoded at most once, and only if someone wants its bytes. */
export class TableResult implements JobResult {
  readonly table: AnswerTable;
  #bytes: Uint8Array | undefined;

  constructor(table: AnswerTable) {
    this.table = table;
  }

  encoded(): Uint8Array {
    this.#bytes ??= encodeResult(this.table);
    return this.#bytes;
  }

  get sizeBytes(): number {
    return this.#bytes?.length ?? 0;
  }
}

export class ReductionEffects {
  readonly #ports: DriverPorts;
  readonly #config: DriverConfig;
  readonly #inbox: Inbox;
  readonly #worker: VertexWorker;
  readonly #view: () => View;
  readonly #recordOf: (id: JobId) => JobRecord | undefined;
  readonly #pulls = new Map<Pull, Cancel>();
  readonly responders = new Map<Puller, PullResponder>();
  readonly previews: PreviewEffects;

  constructor(
    ports: DriverPorts,
    config: DriverConfig,
    inbox: Inbox,
    worker: VertexWorker,
    state: { readonly view: () => View; readonly recordOf: (id: JobId) => JobRecord | undefined },
  ) {
    this.#ports = ports;
    this.#config = config;
    this.#inbox = inbox;
    this.#worker = worker;
    this.#view = state.view;
    this.#recordOf = state.recordOf;
    this.previews = new PreviewEffects(ports, inbox, worker, state.view);
  }

  run(effect: ReductionEffect): void {
    switch (effect.kind) {
      case "scan":
        this.#worker.scan(effect.key, effect.manifest, effect.vertex, this.#workEvents(effect.key));
        break;
      case "merge":
        this.#merge(effect);
        break;
      case "slice":
        this.#worker.slice(effect.key, effect.of, effect.part);
        break;
      case "lend":
        this.#worker.lend(effect.key);
        break;
      case "cancel-task":
        this.#worker.cancel(effect.key);
        break;
      case "pull":
        this.#pull(effect);
        break;
      case "cancel-pull":
        this.#pulls.get(effect.pull)?.();
        this.#pulls.delete(effect.pull);
        this.previews.cancelPull(effect.pull);
        return;
      case "preview-pull":
        this.previews.pull(effect);
        break;
      case "preview-ready":
        this.previews.ready(effect);
        break;
      case "keep":
        this.#worker.keep(effect.key);
        break;
      case "serve":
        this.#serve(effect);
        break;
      case "serve-places":
        this.responders.get(effect.puller)?.places(effect.finished, effect.isFound);
        this.responders.delete(effect.puller);
        break;
      case "refuse":
        this.responders.get(effect.puller)?.fail(effect.failure, effect.detail);
        this.responders.delete(effect.puller);
        return;
      case "progress":
        this.responders.get(effect.puller)?.progress(effect.progress);
        return;
      case "root-progress":
        this.#inbox.job({ ...effect, kind: "progress" });
        break;
      case "root-ready":
        this.#finish(effect.manifest, effect.key, (answer) => ({ kind: "root-done", ...answer }));
        break;
      case "parts-ready":
        this.#partsReady(effect);
        break;
      case "cover-ready":
        this.#cover(effect);
        break;
      case "root-failed":
        this.#rootFailed(effect.manifest, failureOf(effect.failure, effect.detail));
        break;
      case "forget":
        this.#worker.forget(effect.key);
        break;
    }
  }

  #workEvents(key: VertexKey): WorkEvents {
    return {
      onProgress: (doneBytes) => this.#inbox.reduction({ kind: "task-progress", key, doneBytes }),
      onDone: () => this.#inbox.reduction({ kind: "task-done", key }),
      onFailed: (failure, detail) => this.#inbox.reduction({ kind: "task-failed", key, failure, detail }),
    };
  }

  #merge({ key, manifest, children, isPart }: Extract<ReductionEffect, { kind: "merge" }>): void {
    const lost = this.#worker.merge(key, manifest, children, this.#workEvents(key), isPart);
    if (lost.length > 0) this.#inbox.reduction({ kind: "children-lost", key, children: lost });
  }

  #pull({ pull, from, manifest, vertex, want, key }: Extract<ReductionEffect, { kind: "pull" }>): void {
    const member = this.#view().members.find((candidate) => candidate.id === from);
    if (member === undefined) {
      this.#inbox.reduction({ kind: "pull-failed", pull, failure: "unreachable", detail: from });
      return;
    }
    const request = {
      jobId: manifest.jobId,
      kind: isSpan(treeShapeOf(manifest), vertex) ? ("map" as const) : ("reduce" as const),
      vertex: vertexName(vertex),
      manifestDigest: manifestDigest(manifest),
      ...askedOf(want),
    };
    let isOver = false;
    const end = (): boolean => {
      const isFirst = !isOver;
      isOver = true;
      this.#pulls.delete(pull);
      return isFirst;
    };
    const cancel = this.#pullPatiently(member, request, INTRODUCTIONS, {
      onProgress: (progress) => this.#inbox.reduction({ kind: "pull-progress", pull, progress }),
      onPartial: (partial, { isFound, skipped = NOTHING_SKIPPED }) => {
        if (!end()) return;
        this.#worker.receive(key, manifest, partial, skipped);
        this.#inbox.reduction({ kind: "pull-done", pull, isFound });
      },
      onPlaces: (finished, isFound) => {
        if (!end()) return;
        if (finished.every((each) => isAskable(manifest, each.vertex))) {
          this.#inbox.reduction({ kind: "pull-placed", pull, finished, isFound });
        } else {
          const detail = `${member.name} says that vertex ${vertexName(vertex)} is made of others than there are`;
          this.#inbox.reduction({ kind: "pull-failed", pull, failure: "failed", detail });
        }
      },
      onFailure: (failure, detail) => {
        if (end()) this.#inbox.reduction({ kind: "pull-failed", pull, failure, detail });
      },
    });
    if (isOver) return;
    this.#pulls.set(pull, () => {
      isOver = true;
      cancel();
    });
  }

  /** Asks again the one that does not know the job yet: to go elsewhere at once would have somebody else scan as well. */
  #pullPatiently(from: Member, request: PullRequest, introductions: number, events: PullEvents): Cancel {
    let isWaiting = false;
    let cancel: Cancel = () => undefined;
    const stop = this.#ports.exchange.pull(from, request, {
      onProgress: (progress) => events.onProgress(progress),
      onPartial: (...partial) => events.onPartial(...partial),
      onPlaces: (...places) => events.onPlaces?.(...places),
      onFailure: (failure, detail) => {
        if (failure === "unknown-job") this.#introduce(from, request.jobId);
        if (failure !== "unknown-job" || introductions === 0) return events.onFailure(failure, detail);
        isWaiting = true;
        cancel = this.#ports.clock.setTimer(INTRODUCTION_MS, () => {
          cancel = this.#pullPatiently(from, request, introductions - 1, events);
        });
      },
    });
    if (!isWaiting) cancel = stop;
    return () => cancel();
  }

  /** Tells a peer that lacks the job where to get it. */
  #introduce(member: Member, jobId: JobId): void {
    const record = this.#recordOf(jobId);
    if (record === undefined) return;
    const { state, manifestDigest: digest } = record;
    const message = { kind: "announce" as const, jobId, state, manifestDigest: digest, copies: [] };
    this.#ports.peerNetwork?.send(member.id, encodeControl({ core: "job", message }));
  }

  #serve({ puller, key, manifest, vertex, want, isFound }: Extract<ReductionEffect, { kind: "serve" }>): void {
    const responder = this.responders.get(puller);
    if (responder === undefined) return;
    const bytes = want.kind === "slice" ? this.#worker.sliceOf(key, want.part) : this.#worker.bytesOf(key);
    if (bytes === undefined) {
      this.#inbox.reduction({ kind: "value-lost", puller, manifest, vertex, want });
      return;
    }
    this.responders.delete(puller);
    responder.partial(bytes, { isFound, skipped: this.#worker.skippedOf(key, manifest) });
  }

  /** Turns a merged partial into an answer and tells the job core. */
  #finish(manifest: Manifest, key: VertexKey, inputOf: (answer: Answer) => JobInput): void {
    const skipped = this.#worker.skippedOf(key, manifest);
    const isThere = this.#worker.finish(key, manifest, {
      onDone: (table) => {
        const result = new TableResult(table);
        const { maxResultBytes } = manifest.request;
        const sizeBytes = this.#config.isDurable ? result.encoded().length : 0;
        if (sizeBytes > maxResultBytes) {
          return this.#rootFailed(manifest, { code: "RESULT_TOO_LARGE", message: tooLargeMessage(maxResultBytes) });
        }
        this.#inbox.job(inputOf({ ...identityOf(manifest), result, counters: table.counters, skipped }));
      },
      onFailed: (error) => {
        const isTooLarge = "code" in error && error.code === RESULT_TOO_LARGE;
        this.#rootFailed(manifest, { code: isTooLarge ? "RESULT_TOO_LARGE" : "SCAN_FAILED", message: error.message });
      },
    });
    if (!isThere) this.#beginAnew(manifest);
  }

  /** What was at hand and is no longer is computed anew. */
  #beginAnew(manifest: Manifest): void {
    this.#inbox.reduction({ kind: "rest", jobId: manifest.jobId });
    this.#inbox.reduction({ kind: "work", manifest, root: true, isNew: false });
  }

  /** The parts have no common group; what can be in the answer is as much as the answer, and kept for whoever asks again. */
  #partsReady({ manifest, key, parts }: Extract<ReductionEffect, { kind: "parts-ready" }>): void {
    const ended = {
      onProgress: () => undefined,
      onDone: () => {
        this.#worker.keep(key);
        this.#finish(manifest, key, (answer) => ({ kind: "root-done", ...answer }));
        this.#worker.forget(key);
      },
      onFailed: (_failure: VertexFailure, detail: string) =>
        this.#rootFailed(manifest, { code: "SCAN_FAILED", message: detail }),
    };
    const lost = this.#worker.merge(key, manifest, parts, ended, true);
    if (lost.length > 0) this.#beginAnew(manifest);
  }

  /** Merges what a cover found under a key that no other job shares: a partial of less than its vertex is never kept. */
  #cover({ manifest, keys, doneBytes, missing }: Extract<ReductionEffect, { kind: "cover-ready" }>): void {
    if (doneBytes === 0) {
      this.#inbox.job({ kind: "root-covered", ...identityOf(manifest), answer: undefined, missing });
      return;
    }
    const key = digestOf("cover\0", manifestDigest(manifest), ...keys) as string as VertexKey;
    const lost = this.#worker.merge(key, manifest, keys, {
      onProgress: () => undefined,
      onDone: () => {
        this.#finish(manifest, key, ({ jobId, manifestDigest: digest, result, counters, skipped }) => ({
          kind: "root-covered",
          jobId,
          manifestDigest: digest,
          answer: { result, counters, skipped, doneBytes },
          missing,
        }));
        this.#worker.forget(key);
      },
      onFailed: (_failure, detail) => this.#rootFailed(manifest, { code: "SCAN_FAILED", message: detail }),
    });
    if (lost.length > 0) this.#inbox.reduction({ kind: "cover-lost", jobId: manifest.jobId, keys: lost });
  }

  #rootFailed(manifest: Manifest, failure: JobFailure): void {
    this.#inbox.job({ kind: "root-failed", ...identityOf(manifest), failure });
  }
}

/** How a want is asked for over the network: the whole value needs no words. */
function askedOf(want: VertexWant): Pick<PullRequest, "want"> {
  if (want.kind === "answer" || want.kind === "first" || (want.kind === "value" && want.inlineBytes === undefined))
    return {};
  if (want.kind !== "part") return { want };
  const { kind, part, finished } = want;
  return { want: { kind, part, finished } };
}

interface Answer {
  readonly jobId: JobId;
  readonly manifestDigest: string;
  readonly result: JobResult;
  readonly counters: ScanCounters;
  readonly skipped: readonly SkippedRange[];
}

const identityOf = (manifest: Manifest): Pick<Answer, "jobId" | "manifestDigest"> => ({
  jobId: manifest.jobId,
  manifestDigest: manifestDigest(manifest),
});

function failureOf(failure: VertexFailure, detail: string): JobFailure {
  if (failure === "input-changed") {
    return { code: "INPUT_CHANGED", message: `${detail} changed while the job read it; submit again under a new key` };
  }
  if (failure === "not-holder") {
    return { code: "INPUT_CHANGED", message: `${detail} is missing or shorter than when the job was planned` };
  }
  return { code: "SCAN_FAILED", message: detail };
}
