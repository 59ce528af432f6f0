/** How jobs are shown: one line each in a table. Programs get `JobStatus` as it is. */

import type { JobStatus } from "../job/status.js";
import type { ListingColumn } from "./listing.js";
import { percent } from "./percent.js";

export const JOB_COLUMNS: readonly ListingColumn<JobStatus>[] = [
  { name: "id", type: "string", value: (job) => job.id },
  { name: "state", type: "string", value: (job) => job.state },
  { name: "coverage", type: "string", value: (job) => percent(job.coverage) },
  { name: "chunks", type: "string", value: (job) => `${job.chunksDone} of ${job.chunksTotal}` },
  { name: "bytes", type: "i64", value: (job) => BigInt(job.bytesTotal) },
  { name: "copies", type: "i64", value: (job) => BigInt(job.copies) },
  { name: "sql", type: "string", value: (job) => job.sql },
  { name: "error", type: "string", value: (job) => job.error ?? "" },
];
