/** The one job of the simulations that are about a job, not about faults. */

import { DEFAULT_DEADLINE_MS, DEFAULT_MAX_RESULT_BYTES } from "../../src/job/request.js";
import type { FinishedJob } from "../../src/node/node-service.js";
import type { SimulatedNode } from "./simulated-node.js";

/** Submits through a node that stays well; what it returns tells the end once it has come. */
export function submitJob(through: SimulatedNode): () => FinishedJob | undefined {
  let finished: FinishedJob | undefined;
  const request = {
    sql: "SELECT key, count(*)",
    allowIncomplete: false,
    deadlineMs: DEFAULT_DEADLINE_MS,
    maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
  };
  through.driver?.submit("job", request, (outcome) => {
    if ("code" in outcome) throw new Error(outcome.message);
    through.driver?.result(outcome.jobId, (job) => {
      finished = job;
    });
  });
  return () => finished;
}
