/** What a node answers to one pull, as messages. */

import { crc32 } from "node:zlib";
import type { PullResponse } from "../../../generated/logmr/v1/exchange.js";
import type { FinishedVertex } from "../../../job/hash-part.js";
import { NOTHING_SKIPPED } from "../../../job/skipped.js";
import type { PartialOrigin, PullFailure, PullProgress, PullResponder } from "../../ports/exchange.js";
import { framesOf, type MessageSink, writeAll } from "./frames.js";
import { pullFailureCode } from "./pull-codes.js";
import { skippedToWire } from "./wire-skipped.js";
import { finishedToWire } from "./wire-wants.js";

/** Where the answers to one pull go: a call, or its share of one. */
export interface ResponseSink extends MessageSink<PullResponse> {
  /** False once the puller is gone. */
  isOpen(): boolean;
  /** Nothing more is written. */
  end(): void;
}

/** Writes one pull's events; goes quiet when the puller is gone. */
export class StreamResponder implements PullResponder {
  readonly #sink: ResponseSink;
  #over = false;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  progress({ doneBytes, queuedBytes, isWaiting, activity }: PullProgress): void {
    if (this.#over || !this.#sink.isOpen()) return;
    const value = {
      doneBytes: BigInt(Math.round(doneBytes)),
      queuedBytes: BigInt(Math.round(queuedBytes)),
      waiting: isWaiting,
      activity: BigInt(Math.round(activity)),
    };
    this.#sink.write({ event: { $case: "progress", value } });
  }

  partial(partial: Uint8Array, { isFound, coveredBytes = 0, skipped = NOTHING_SKIPPED }: PartialOrigin): void {
    if (!this.#begin()) return;
    let checksum = 0;
    const chunk = (data: Buffer): PullResponse => {
      checksum = crc32(data, checksum);
      return { event: { $case: "chunk", value: { data } } };
    };
    const isOpen = () => this.#sink.isOpen();
    writeAll(this.#sink, framesOf(partial), chunk, isOpen, () => {
      const value = {
        length: BigInt(partial.length),
        crc32: checksum,
        found: isFound,
        coveredBytes: BigInt(coveredBytes),
        skipped: skipped.map(skippedToWire),
      };
      this.#sink.write({ event: { $case: "end", value } });
      this.#sink.end();
    });
  }

  places(finished: readonly FinishedVertex[], isFound: boolean): void {
    if (!this.#begin()) return;
    const value = { finished: finished.map(finishedToWire), found: isFound };
    this.#sink.write({ event: { $case: "places", value } });
    this.#sink.end();
  }

  fail(failure: PullFailure, detail: string): void {
    if (!this.#begin()) return;
    const value = { code: pullFailureCode(failure), detail };
    this.#sink.write({ event: { $case: "failure", value } });
    this.#sink.end();
  }

  /** Whether an outcome may be written: there is one, and none for a puller that is gone. */
  #begin(): boolean {
    if (this.#over || !this.#sink.isOpen()) return false;
    this.#over = true;
    return true;
  }
}
