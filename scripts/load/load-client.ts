/** A client as the load test has many: a connection of its own, and how long each of its calls took. */

import { randomUUID } from "node:crypto";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { digestOf } from "../../src/base/digest.js";
import { JobPriority, JobState, type JobStatus, JobsClient } from "../../src/generated/logmr/v1/jobs.js";
import type { Tally } from "./tally.js";

const CALL_TIMEOUT_MS = 30_000;
/** Clients in one process would share a connection otherwise. */
const OWN_CONNECTION = { "grpc.use_local_subchannel_pool": 1, "grpc.enable_http_proxy": 0 };

export interface Finished {
  /** Of the rows and counters. */
  readonly digest: string;
}

const isRefusal = (error: unknown): error is ServiceError =>
  error instanceof Error && "code" in error && error.code === status.RESOURCE_EXHAUSTED;

export class LoadClient {
  readonly #jobs: JobsClient;
  readonly #tally: Tally;

  constructor(address: string, tally: Tally) {
    this.#jobs = new JobsClient(address, credentials.createInsecure(), OWN_CONNECTION);
    this.#tally = tally;
  }

  /** The job's id; undefined if the node has no room for it, which is counted and no error. */
  async submit(sql: string, timeoutMs = CALL_TIMEOUT_MS): Promise<string | undefined> {
    const request = { sql, allowIncomplete: false, priority: JobPriority.NORMAL };
    const key = randomUUID();
    try {
      const { jobId } = await this.#timed<{ jobId: string }>("submit", (done) =>
        this.#jobs.submit({ request, clientKey: key }, new Metadata(), deadline(timeoutMs), done),
      );
      return jobId;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#tally.refused += 1;
      return undefined;
    }
  }

  async status(jobId: string): Promise<JobStatus | undefined> {
    const answer = await this.#timed<{ status: JobStatus | undefined }>("status", (done) =>
      this.#jobs.getStatus({ jobId }, new Metadata(), deadline(), done),
    );
    return answer.status;
  }

  /** Waits for the job. Rejects unless it is COMPLETED. */
  result(jobId: string): Promise<Finished> {
    return new Promise((resolve, reject) => {
      const parts: string[] = [];
      const call = this.#jobs.getResult({ jobId, preview: false });
      call.on("data", ({ part }: { part?: { $case: string; value: unknown } }) => {
        if (part?.$case !== "header") parts.push(textOf(part));
        else {
          const { status: job, counters } = part.value as { status?: JobStatus; counters?: unknown };
          if (job?.state !== JobState.COMPLETED)
            reject(new Error(`job ${jobId} ended as ${job?.state}: ${job?.error}`));
          parts.push(textOf(counters));
        }
      });
      call.on("error", reject);
      call.on("end", () => resolve({ digest: digestOf(...parts) }));
    });
  }

  async cancel(jobId: string, timeoutMs = CALL_TIMEOUT_MS): Promise<void> {
    await this.#timed("cancel", (done) => this.#jobs.cancel({ jobId }, new Metadata(), deadline(timeoutMs), done));
  }

  close(): void {
    this.#jobs.close();
  }

  async #timed<Response>(
    name: string,
    start: (done: (error: ServiceError | null, response: Response) => void) => unknown,
  ): Promise<Response> {
    const startMs = performance.now();
    try {
      return await new Promise<Response>((resolve, reject) => {
        start((error, response) => (error === null ? resolve(response) : reject(error)));
      });
    } finally {
      this.#tally.took(name, performance.now() - startMs);
    }
  }
}

const deadline = (timeoutMs = CALL_TIMEOUT_MS) => ({ deadline: Date.now() + timeoutMs });

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? `${inner}` : inner)) ?? "";
