/** What the parts of the reduction core share: the view, the time, the work under way, and the effects of a step. */

import type { Digest, JobId, VertexKey } from "../../base/ids.js";
import type { PartialSize } from "../../job/hash-part.js";
import { type Manifest, manifestDigest } from "../../job/manifest.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import { HeldValues } from "./held-values.js";
import { JobContext } from "./job-context.js";
import { KnownPaces } from "./known-paces.js";
import { MemberLoads } from "./member-loads.js";
import type { Pull, ReductionEffect } from "./reduction-events.js";
import type { RunningJob } from "./running-job.js";
import type { VertexTask } from "./vertex-task.js";

export interface ReductionOptions {
  readonly protocol: Protocol;
  /** Spans scanned at a time. */
  readonly scanSlots: number;
  /** Nobody else can be asked: the first failure is the job's. */
  readonly failFast: boolean;
  /** Whether the driver has the vertex's value at hand, from memory or store. */
  readonly hasValue: (key: VertexKey) => boolean;
  /** Of a value at hand; undefined for one that lacks bytes of its vertex, or whose groups cannot be told apart by hash. */
  readonly sizeOf: (key: VertexKey) => PartialSize | undefined;
  /** The digest of what turns a job's partial into its answer; undefined where values are never merged in parts. */
  readonly finishOf: (manifest: Manifest) => Digest | undefined;
  /** How many of the first rows of the input are all that the answer needs; undefined where it needs the whole input. */
  readonly firstRowsOf: (manifest: Manifest) => number | undefined;
}

export class ReductionState {
  readonly options: ReductionOptions;
  readonly jobs = new Map<JobId, RunningJob>();
  readonly tasks = new Map<VertexKey, VertexTask>();
  readonly held = new HeldValues();
  readonly loads = new MemberLoads();
  readonly paces = new KnownPaces();
  /** Bytes that the threads here have scanned: while it grows, those who wait for one need not worry. */
  scannedBytes = 0;
  #nextPull = 1;
  view: View;
  nowMs = 0;
  /** Of the step under way, in order. */
  effects: ReductionEffect[] = [];

  constructor(view: View, options: ReductionOptions) {
    this.view = view;
    this.options = options;
  }

  emit(effect: ReductionEffect): void {
    this.effects.push(effect);
  }

  /** Of the very manifest that was asked about: after a split another one of the same job may be worked on here. */
  contextOf(manifest: Manifest): JobContext {
    const known = this.jobs.get(manifest.jobId)?.context;
    const isSame = known !== undefined && manifestDigest(known.manifest) === manifestDigest(manifest);
    return isSame ? known : new JobContext(manifest);
  }

  numberPull(): Pull {
    return this.#nextPull++;
  }

  /** Keeps a value in memory for those who will ask for slices of it, unless the job has its share of that. */
  lend(jobId: JobId, key: VertexKey, bytes: number): void {
    const job = this.jobs.get(jobId);
    if (job === undefined || job.lent.has(key)) return;
    if (job.lentBytes + bytes > this.options.protocol.lentBytes) return;
    job.lent.add(key);
    job.lentBytes += bytes;
    this.held.hold(key);
    this.emit({ kind: "lend", key });
  }

  takeBack(job: RunningJob): void {
    for (const key of job.lent) {
      this.held.release(key);
      this.forgetUnheld(key);
    }
    job.lent.clear();
    job.lentBytes = 0;
  }

  forgetUnheld(key: VertexKey): void {
    if (!this.held.isHeld(key)) this.emit({ kind: "forget", key });
  }
}
