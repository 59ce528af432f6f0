/** Turns a request into a manifest: compiles the SQL, finds the files, asks their holders for versions and digests. */

import type { JobId } from "../../base/ids.js";
import type { View } from "../../cluster/member.js";
import type { QueryPlan } from "../../engine/plan.js";
import type { Manifest } from "../../job/manifest.js";
import type { JobRequest } from "../../job/request.js";

/**
 * Why a request cannot become a job. `invalid-query` and `invalid-argument` are the client's to mend; `source-unknown`
 * and `no-files` name what was asked for; `holders-missing` names what is lacking and may pass later.
 */
export interface PlanRefusal {
  readonly code: "invalid-query" | "invalid-argument" | "source-unknown" | "no-files" | "holders-missing";
  readonly message: string;
}

export interface Planner {
  plan(
    job: { readonly jobId: JobId; readonly clientKey: string; readonly request: JobRequest; readonly view: View },
    done: (outcome: Manifest | PlanRefusal) => void,
  ): void;
  /** The plan that a manifest's request compiles to; the same on every node of its semantics version. */
  queryPlanOf(manifest: Manifest): QueryPlan;
}
