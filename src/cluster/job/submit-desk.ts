/**
 * The clients who submit at this node. A job is planned once however often it is submitted, and while it is planned its
 * ring successors are asked whether they know it: a retry through another node finds the job instead of making it anew.
 */

import type { JobId } from "../../base/ids.js";
import type { Manifest } from "../../job/manifest.js";
import { requestDigest } from "../../job/request.js";
import type { Protocol } from "../protocol.js";
import { announcementOf, type JobEntry } from "./job-entry.js";
import type { JobInput, PlanRefusal, SubmitOutcome } from "./job-events.js";
import { runningRecord } from "./job-record.js";
import type { JobTable } from "./job-table.js";
import type { Lookups } from "./lookups.js";

type Submit = Extract<JobInput, { kind: "submit" }>;

/** A job that is not known here yet. */
interface Planning {
  /** One at least, all with the same request. */
  readonly submits: Submit[];
  /** None of the nodes that keep such a job knows it. */
  isUnknown: boolean;
  outcome: Manifest | PlanRefusal | undefined;
}

export class SubmitDesk {
  readonly #table: JobTable;
  readonly #lookups: Lookups;
  readonly #protocol: Protocol;
  readonly #planning = new Map<JobId, Planning>();
  /** Of those, in the order in which they came, the ones that wait for others to be planned; and the ones that do not. */
  readonly #line: JobId[] = [];
  readonly #begun = new Set<JobId>();

  constructor(table: JobTable, lookups: Lookups, protocol: Protocol) {
    this.#table = table;
    this.#lookups = lookups;
    this.#protocol = protocol;
  }

  get isBusy(): boolean {
    return this.#planning.size > 0;
  }

  submit(nowMs: number, submit: Submit): void {
    const { jobId } = submit;
    const entry = this.#table.get(jobId);
    if (entry !== undefined) {
      this.#resubmit(nowMs, entry, submit);
      return;
    }
    const planning = this.#planning.get(jobId);
    const refusal = planning === undefined ? this.#refusal(submit) : conflict(planning, submit);
    if (refusal !== undefined) this.#answer(submit, refusal);
    else if (planning !== undefined) planning.submits.push(submit);
    else {
      this.#planning.set(jobId, { submits: [submit], isUnknown: false, outcome: undefined });
      this.#line.push(jobId);
      this.#beginNext(nowMs);
    }
  }

  /** The files were found; the job is one when nobody else has it. */
  planned(nowMs: number, jobId: JobId, outcome: Manifest | PlanRefusal): void {
    const planning = this.#planning.get(jobId);
    if (planning === undefined || ("files" in outcome && !isPlanOf(planning, outcome))) return;
    planning.outcome = outcome;
    this.#conclude(nowMs, jobId, planning);
  }

  /** A peer has the job: its manifest stands, whatever was planned here. */
  found(nowMs: number, entry: JobEntry): void {
    for (const submit of this.#take(nowMs, entry.id)) this.#resubmit(nowMs, entry, submit);
  }

  /** Nobody who could be asked knows the job. */
  notFound(nowMs: number, jobId: JobId): void {
    const planning = this.#planning.get(jobId);
    if (planning === undefined) return;
    planning.isUnknown = true;
    this.#conclude(nowMs, jobId, planning);
  }

  /** All at once they would all be late: a few at a time, the first ones are acknowledged while the last ones wait. */
  #beginNext(nowMs: number): void {
    while (this.#begun.size < this.#protocol.plansAtOnce) {
      const id = this.#line.shift();
      if (id === undefined) return;
      const [submit] = this.#planning.get(id)?.submits ?? [];
      if (submit === undefined) continue;
      this.#begun.add(id);
      const { jobId, clientKey, request } = submit;
      this.#table.effects.push(...this.#lookups.start(jobId, "successors", this.#table.view, nowMs));
      this.#table.effects.push({ kind: "plan", jobId, clientKey, request });
    }
  }

  /** Why this node does not take a new job. A cap is not lowered for it: the same key would be another request elsewhere. */
  #refusal({ request }: Submit): SubmitOutcome | undefined {
    if (!this.#table.joined) return { kind: "not-joined" };
    const { maxResultBytes: askedBytes } = request;
    const { maxResultBytes: mostBytes } = this.#protocol;
    if (askedBytes > mostBytes) return { kind: "result-cap", askedBytes, mostBytes };
    const jobs = this.#planning.size + this.#table.activeJobs;
    const { activeJobs: most } = this.#protocol;
    return jobs >= most ? { kind: "full", jobs, most } : undefined;
  }

  #conclude(nowMs: number, jobId: JobId, { isUnknown, outcome }: Planning): void {
    if (!isUnknown || outcome === undefined) return;
    const submits = this.#take(nowMs, jobId);
    if (!("files" in outcome)) {
      const callers = submits.map((submit) => submit.caller);
      this.#table.effects.push({ kind: "refuse-plan", callers, refusal: outcome });
      return;
    }
    const entry = this.#table.adopt(nowMs, runningRecord(outcome));
    entry.beaconAtMs = nowMs;
    entry.kept = true;
    entry.isMaker = true;
    entry.isNew = true;
    const news = { ...announcementOf(entry, this.#table.view), isNew: true as const };
    this.#table.effects.push({ kind: "publish", message: news });
    for (const submit of submits) this.#resubmit(nowMs, entry, submit);
    this.#table.direct(nowMs, entry);
  }

  /** A submit for a job that is known: acknowledged when its copies suffice, refused when it asks for something else. */
  #resubmit(nowMs: number, entry: JobEntry, submit: Submit): void {
    const { caller, request } = submit;
    if (requestDigest(request) !== requestDigest(entry.record.manifest.request)) {
      this.#answer(submit, { kind: "key-conflict" });
      return;
    }
    entry.submits.push({ caller, wanted: request.durability, sinceMs: nowMs });
    entry.kept = true;
    if (!entry.isMaker) entry.sentAtMs.clear();
    entry.isMaker = true;
    this.#table.settle(nowMs, entry);
  }

  #take(nowMs: number, jobId: JobId): readonly Submit[] {
    const submits = this.#planning.get(jobId)?.submits ?? [];
    this.#planning.delete(jobId);
    if (this.#begun.delete(jobId)) this.#beginNext(nowMs);
    return submits;
  }

  #answer({ caller, jobId }: Submit, outcome: SubmitOutcome): void {
    this.#table.effects.push({ kind: "submitted", callers: [caller], jobId, outcome });
  }
}

function conflict(planning: Planning, submit: Submit): SubmitOutcome | undefined {
  const [first] = planning.submits;
  const isSame = first === undefined || requestDigest(first.request) === requestDigest(submit.request);
  return isSame ? undefined : { kind: "key-conflict" };
}

/** A plan may come late, when its key has been given up and taken for another request. */
const isPlanOf = ({ submits }: Planning, manifest: Manifest): boolean =>
  submits[0] !== undefined && requestDigest(submits[0].request) === requestDigest(manifest.request);
