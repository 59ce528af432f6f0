/** Pulls that come to a node: one in a call, or many. */

import { type ServerDuplexStream, type ServerWritableStream, status } from "@grpc/grpc-js";
import type { JobId } from "../../../base/ids.js";
import type {
  PullManyRequest,
  PullManyResponse,
  PullRequest,
  PullResponse,
} from "../../../generated/logmr/v1/exchange.js";
import type { Cancel } from "../../ports/clock.js";
import type { ExchangeHandlers } from "../../ports/exchange.js";
import { type ResponseSink, StreamResponder } from "./pull-responder.js";
import { taskFromWire } from "./wire-wants.js";

const NO_TASK = { code: status.INVALID_ARGUMENT, details: "a pull names a map, reduce, slice or part task" };

/** Undefined for a request that makes no sense. */
function serve(handlers: ExchangeHandlers, wire: PullRequest, sink: ResponseSink): Cancel | undefined {
  const { jobId, manifestDigest, previewMs } = wire;
  const task = taskFromWire(wire);
  if (task === undefined) return undefined;
  const preview = previewMs > 0 ? { previewMs } : {};
  return handlers.onPull({ jobId: jobId as JobId, manifestDigest, ...task, ...preview }, new StreamResponder(sink));
}

export function servePull(handlers: ExchangeHandlers, call: ServerWritableStream<PullRequest, PullResponse>): void {
  const withdraw = serve(handlers, call.request, {
    write: (response) => call.write(response),
    once: (event, listener) => call.once(event, listener),
    isOpen: () => !call.cancelled,
    end: () => call.end(),
  });
  if (withdraw === undefined) call.emit("error", NO_TASK);
  else call.on("cancelled", withdraw);
}

export function servePulls(
  handlers: ExchangeHandlers,
  call: ServerDuplexStream<PullManyRequest, PullManyResponse>,
): void {
  // Each pull whose bytes wait to leave listens for that.
  call.setMaxListeners(0);
  const pulls = new PullsOfCall(handlers, call);
  call.on("data", (request: PullManyRequest) => pulls.take(request));
  call.on("end", () => pulls.endWhenServed());
  call.on("cancelled", () => pulls.withdrawAll());
  call.on("error", () => pulls.withdrawAll());
}

/**
 * The pulls of one call. Each is begun in a turn of the event loop of its own, and none while answers wait to leave: a slice is
 * cut at once, and a node that is asked for hundreds would do nothing else meanwhile.
 */
class PullsOfCall {
  readonly #handlers: ExchangeHandlers;
  readonly #call: ServerDuplexStream<PullManyRequest, PullManyResponse>;
  readonly #waiting = new Map<number, PullRequest>();
  readonly #open = new Map<number, Cancel>();
  #isBeginning = false;
  #hasAll = false;

  constructor(handlers: ExchangeHandlers, call: ServerDuplexStream<PullManyRequest, PullManyResponse>) {
    this.#handlers = handlers;
    this.#call = call;
  }

  take({ number, pull }: PullManyRequest): void {
    if (pull === undefined) {
      this.#withdraw(number);
      return;
    }
    this.#waiting.set(number, pull);
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    setImmediate(() => this.#beginNext());
  }

  /** The caller asks for nothing more. */
  endWhenServed(): void {
    this.#hasAll = true;
    this.#endIfServed();
  }

  withdrawAll(): void {
    for (const number of [...this.#waiting.keys(), ...this.#open.keys()]) this.#withdraw(number);
  }

  #withdraw(number: number): void {
    this.#waiting.delete(number);
    const withdraw = this.#open.get(number);
    this.#open.delete(number);
    withdraw?.();
    this.#endIfServed();
  }

  #beginNext(): void {
    const [next] = this.#waiting;
    this.#isBeginning = next !== undefined;
    if (next === undefined) return;
    const [number, pull] = next;
    this.#waiting.delete(number);
    this.#begin(number, pull);
    if (this.#call.writableNeedDrain) this.#call.once("drain", () => this.#beginNext());
    else setImmediate(() => this.#beginNext());
  }

  #begin(number: number, pull: PullRequest): void {
    // It may be answered before there is anything to withdraw.
    this.#open.set(number, () => undefined);
    const withdraw = serve(this.#handlers, pull, {
      write: (response) => this.#call.write({ number, response }),
      once: (event, listener) => this.#call.once(event, listener),
      isOpen: () => this.#open.has(number),
      end: () => {
        this.#open.delete(number);
        this.#endIfServed();
      },
    });
    if (withdraw === undefined) this.#call.emit("error", NO_TASK);
    else if (this.#open.has(number)) this.#open.set(number, withdraw);
  }

  #endIfServed(): void {
    if (this.#hasAll && this.#waiting.size === 0 && this.#open.size === 0) this.#call.end();
  }
}
