/** The service `logmr.v1.Jobs` on top of a node: checks what clients send, and gives each refusal its gRPC code. */

import { randomUUID } from "node:crypto";
import { type ServerWritableStream, type sendUnaryData, status } from "@grpc/grpc-js";
import type { JobId, NodeId } from "../../../base/ids.js";
import {
  type GetResultResponse,
  type JobsServer,
  type WatchStatusResponse,
  JobStatus as WireStatus,
} from "../../../generated/logmr/v1/jobs.js";
import type { JobRequest } from "../../../job/request.js";
import { isTerminal, type JobStatus } from "../../../job/status.js";
import type { NodeService, SubmitRefusal } from "../../node-service.js";
import { MAX_MESSAGE_BYTES } from "./channel.js";
import { type Refusal, refusal } from "./error-details.js";
import { writeAll } from "./frames.js";
import { resultMessagesOf } from "./result-pages.js";
import { requestFromWire, statusToWire } from "./wire-jobs.js";

const MAX_SQL_BYTES = 64 * 1024;
const MAX_CLIENT_KEY_BYTES = 256;

/** Within which a member that is silent for a moment answers again, or is suspected. */
const RETRY_MS = 1_000;
/** What tells the jobs of a list apart: a tag and a length. */
const LIST_ENTRY_BYTES = 8;
/** Silent members that a refusal names: it travels in a header. */
const MAX_NAMED = 8;

/** What `jobIdOf` gives; nobody is asked about anything else. */
const JOB_ID = /^[0-9a-f]{20}$/;

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
  "result-cap": status.OUT_OF_RANGE,
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
        if ("code" in outcome) callback(submitRefusal(outcome));
        else callback(null, { jobId: outcome.jobId, copies: outcome.copies });
      });
    },
    getStatus: (call, callback) => {
      const id = call.request.jobId as JobId;
      if (!JOB_ID.test(id)) return callback(unknownJob(id));
      const stop = node.status(id, (found, silent) => answerStatus(id, found, silent, callback));
      call.on("cancelled", stop);
    },
    watchStatus: (call) => {
      const id = call.request.jobId as JobId;
      if (!JOB_ID.test(id)) return void call.emit("error", unknownJob(id));
      const watch = new StatusStream(call);
      const stop = node.watch(id, (found, silent) => {
        if (found === undefined) call.emit("error", notFound(id, silent));
        else watch.show(found);
      });
      call.on("cancelled", stop);
    },
    getResult: (call) => {
      const id = call.request.jobId as JobId;
      if (!JOB_ID.test(id)) return void call.emit("error", unknownJob(id));
      const { preview } = call.request;
      const ask = preview ? node.preview.bind(node) : node.result.bind(node);
      const stop = ask(id, (job, silent) => {
        if (job === undefined) {
          call.emit("error", notFound(id, silent));
        } else if (job.table === undefined) {
          call.emit("error", noResult(job.status));
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
      node.cancel(id, (found, silent) => answerStatus(id, found, silent, callback));
    },
    list: (_call, callback) => callback(null, { jobs: withinMessage(node.jobs().map(statusToWire)) }),
  };
}

/** The first of them, as many as one message takes. */
function withinMessage(jobs: readonly WireStatus[]): WireStatus[] {
  let bytes = 0;
  const end = jobs.findIndex((job) => {
    bytes += WireStatus.encode(job).finish().length + LIST_ENTRY_BYTES;
    return bytes > MAX_MESSAGE_BYTES;
  });
  return jobs.slice(0, end < 0 ? jobs.length : end);
}

/** The request with its defaults, or why it is refused before anyone plans it. */
function checkSubmit(wire: Parameters<typeof requestFromWire>[0] | undefined, clientKey: string): JobRequest | Refusal {
  if (wire === undefined || wire.sql.trim() === "") {
    return invalid("request.sql is empty; give one SELECT statement");
  }
  const sqlBytes = Buffer.byteLength(wire.sql);
  if (sqlBytes > MAX_SQL_BYTES) {
    const details = `the query has ${sqlBytes} bytes; ${MAX_SQL_BYTES} is the most`;
    return refusal(status.RESOURCE_EXHAUSTED, details, { reason: "QUERY_TOO_LONG" });
  }
  const keyBytes = Buffer.byteLength(clientKey);
  if (keyBytes > MAX_CLIENT_KEY_BYTES) {
    return invalid(`client_key has ${keyBytes} bytes; ${MAX_CLIENT_KEY_BYTES} is the most`);
  }
  try {
    return requestFromWire(wire);
  } catch (error) {
    if (error instanceof RangeError) {
      return refusal(status.OUT_OF_RANGE, error.message, { reason: "INVALID_ARGUMENT" });
    }
    throw error;
  }
}

const invalid = (details: string): Refusal => refusal(status.INVALID_ARGUMENT, details, { reason: "INVALID_ARGUMENT" });

function submitRefusal(refused: SubmitRefusal): Refusal {
  const reason = refused.code.toUpperCase().replaceAll("-", "_");
  if (refused.code !== "too-few-copies") return refusal(CODES[refused.code], refused.message, { reason });
  const { jobId, copies } = refused;
  const metadata = { job_id: jobId, copies: String(copies) };
  return refusal(CODES[refused.code], `${refused.message} (job ${jobId})`, { reason, metadata });
}

function noResult({ id, state, error }: JobStatus): Refusal {
  const why = error === null ? "" : `: ${error}`;
  const info = { reason: "NO_RESULT", metadata: { job_id: id, state } };
  return refusal(status.FAILED_PRECONDITION, `job ${id} is ${state} and has no result${why}`, info);
}

function unknownJob(id: JobId): Refusal {
  const shown = id.slice(0, 40);
  const details = `no reachable node knows a job "${shown}"; logmr jobs (Jobs.List) shows those of this node`;
  return refusal(status.NOT_FOUND, details, { reason: "JOB_UNKNOWN", metadata: { job_id: shown } });
}

/** Nobody who answered knows the job: it is unknown only if everybody who may know it did answer. */
function notFound(id: JobId, silent: readonly NodeId[] = []): Refusal {
  if (silent.length === 0) return unknownJob(id);
  const details = `${silent.length} members that may know job "${id}" do not answer, and the others do not know it; ask again in ${RETRY_MS} ms`;
  const metadata = { job_id: id, silent: silent.slice(0, MAX_NAMED).join(","), retry_ms: String(RETRY_MS) };
  return refusal(status.UNAVAILABLE, details, { reason: "JOB_UNANSWERED", metadata });
}

function answerStatus(
  id: JobId,
  found: JobStatus | undefined,
  silent: readonly NodeId[] | undefined,
  callback: sendUnaryData<{ status: ReturnType<typeof statusToWire> | undefined }>,
): void {
  if (found === undefined) callback(notFound(id, silent));
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
