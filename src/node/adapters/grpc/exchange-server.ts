/** The serving side of the exchange: turns gRPC calls into calls of the node's handlers. */

import { status } from "@grpc/grpc-js";
import type { JobId } from "../../../base/ids.js";
import type { ExchangeServer } from "../../../generated/logmr/v1/exchange.js";
import type { ExchangeHandlers } from "../../ports/exchange.js";
import { allMessagesOf } from "./file-descriptions.js";
import { FrameJoiner, framesOf, MAX_RECORD_BYTES, writeAll } from "./frames.js";
import { servePull, servePulls } from "./serve-pulls.js";

const NOT_STARTED = { code: status.UNAVAILABLE, details: "the node is starting or shutting down" };

/** `handlers` is undefined while the node does not serve. */
export function exchangeServer(handlers: () => ExchangeHandlers | undefined): ExchangeServer {
  return {
    pull: (call) => {
      const serving = handlers();
      if (serving === undefined) call.emit("error", NOT_STARTED);
      else servePull(serving, call);
    },
    pullMany: (call) => {
      const serving = handlers();
      if (serving === undefined) call.emit("error", NOT_STARTED);
      else servePulls(serving, call);
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
