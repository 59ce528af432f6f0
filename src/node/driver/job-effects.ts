/** Carries out the job core's effects: plans, copies on disk and at peers, answers to callers. */

import type { JobId, NodeId } from "../../base/ids.js";
import type { Caller, JobEffect, SubmitOutcome } from "../../cluster/job/job-events.js";
import { encodeJobMemory, JOB_MEMORY } from "../../cluster/job/job-memory.js";
import type { JobMessage } from "../../cluster/job/job-messages.js";
import type { JobRecord } from "../../cluster/job/job-record.js";
import { decodeRecord, encodeRecord, packed } from "../../cluster/job/record-codec.js";
import type { Member, View } from "../../cluster/member.js";
import type { JobRequest } from "../../job/request.js";
import type { JobStatus } from "../../job/status.js";
import type { SubmitRefusal, Submitted, Told } from "../node-service.js";
import type { DriverConfig, DriverPorts } from "./driver-config.js";
import type { Inbox } from "./inbox.js";
import { encodeControl } from "./wire.js";

export type SubmitDone = (outcome: Submitted | SubmitRefusal) => void;
export type StatusDone = Told<JobStatus>;
export type EndedDone = (
  record: JobRecord | undefined,
  status: JobStatus | undefined,
  silent: readonly NodeId[] | undefined,
) => void;

/** Who waits for an answer under a caller's number. */
export interface Callers {
  readonly submits: Map<Caller, SubmitDone>;
  readonly statuses: Map<Caller, StatusDone>;
  readonly ends: Map<Caller, EndedDone>;
  readonly confirmations: Map<Caller, (durable: boolean | "declined") => void>;
}

export class JobEffects {
  readonly #ports: DriverPorts;
  readonly #config: DriverConfig;
  readonly #inbox: Inbox;
  readonly #view: () => View;
  readonly callers: Callers = { submits: new Map(), statuses: new Map(), ends: new Map(), confirmations: new Map() };
  #encoded = new WeakMap<JobRecord, Uint8Array>();

  constructor(ports: DriverPorts, config: DriverConfig, inbox: Inbox, view: () => View) {
    this.#ports = ports;
    this.#config = config;
    this.#inbox = inbox;
    this.#view = view;
  }

  /** `work` and `rest` are the reduction's; they are passed on. */
  run(effect: JobEffect): void {
    switch (effect.kind) {
      case "plan":
        this.#plan(effect.jobId, effect.clientKey, effect.request);
        break;
      case "store":
        this.#store(effect);
        break;
      case "delete":
        if (this.#config.isDurable) this.#ports.store.deleteRecord(effect.jobId);
        return;
      case "remember-jobs":
        if (this.#config.isDurable) this.#ports.store.putState(JOB_MEMORY, encodeJobMemory(effect.memory));
        return;
      case "replicate":
        this.#replicate(effect);
        break;
      case "fetch":
        this.#fetch(effect);
        break;
      case "publish":
        this.publish(effect.message);
        break;
      case "send":
        this.#ports.peerNetwork?.send(effect.to, encodeControl({ core: "job", message: effect.message }));
        return;
      case "confirm":
        take(this.callers.confirmations, effect.caller)?.(effect.durable);
        break;
      case "submitted":
        for (const caller of effect.callers) {
          take(this.callers.submits, caller)?.(outcomeOf(effect.outcome, effect.jobId));
        }
        return;
      case "refuse-plan":
        for (const caller of effect.callers) take(this.callers.submits, caller)?.(effect.refusal);
        return;
      case "status":
        this.callers.statuses.get(effect.caller)?.(effect.status, effect.silent);
        break;
      case "ended":
        take(this.callers.ends, effect.caller)?.(effect.record, effect.status, effect.silent);
        break;
      case "work":
        this.#inbox.reduction({
          kind: "work",
          manifest: effect.record.manifest,
          root: effect.root,
          isNew: effect.isNew,
        });
        return;
      case "cover":
        this.#inbox.reduction({ kind: "cover", jobId: effect.jobId });
        return;
      case "rest":
        this.#inbox.reduction({ kind: "rest", jobId: effect.jobId });
        return;
    }
  }

