/**
 * Plans jobs over files of this machine, for the node that answers within its own process. The whole job is one span: its
 * threads share it by chunks. Nothing outlives the process, so files are identified by size and time, not by their pages.
 */

import { digestOf } from "../../base/digest.js";
import type { NodeId } from "../../base/ids.js";
import { detectFormat, type FieldSpec, formatByName } from "../../engine/formats/formats.js";
import { mapPlanDigest, type QueryPlan } from "../../engine/plan.js";
import { compileQuery } from "../../engine/sql/compile-query.js";
import { type Manifest, type ManifestFile, SEMANTICS_VERSION } from "../../job/manifest.js";
import type { JobRequest } from "../../job/request.js";
import { wholeJobSpan } from "../../job/tree.js";
import type { Planner, PlanRefusal } from "../ports/planner.js";
import type { InputFile } from "./inputs.js";

export class EmbeddedPlanner implements Planner {
  readonly #node: NodeId;
  readonly #nowMs: number;
  readonly #inputs: readonly InputFile[];
  readonly #formats: readonly string[];
  #plan: QueryPlan | undefined;

  /** `format` overrides detection. */
  constructor(node: NodeId, nowMs: number, inputs: readonly InputFile[], format: string | undefined) {
    this.#node = node;
    this.#nowMs = nowMs;
    this.#inputs = inputs;
    this.#formats = inputs.map((input) => format ?? detectFormat(input.sample).format);
  }

  /** The format of each input, in their order. */
  get formats(): readonly string[] {
    return this.#formats;
  }

  plan(job: Parameters<Planner["plan"]>[0], done: (outcome: Manifest | PlanRefusal) => void): void {
    const plan = this.#compile(job.request);
    const files = this.#inputs.map((input, index) => manifestFile(input, this.#formats[index] ?? "plain"));
    const spanLevel = wholeJobSpan(files.map((file) => ({ bytes: file.scanSize, group: "" })));
    done({
      jobId: job.jobId,
      clientKey: job.clientKey,
      request: job.request,
      semanticsVersion: SEMANTICS_VERSION,
      nowMs: this.#nowMs,
      planner: this.#node,
      planDigest: mapPlanDigest(plan.map),
      spanLevel,
      files,
    });
  }

  queryPlanOf(manifest: Manifest): QueryPlan {
    return this.#compile(manifest.request);
  }

  /** Throws a QueryError. */
  #compile(request: JobRequest): QueryPlan {
    this.#plan ??= compileQuery(request.sql, {
      nowMs: this.#nowMs,
      fields: fieldsOfFormats(this.#formats),
      ...(request.sinceMs === undefined ? {} : { sinceMs: request.sinceMs }),
      ...(request.untilMs === undefined ? {} : { untilMs: request.untilMs }),
    });
    return this.#plan;
  }
}

/** The union of the formats' fields; a file whose format lacks one has NULL there. */
export function fieldsOfFormats(names: readonly string[]): readonly FieldSpec[] {
  const fields = new Map<string, FieldSpec>();
  for (const name of new Set(names)) {
    for (const field of formatByName(name).fields) if (!fields.has(field.name)) fields.set(field.name, field);
  }
  return [...fields.values()];
}

function manifestFile(input: InputFile, format: string): ManifestFile {
  const version = digestOf(`${input.size} ${input.mtimeMs}`);
  return {
    source: "",
    path: input.path,
    node: null,
    format,
    size: input.size,
    scanSize: input.size,
    sealedSize: 0,
    mtimeMs: input.mtimeMs,
    spanDigests: [version],
  };
}
