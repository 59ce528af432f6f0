import { safeText } from "../base/safe-text.js";
import type { JobStatus } from "../job/status.js";
import { EXIT } from "./exit-codes.js";
import { percent } from "./percent.js";

/**
 * Says on stderr, and by the exit code, what an incomplete answer that was allowed lacks, or how much of its input a preview
 * covers; nothing of a complete one.
 */
export function noteIncomplete(status: Pick<JobStatus, "state" | "coverage" | "missing">): void {
  if (status.state === "RUNNING") {
    process.stderr.write(`logmr: preview: ${percent(status.coverage)} of the bytes so far; the job is running\n`);
    process.exitCode = EXIT.incomplete;
    return;
  }
  if (status.state !== "INCOMPLETE") return;
  const missing = status.missing.map(safeText).join(", ");
  process.stderr.write(
    `logmr: incomplete answer: ${percent(status.coverage)} of the bytes; missing: ${missing || "unknown"}\n`,
  );
  process.exitCode = EXIT.incomplete;
}
