/** Turns a request into a manifest: compiles the SQL, finds the files, asks their holders for versions and digests. */

import type { JobId } from "../../base/ids.js";
import type { PlanRefusal } from "../../cluster/job/job-events.js";
import type { View } from "../../cluster/member.js";
import type { QueryPlan } from "../../engine/plan.js";
import type { Manifest } from "../../job/manifest.js";
import type { JobRequest } from "../../job/request.js";

export interface Planner {
  plan(
    job: { readonly jobId: JobId; readonly clientKey: string; readonly request: JobRequest; readonly view: View },
    done: (outcome: Manifest | PlanRefusal) => void,
  ): void;
  /** The plan that a manifest's request compiles to; the same on every node of its semantics version. */
  queryPlanOf(manifest: Manifest): QueryPlan;
}
