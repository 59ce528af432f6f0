/** The serving side of the exchange: turns gRPC calls into calls of the node's handlers. */

import { crc32 } from "node:zlib";
import { type ServerWritableStream, status } from "@grpc/grpc-js";
import type { JobId } from "../../../base/ids.js";
import type { ExchangeServer, PullRequest, PullResponse } from "../../../generated/logmr/v1/exchange.js";
import type { FinishedVertex } from "../../../job/hash-part.js";
import { NOTHING_SKIPPED } from "../../../job/skipped.js";
import type { Cancel } from "../../ports/clock.js";
import type {
  ExchangeHandlers,
  PartialOrigin,
  PullFailure,
  PullProgress,
  PullResponder,
} from "../../ports/exchange.js";
import { allMessagesOf } from "./file-descriptions.js";
import { FrameJoiner, framesOf, MAX_RECORD_BYTES, writeAll } from "./frames.js";
import { pullFailureCode } from "./pull-codes.js";
import { skippedToWire } from "./wire-skipped.js";
import { finishedToWire, taskFromWire } from "./wire-wants.js";

const NOT_STARTED = { code: status.UNAVAILABLE, details: "the node is starting or shutting down" };

/** `handlers` is undefined while the node does not serve. */
export function exchangeServer(handlers: () => ExchangeHandlers | undefined): ExchangeServer {
  return {
    pull: (call) => {
      const serving = handlers();
      if (serving === undefined) call.emit("error", NOT_STARTED);
      else servePull(serving, call);
    },
    replicate: (call, callback) => {
      const joiner = new FrameJoiner(MAX_RECORD_BYTES);
      let fits = true;
      call.on("data", ({ data }: { data: Uint8Array }) => {
        fits &&= joiner.push(data);
      });
      call.on("error", () => undefined);
      call.on("end", () => {
        const serving = handlers();
        if (serving === undefined) callback(NOT_STARTED);
        else if (!fits) callback({ code: status.RESOURCE_EXHAUSTED, details: `over ${MAX_RECORD_BYTES} bytes` });
        else
          serving.onReplicate(joiner.join(), (durable) =>
            callback(null, { durable: durable === true, declined: durable === "declined" }),
          );
      });
    },
    fetchRecord: (call) => {
      const serving = handlers();
      if (serving === undefined) {
        call.emit("error", NOT_STARTED);
        return;
      }
      serving.onFetchRecord(call.request.jobId as JobId, (record) => {
        if (record === undefined) {
          call.emit("error", { code: status.NOT_FOUND, details: `this node has no job ${call.request.jobId}` });
          return;
        }
        const isOpen = () => !call.cancelled;
        writeAll(
          call,
          framesOf(record),
          (data) => ({ data }),
          isOpen,
          () => call.end(),
        );
      });
    },
    describe: (call) => {
      const serving = handlers();
      if (serving === undefined) {
        call.emit("error", NOT_STARTED);
        return;
      }
      const { source, glob, namesOnly } = call.request;
      serving.onDescribe({ source, glob, detail: namesOnly ? "names" : "versions" }, (files) => {
        const messages = allMessagesOf(files);
        const isOpen = () => !call.cancelled;
        writeAll(
          call,
          messages,
          (file) => ({ file }),
          isOpen,
          () => call.end(),
        );
      });
    },
  };
}

function servePull(handlers: ExchangeHandlers, call: ServerWritableStream<PullRequest, PullResponse>): void {
  const { jobId, manifestDigest, previewMs } = call.request;
  const task = taskFromWire(call.request);
  if (task === undefined) {
    call.emit("error", { code: status.INVALID_ARGUMENT, details: "a pull names a map, reduce, slice or part task" });
    return;
  }
  const responder = new StreamResponder(call);
  const request = {
    jobId: jobId as JobId,
    manifestDigest,
    ...task,
    ...(previewMs > 0 ? { previewMs } : {}),
  };
  const withdraw = handlers.onPull(request, responder);
  responder.onGone(withdraw);
}

/** Writes one pull's events; goes quiet when the puller is gone. */
class StreamResponder implements PullResponder {
  readonly #call: ServerWritableStream<PullRequest, PullResponse>;
  #over = false;

  constructor(call: ServerWritableStream<PullRequest, PullResponse>) {
    this.#call = call;
  }

  onGone(withdraw: Cancel): void {
    this.#call.on("cancelled", () => {
      this.#over = true;
      withdraw();
    });
  }

  progress({ doneBytes, queuedBytes, isWaiting, activity }: PullProgress): void {
    if (this.#over || this.#call.cancelled) return;
    const value = {
      doneBytes: BigInt(Math.round(doneBytes)),
      queuedBytes: BigInt(Math.round(queuedBytes)),
      waiting: isWaiting,
      activity: BigInt(Math.round(activity)),
    };
    this.#call.write({ event: { $case: "progress", value } });
  }

  partial(partial: Uint8Array, { isFound, coveredBytes = 0, skipped = NOTHING_SKIPPED }: PartialOrigin): void {
    if (this.#over) return;
    this.#over = true;
    let checksum = 0;
    const chunk = (data: Buffer): PullResponse => {
      checksum = crc32(data, checksum);
      return { event: { $case: "chunk", value: { data } } };
    };
    const isOpen = () => !this.#call.cancelled;
    writeAll(this.#call, framesOf(partial), chunk, isOpen, () => {
      const value = {
        length: BigInt(partial.length),
        crc32: checksum,
        found: isFound,
        coveredBytes: BigInt(coveredBytes),
        skipped: skipped.map(skippedToWire),
      };
      this.#call.write({ event: { $case: "end", value } });
      this.#call.end();
    });
  }

  places(finished: readonly FinishedVertex[], isFound: boolean): void {
    if (this.#over) return;
    this.#over = true;
    const value = { finished: finished.map(finishedToWire), found: isFound };
    this.#call.write({ event: { $case: "places", value } });
    this.#call.end();
  }

  fail(failure: PullFailure, detail: string): void {
    if (this.#over) return;
    this.#over = true;
    const value = { code: pullFailureCode(failure), detail };
    this.#call.write({ event: { $case: "failure", value } });
    this.#call.end();
  }
}
