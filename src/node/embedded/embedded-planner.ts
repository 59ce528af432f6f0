/**
 * Plans jobs over files of this machine, for the node that answers within its own process. The whole job is one span: its
 * threads share it by chunks. Nothing outlives the process, so files are identified by size and time, not by their pages.
 */

import { digestOf } from "../../base/digest.js";
import type { NodeId } from "../../base/ids.js";
import type { PlanRefusal } from "../../cluster/job/job-events.js";
import { resolveFormat } from "../../engine/formats/detect-format.js";
import { type FieldSpec, FORMATS } from "../../engine/formats/formats.js";
import { unifyTypes } from "../../engine/formats/unify-types.js";
import type { QueryPlan } from "../../engine/plan.js";
import { compileQuery } from "../../engine/sql/compile-query.js";
import { type Manifest, type ManifestFile, SEMANTICS_VERSION } from "../../job/manifest.js";
import type { JobRequest } from "../../job/request.js";
import { wholeJobSpan } from "../../job/tree.js";
import { fieldsOfFormats } from "../format-fields.js";
import { jobPlanDigest } from "../plan-digest.js";
import type { Planner } from "../ports/planner.js";
import type { InputFile } from "./inputs.js";

/** What may be asked of standard input, whose end is not known: a range that no stream outgrows. */
const ENDLESS_BYTES = 2 ** 52;

type TimeRange = Pick<JobRequest, "sql" | "sinceMs" | "untilMs">;

export class EmbeddedPlanner implements Planner {
  readonly #node: NodeId;
  readonly #nowMs: number;
  readonly #inputs: readonly InputFile[];
  /** The format of each input, in their order. */
  readonly formats: readonly string[];
  /** Why each has it. */
  readonly reasons: readonly (() => string)[];
  #plan: QueryPlan | undefined;

  /** `format` overrides detection. Throws a FormatError for one that is unknown, or not that of a file. */
  constructor(node: NodeId, nowMs: number, inputs: readonly InputFile[], format: string | undefined) {
    this.#node = node;
    this.#nowMs = nowMs;
    this.#inputs = inputs;
    const resolved = inputs.map(({ sample, mtimeMs }) =>
      resolveFormat(format, { bytes: sample, referenceMs: mtimeMs || nowMs }),
    );
    this.formats = unifyTypes(resolved.map((file) => file.format));
    this.reasons = resolved.map(({ reason }) => reason);
  }

  plan(job: Parameters<Planner["plan"]>[0], done: (outcome: Manifest | PlanRefusal) => void): void {
    const plan = this.compile(job.request);
    const files = this.#inputs.map((input, index) => manifestFile(input, this.formats[index] ?? "plain"));
    const spanLevel = wholeJobSpan(files.map((file) => ({ bytes: file.scanSize, group: "" })));
    done({
      jobId: job.jobId,
      clientKey: job.clientKey,
      request: job.request,
      semanticsVersion: SEMANTICS_VERSION,
      nowMs: this.#nowMs,
      planner: this.#node,
      planDigest: jobPlanDigest(plan.map, files),
      spanLevel,
      files,
    });
  }

  queryPlanOf(manifest: Manifest): QueryPlan {
    return this.compile(manifest.request);
  }

  /** The plan of the one query, compiled once. Throws a QueryError. */
  compile(request: TimeRange): QueryPlan {
    this.#plan ??= compileQuery(request.sql, {
      nowMs: this.#nowMs,
      fields: this.#fields(),
      ...(request.sinceMs === undefined ? {} : { sinceMs: request.sinceMs }),
      ...(request.untilMs === undefined ? {} : { untilMs: request.untilMs }),
    });
    return this.#plan;
  }

  /** Those of the inputs' formats. Where there is nothing to tell a format from, every field is good, and has no rows. */
  #fields(): readonly FieldSpec[] {
    const told = this.formats.filter((_, index) => this.#inputs[index]?.sample.length !== 0);
    return fieldsOfFormats(told.length === 0 ? ALL_FORMATS : told);
  }
}

const ALL_FORMATS = FORMATS.map((format) => format.name);

function manifestFile(input: InputFile, format: string): ManifestFile {
  const size = input.size ?? ENDLESS_BYTES;
  return {
    source: "",
    path: input.path,
    node: null,
    format,
    size,
    scanSize: size,
    sealedSize: 0,
    mtimeMs: input.mtimeMs,
    spanDigests: [digestOf(`${size} ${input.mtimeMs}`)],
  };
}
