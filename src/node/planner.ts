/**
 * Plans the jobs of a cluster: the query's FROM names a source and a glob, the holders of the source say which files match
 * and in which version, and what decides the answer is frozen into a manifest. A holder that cannot be asked, or that computes another semantics version and would decline, stops the
 * plan, or is written into it where that is allowed: an answer must not get smaller because nobody noticed.
 */

import type { NodeId } from "../base/ids.js";
import type { PlanRefusal } from "../cluster/job/job-events.js";
import { computes } from "../cluster/placement/ring.js";
import { overrideFormat } from "../engine/formats/detect-format.js";
import { unifyTypes } from "../engine/formats/unify-types.js";
import type { QueryPlan } from "../engine/plan.js";
import { compileQuery, sourceOfQuery } from "../engine/sql/compile-query.js";
import { nearestName } from "../engine/sql/nearest-name.js";
import { compareFiles, type Lacking, type Manifest, type ManifestFile, SEMANTICS_VERSION } from "../job/manifest.js";
import type { JobRequest } from "../job/request.js";
import { chooseSpanLevel, type SpanLevel } from "../job/tree.js";
import { foldDigests, spanRangeLevelOf } from "../job/vertex-key.js";
import { fieldsOfFormats } from "./format-fields.js";
import { isReadable, lackingOf, missingMessage } from "./missing-files.js";
import { jobPlanDigest } from "./plan-digest.js";
import type { Clock } from "./ports/clock.js";
import type { Planner } from "./ports/planner.js";
import { type FoundFiles, type SourceFile, type SourceFinder, sourceNames } from "./source-files.js";

type PlanJob = Parameters<Planner["plan"]>[0];

interface SourceGlob {
  readonly source: string;
  readonly glob: string;
}

/** Errors that are the client's to mend, by class: from the compiler, the formats, the folding of constants. */
const QUERY_ERRORS: ReadonlySet<string> = new Set(["QueryError", "PlanError", "ScalarError", "FormatError"]);

export class SourcePlanner implements Planner {
  readonly #self: NodeId;
  readonly #finder: SourceFinder;
  readonly #clock: Pick<Clock, "wallMs">;
  readonly #plans = new WeakMap<Manifest, QueryPlan>();

  constructor(self: NodeId, finder: SourceFinder, clock: Pick<Clock, "wallMs">) {
    this.#self = self;
    this.#finder = finder;
    this.#clock = clock;
  }

