/** The asking side of a pull: progress, then the joined and verified partial or one failure. */

import { crc32 } from "node:zlib";
import { type ServiceError, status } from "@grpc/grpc-js";
import {
  type ExchangeClient,
  ExchangeService,
  type PartialEnd,
  type PullResponse,
  type PullRequest as WirePull,
} from "../../../generated/logmr/v1/exchange.js";
import type { FinishedVertex } from "../../../job/hash-part.js";
import type { Cancel } from "../../ports/clock.js";
import type { PullEvents, PullFailure, PullRequest } from "../../ports/exchange.js";
import { FrameJoiner, MAX_RECORD_BYTES } from "./frames.js";
import { pullFailureOf } from "./pull-codes.js";
import { pullResponseFromBytes } from "./pull-messages.js";
import { readStream } from "./read-stream.js";
import { skippedFromWire } from "./wire-skipped.js";
import { allFromWire, taskToWire } from "./wire-wants.js";

export const pullToWire = (request: PullRequest): WirePull => ({
  jobId: request.jobId,
  manifestDigest: request.manifestDigest,
  ...taskToWire(request),
  previewMs: Math.ceil(request.previewMs ?? 0),
});

export function startPull(channel: ExchangeClient, request: PullRequest, events: PullEvents): Cancel {
  const pull = new Pull(events);
  const { path, requestSerialize } = ExchangeService.pull;
  const call = channel.makeServerStreamRequest(path, requestSerialize, pullResponseFromBytes, pullToWire(request));
  readStream(
    call,
    (message) => {
      if (!pull.take(message)) call.cancel();
    },
    (error) => pull.end(error),
  );
  return () => {
    pull.withdraw();
    call.cancel();
  };
}

/** Collects one pull's messages into one outcome. */
export class Pull {
  readonly #events: PullEvents;
  readonly #joiner = new FrameJoiner(MAX_RECORD_BYTES);
  #checksum = 0;
  #over = false;

  constructor(events: PullEvents) {
    this.#events = events;
  }

  /** Nothing more becomes of it. */
  get isOver(): boolean {
    return this.#over;
  }

  withdraw(): void {
    this.#over = true;
  }

  /** False when nothing more is wanted of the stream. */
  take({ event }: PullResponse): boolean {
    if (this.#over) return false;
    switch (event?.$case) {
      case "progress":
        this.#events.onProgress({
          doneBytes: Number(event.value.doneBytes),
          queuedBytes: Number(event.value.queuedBytes),
          isWaiting: event.value.waiting,
          activity: Number(event.value.activity),
        });
        return true;
      case "chunk":
        this.#checksum = crc32(event.value.data, this.#checksum);
        if (!this.#joiner.push(event.value.data)) {
          this.#fail("failed", `the partial is over ${MAX_RECORD_BYTES} bytes`);
        }
        return !this.#over;
      case "end":
        this.#deliver(event.value);
        return true;
      case "places": {
        const finished = allFromWire(event.value.finished);
        if (finished === undefined) this.#fail("failed", "the places of a partial name no vertices");
        else this.#places(finished, event.value.found);
        return true;
      }
      case "failure":
        this.#fail(pullFailureOf(event.value.code), event.value.detail);
        return true;
      case undefined:
        return true;
    }
  }

  end(error: ServiceError | null): void {
    if (error === null) this.#fail("unreachable", "the node ended the pull without an outcome");
    else this.#fail(UNREACHABLE.has(error.code) ? "unreachable" : "failed", error.message);
  }

  #deliver(end: PartialEnd): void {
    if (Number(end.length) !== this.#joiner.lengthBytes || end.crc32 !== this.#checksum) {
      this.#fail("failed", "the partial was damaged on its way");
      return;
    }
    this.#over = true;
    const { found: isFound, coveredBytes } = end;
    const preview = coveredBytes > 0n ? { coveredBytes: Number(coveredBytes) } : {};
    const skipped = end.skipped.map(skippedFromWire);
    this.#events.onPartial(this.#joiner.join(), { isFound, skipped, ...preview });
  }

  #places(finished: readonly FinishedVertex[], isFound: boolean): void {
    this.#over = true;
    this.#events.onPlaces?.(finished, isFound);
  }

  #fail(failure: PullFailure, detail: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.onFailure(failure, detail);
  }
}

/** What gRPC reports of a connection that is refused, lost, reset or silent. */
const UNREACHABLE: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.INTERNAL,
]);
