/** The service `logmr.v1.Jobs` on top of a node: checks what clients send, and gives each refusal its gRPC code. */

import { randomUUID } from "node:crypto";
import { type ServerWritableStream, type sendUnaryData, status } from "@grpc/grpc-js";
import type { JobId } from "../../../base/ids.js";
import type { GetResultResponse, JobsServer, WatchStatusResponse } from "../../../generated/logmr/v1/jobs.js";
import type { JobRequest } from "../../../job/request.js";
import { isTerminal, type JobStatus } from "../../../job/status.js";
import type { NodeService, SubmitRefusal } from "../../node-service.js";
import { writeAll } from "./frames.js";
import { resultMessagesOf } from "./result-pages.js";
import { requestFromWire, statusToWire } from "./wire-jobs.js";

const MAX_SQL_BYTES = 64 * 1024;
const MAX_CLIENT_KEY_BYTES = 256;

/** What `jobIdOf` gives; nobody is asked about anything else. */
const JOB_ID = /^[0-9a-f]{20}$/;

interface Refusal {
  readonly code: status;
  readonly details: string;
}

const CODES = {
  "invalid-query": status.INVALID_ARGUMENT,
  "invalid-argument": status.INVALID_ARGUMENT,
  "source-unknown": status.NOT_FOUND,
  "no-files": status.NOT_FOUND,
  "holders-missing": status.FAILED_PRECONDITION,
  "key-conflict": status.ALREADY_EXISTS,
  "not-joined": status.UNAVAILABLE,
  leaving: status.UNAVAILABLE,
  full: status.RESOURCE_EXHAUSTED,
  "too-few-copies": status.UNAVAILABLE,
} as const satisfies Record<SubmitRefusal["code"], status>;

export function jobsService(node: NodeService): JobsServer {
  return {
    submit: (call, callback) => {
      const checked = checkSubmit(call.request.request, call.request.clientKey);
      if ("details" in checked) {
        callback(checked);
        return;
      }
      node.submit(call.request.clientKey || randomUUID(), checked, (outcome) => {
        if ("code" in outcome) callback({ code: CODES[outcome.code], details: detailsOf(outcome) });
        else callback(null, { jobId: outcome.jobId, copies: outcome.copies });
      });
    },
    getStatus: (call, callback) => {
      const id = call.request.jobId as JobId;
      if (!JOB_ID.test(id)) return callback(unknownJob(id));
      const stop = node.status(id, (found) => answerStatus(id, found, callback));
      call.on("cancelled", stop);
    },
    watchStatus: (call) => {
      const id = call.request.jobId as JobId;
      if (!JOB_ID.test(id)) return void call.emit("error", unknownJob(id));
      const watch = new StatusStream(call);
      const stop = node.watch(id, (found) => {
        if (found === undefined) call.emit("error", unknownJob(id));
        else watch.show(found);
      });
      call.on("cancelled", stop);
    },
    getResult: (call) => {
      const id = call.request.jobId as JobId;
      if (!JOB_ID.test(id)) return void call.emit("error", unknownJob(id));
      const { preview } = call.request;
      const ask = preview ? node.preview.bind(node) : node.result.bind(node);
      const stop = ask(id, (job) => {
        if (job === undefined) {
          call.emit("error", unknownJob(id));
        } else if (job.table === undefined) {
          const why = job.status.error === null ? "" : `: ${job.status.error}`;
          const details = `job ${id} is ${job.status.state} and has no result${why}`;
          call.emit("error", { code: status.FAILED_PRECONDITION, details });
        } else {
          const messages = resultMessagesOf(job.status, job.table);
          writeAll(
            call,
            messages,
            (message: GetResultResponse) => message,
            () => !call.cancelled,
            () => call.end(),
          );
        }
      });
      call.on("cancelled", stop);
    },
    cancel: (call, callback) => {
      const id = call.request.jobId as JobId;
      if (!JOB_ID.test(id)) return callback(unknownJob(id));
      node.cancel(id, (found) => answerStatus(id, found, callback));
    },
    list: (_call, callback) => callback(null, { jobs: node.jobs().map(statusToWire) }),
  };
}

/** The request with its defaults, or why it is refused before anyone plans it. */
function checkSubmit(wire: Parameters<typeof requestFromWire>[0] | undefined, clientKey: string): JobRequest | Refusal {
  if (wire === undefined || wire.sql.trim() === "") {
    return { code: status.INVALID_ARGUMENT, details: "request.sql is empty; give one SELECT statement" };
  }
  const sqlBytes = Buffer.byteLength(wire.sql);
  if (sqlBytes > MAX_SQL_BYTES) {
    return {
      code: status.RESOURCE_EXHAUSTED,
      details: `the query has ${sqlBytes} bytes; ${MAX_SQL_BYTES} is the most`,
    };
  }
  const keyBytes = Buffer.byteLength(clientKey);
  if (keyBytes > MAX_CLIENT_KEY_BYTES) {
    const details = `client_key has ${keyBytes} bytes; ${MAX_CLIENT_KEY_BYTES} is the most`;
    return { code: status.INVALID_ARGUMENT, details };
  }
  try {
    return requestFromWire(wire);
  } catch (error) {
    if (error instanceof RangeError) return { code: status.OUT_OF_RANGE, details: error.message };
    throw error;
  }
}

function detailsOf(refusal: SubmitRefusal): string {
  return refusal.code === "too-few-copies" ? `${refusal.message} (job ${refusal.jobId})` : refusal.message;
}

const unknownJob = (id: JobId): Refusal => ({
  code: status.NOT_FOUND,
  details: `no reachable node knows a job "${id.slice(0, 40)}"; logmr jobs (Jobs.List) shows those of this node`,
});

function answerStatus(
  id: JobId,
  found: JobStatus | undefined,
  callback: sendUnaryData<{ status: ReturnType<typeof statusToWire> | undefined }>,
): void {
  if (found === undefined) callback(unknownJob(id));
  else callback(null, { status: statusToWire(found) });
}

/** Shows the latest status to a client that may be slow: what it could not take in time is skipped. */
class StatusStream {
  readonly #call: ServerWritableStream<unknown, WatchStatusResponse>;
  #waiting: JobStatus | undefined;
  #full = false;

  constructor(call: ServerWritableStream<unknown, WatchStatusResponse>) {
    this.#call = call;
  }

  show(latest: JobStatus): void {
    if (this.#call.cancelled) return;
    if (this.#full) {
      this.#waiting = latest;
      return;
    }
    this.#full = !this.#call.write({ status: statusToWire(latest) });
    if (isTerminal(latest.state)) this.#call.end();
    else if (this.#full) this.#call.once("drain", () => this.#drained());
  }

  #drained(): void {
    this.#full = false;
    const latest = this.#waiting;
    this.#waiting = undefined;
    if (latest !== undefined) this.show(latest);
  }
}