  plan(job: PlanJob, done: (outcome: Manifest | PlanRefusal) => void): void {
    const asked = refusing(() => sourceAskedBy(job));
    if ("code" in asked) {
      done(asked);
      return;
    }
    const planFrom = (found: FoundFiles) => done(refusing(() => this.#manifestOf(job, asked, found)));
    this.#finder.find(job.view, { ...asked, detail: "versions" }, planFrom, computes(SEMANTICS_VERSION));
  }

  queryPlanOf(manifest: Manifest): QueryPlan {
    const known = this.#plans.get(manifest);
    if (known !== undefined) return known;
    const formats = manifest.files.map((file) => file.format);
    const plan = compile(manifest.request, manifest.nowMs, formats);
    this.#plans.set(manifest, plan);
    return plan;
  }

  #manifestOf(job: PlanJob, asked: SourceGlob, found: FoundFiles): Manifest | PlanRefusal {
    const readable = found.files.filter(isReadable);
    const lacking = lackingOf(asked.source, asked.glob, found, job.request);
    const refusal = refusalOf(asked, found, readable, lacking, job.request.allowIncomplete);
    if (refusal !== undefined) return refusal;
    const nowMs = this.#clock.wallMs();
    const format = job.request.format;
    const threads = threadsOf(readable);
    const spanLevel = chooseSpanLevel(
      readable.map((file) => file.description.scanSize),
      threads,
    );
    const formats = unifyTypes(
      readable.map(({ description }) =>
        format === undefined ? description.format : overrideFormat(format, description.format),
      ),
    );
    const files = readable
      .map((file, index) => manifestFile(file, spanLevel, formats[index] ?? file.description.format))
      .sort(compareFiles);
    const plan = compile(
      job.request,
      nowMs,
      files.map((file) => file.format),
    );
    return {
      jobId: job.jobId,
      clientKey: job.clientKey,
      request: job.request,
      semanticsVersion: SEMANTICS_VERSION,
      nowMs,
      planner: this.#self,
      planDigest: jobPlanDigest(plan.map, files),
      spanLevel,
      files,
      ...(lacking === undefined ? {} : { lacking }),
    };
  }
}

/**
 * Runs a step of planning; what it throws becomes a refusal. An error that is not the client's is one of ours, and still
 * no text that a stranger sends may end the node.
 */
function refusing<Outcome>(step: () => Outcome | PlanRefusal): Outcome | PlanRefusal {
  try {
    return step();
  } catch (error) {
    const isClients = error instanceof Error && QUERY_ERRORS.has(error.name);
    if (isClients) return { code: "invalid-query", message: error.message };
    return { code: "invalid-query", message: `the query cannot be planned, by a fault of logmr: ${String(error)}` };
  }
}

/** The source and glob of FROM, if there is such a source. Throws a QueryError for what does not parse. */
function sourceAskedBy({ request, view }: PlanJob): SourceGlob | PlanRefusal {
  const from = sourceOfQuery(request.sql);
  const known = sourceNames(view);
  const offered = known.length === 0 ? "this cluster offers no sources yet" : `it offers ${known.join(", ")}`;
  const separator = from?.indexOf(":") ?? -1;
  if (from === null || separator < 1 || separator === from.length - 1) {
    const message = `a cluster's query says FROM 'NAME:glob', such as 'web:**/*.log'; ${offered}`;
    return { code: "invalid-argument", message };
  }
  const source = from.slice(0, separator);
  if (known.includes(source)) return { source, glob: from.slice(separator + 1) };
  const nearest = nearestName(source, known);
  const hint = nearest === undefined ? offered : `did you mean "${nearest}"? ${offered}`;
  return { code: "source-unknown", message: `no node offers a source "${source}"; ${hint}` };
}

/** Why there is nothing to plan over; `files` are those that can be read. */
function refusalOf(
  { source, glob }: SourceGlob,
  found: FoundFiles,
  files: readonly SourceFile[],
  lacking: Lacking | undefined,
  allowIncomplete: boolean,
): PlanRefusal | undefined {
  if (lacking !== undefined && (!allowIncomplete || files.length === 0)) {
    return { code: "holders-missing", message: missingMessage(source, lacking, found) };
  }
  if (files.length === 0) {
    return { code: "no-files", message: `no file of "${source}" matches "${glob}"; logmr sources lists them` };
  }
  return undefined;
}

/** Scanning threads of everyone who can hold some of the files; at least one. */
function threadsOf(files: readonly SourceFile[]): number {
  const holders = new Map(files.flatMap((file) => file.holders).map((holder) => [holder.id, holder]));
  const alive = [...holders.values()].filter((holder) => holder.state === "alive");
  return Math.max(
    1,
    alive.reduce((sum, holder) => sum + holder.threads, 0),
  );
}

function manifestFile(file: SourceFile, spanLevel: SpanLevel, format: string): ManifestFile {
  const { path, size, scanSize, sealedSize, mtimeMs, leafDigests, compression } = file.description;
  return {
    source: file.source,
    path,
    node: file.node,
    format,
    size,
    scanSize,
    sealedSize,
    mtimeMs,
    ...(compression === undefined ? {} : { compression }),
    spanDigests: foldDigests(leafDigests, spanRangeLevelOf(spanLevel, file.description)),
  };
}

function compile(request: JobRequest, nowMs: number, formats: readonly string[]): QueryPlan {
  return compileQuery(request.sql, {
    nowMs,
    fields: fieldsOfFormats(formats),
    ...(request.sinceMs === undefined ? {} : { sinceMs: request.sinceMs }),
    ...(request.untilMs === undefined ? {} : { untilMs: request.untilMs }),
  });
}