  publish(message: JobMessage): void {
    this.#ports.peerNetwork?.publish(encodeControl({ core: "job", message }));
  }

  /** The record's bytes, made once however often they travel. */
  encode(record: JobRecord): Uint8Array {
    const known = this.#encoded.get(record);
    if (known !== undefined) return known;
    const bytes = encodeRecord(record);
    this.#encoded.set(record, bytes);
    return bytes;
  }

  /** As it is kept once its job has ended; embedded nothing is encoded. */
  pack(record: JobRecord): JobRecord {
    return this.#config.isDurable ? packed(record, this.encode(record)) : record;
  }

  #plan(jobId: JobId, clientKey: string, request: JobRequest): void {
    this.#ports.planner.plan({ jobId, clientKey, request, view: this.#view() }, (outcome) =>
      this.#inbox.job({ kind: "planned", jobId, outcome }),
    );
  }

  #store({ jobId, record, version }: Extract<JobEffect, { kind: "store" }>): void {
    const stored = (durable: boolean): void => this.#inbox.job({ kind: "stored", jobId, version, durable });
    if (!this.#config.isDurable) {
      stored(true);
      return;
    }
    this.#ports.store.putRecord(jobId, this.encode(record), stored);
  }

  #replicate({ to, incarnation, jobId, record, version }: Extract<JobEffect, { kind: "replicate" }>): void {
    const answered = (durable: boolean | "declined" | "unreachable"): void =>
      this.#inbox.job({ kind: "replicated", jobId, version, to, incarnation, durable });
    const member = this.#member(to);
    if (member === undefined) answered("unreachable");
    else this.#ports.exchange.replicate(member, this.encode(record), answered);
  }

  #fetch({ from, jobId }: Extract<JobEffect, { kind: "fetch" }>): void {
    const member = this.#member(from);
    if (member === undefined) {
      this.#inbox.job({ kind: "fetched", jobId, from, outcome: "unreachable" });
      return;
    }
    this.#ports.exchange.fetchRecord(member, jobId, (bytes) => {
      const outcome = bytes instanceof Uint8Array ? decodeRecord(bytes) : bytes;
      this.#inbox.job({ kind: "fetched", jobId, from, outcome });
    });
  }

  #member(id: string): Member | undefined {
    return this.#view().members.find((member) => member.id === id);
  }
}

function outcomeOf(outcome: SubmitOutcome, jobId: JobId): Submitted | SubmitRefusal {
  switch (outcome.kind) {
    case "acknowledged":
      return { jobId, copies: outcome.copies };
    case "key-conflict":
      return {
        code: "key-conflict",
        message: "this client key belongs to a job with another request; choose another --id",
      };
    case "not-joined":
      return {
        code: "not-joined",
        message: "this node was told to join a cluster and has not reached a member of it yet; submit through another",
      };
    case "full": {
      const { jobs, most } = outcome;
      const message = `${jobs} jobs are under way, and this node takes ${most}; submit again with the same key when some have ended`;
      return { code: "full", message };
    }
    case "result-cap": {
      const { askedBytes, mostBytes } = outcome;
      const message = `max_result_bytes is ${askedBytes}, and this node takes at most ${mostBytes}; ask for less, or give its nodes a larger --max-result`;
      return { code: "result-cap", message };
    }
    case "too-few-copies": {
      const { copies, wanted } = outcome;
      const message = `the job has ${copies} durable copies of the ${wanted} asked for; it stays, submit again with its key`;
      return { code: "too-few-copies", message, jobId, copies };
    }
  }
}

function take<Key, Value>(map: Map<Key, Value>, key: Key): Value | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}
