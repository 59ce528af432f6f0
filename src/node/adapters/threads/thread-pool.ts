/**
 * The map pool of a node: as many worker threads as it was given, one task a thread at a time, first come first served.
 * The event loop never scans. A thread that dies fails its task and is replaced.
 */

import { Worker, type WorkerOptions } from "node:worker_threads";
import { builtFile } from "../../../base/package-root.js";
import { compileKernels } from "../../../engine/kernels/kernels.js";
import type { MapPlan, QueryPlan } from "../../../engine/plan.js";
import type { AnswerTable } from "../../../job/result.js";
import type { Cancel } from "../../ports/clock.js";
import type { MapPool, PartialHandle, ScanTask, TaskEvents } from "../../ports/map-pool.js";
import {
  CANCELLED,
  CONTROL_SLOTS,
  receiveError,
  type ThreadMemory,
  type ThreadReply,
  type ThreadRequest,
  type ThreadStart,
} from "./protocol.js";

const WORKER_FILE = builtFile("bin/logmr.js");

interface Task {
  readonly request: ThreadRequest;
  onReply(reply: ThreadReply): void;
}

interface Thread {
  readonly worker: Worker;
  task: Task | undefined;
}

class EncodedPartial implements PartialHandle {
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  encoded(): Uint8Array {
    return this.#bytes;
  }
}

/** Starts a worker thread; the caller listens to it. */
export function startThread(start: ThreadStart, options: Pick<WorkerOptions, "trackUnmanagedFds"> = {}): Worker {
  return new Worker(WORKER_FILE, { ...options, workerData: start });
}

export class ThreadPool implements MapPool {
  readonly threads: number;
  readonly #start: ThreadStart;
  readonly #threads: Thread[] = [];
  readonly #queue: Task[] = [];
  #nextTask = 1;
  #closed = false;

  /** `memory`: that of each thread. */
  constructor(threads: number, memory: ThreadMemory) {
    this.threads = threads;
    this.#start = { kernels: compileKernels(), memory };
    for (let index = 0; index < threads; index += 1) this.#threads.push(this.#startThread());
  }

  scan(task: ScanTask, events: TaskEvents<PartialHandle>): Cancel {
    const control = new Int32Array(new SharedArrayBuffer(CONTROL_SLOTS * Int32Array.BYTES_PER_ELEMENT));
    const request = { kind: "scan", task: this.#takeNumber(), map: task.map, ranges: task.ranges, control } as const;
    const forget = this.#enqueue(request, partialEvents(events));
    return () => {
      Atomics.store(control, CANCELLED, 1);
      forget();
    };
  }

  merge(map: MapPlan, partials: readonly Uint8Array[], events: TaskEvents<PartialHandle>): Cancel {
    return this.#enqueue({ kind: "merge", task: this.#takeNumber(), map, partials }, partialEvents(events));
  }

  finish(
    plan: QueryPlan,
    root: PartialHandle | Uint8Array,
    events: TaskEvents<AnswerTable>,
    mostBytes = Number.POSITIVE_INFINITY,
  ): Cancel {
    const partial = root instanceof Uint8Array ? root : root.encoded();
    return this.#enqueue({ kind: "finish", task: this.#takeNumber(), plan, partial, mostBytes }, (reply) => {
      if (reply.kind === "table") events.onDone(reply.table);
      else if (reply.kind === "failed") events.onFailed(receiveError(reply.error));
    });
  }

  /** Ends the threads; tasks that still run never report. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #takeNumber(): number {
    const number = this.#nextTask;
    this.#nextTask += 1;
    return number;
  }

  /** Returns how to stop hearing of the task; one that waits is taken off the queue. */
  #enqueue(request: ThreadRequest, onReply: (reply: ThreadReply) => void): Cancel {
    let wanted = true;
    const task: Task = {
      request,
      onReply: (reply) => {
        if (wanted) onReply(reply);
      },
    };
    this.#queue.push(task);
    this.#dispatch();
    return () => {
      wanted = false;
      const index = this.#queue.indexOf(task);
      if (index >= 0) this.#queue.splice(index, 1);
    };
  }

  #dispatch(): void {
    if (this.#closed) return;
    for (const thread of this.#threads) {
      if (thread.task !== undefined) continue;
      const task = this.#queue.shift();
      if (task === undefined) return;
      thread.task = task;
      thread.worker.postMessage(task.request);
    }
  }

  #startThread(): Thread {
    const thread: Thread = { worker: startThread(this.#start), task: undefined };
    let cause = "";
    thread.worker.on("message", (reply: ThreadReply) => {
      const { task } = thread;
      if (task === undefined) return;
      if (reply.kind !== "progress") thread.task = undefined;
      task.onReply(reply);
      this.#dispatch();
    });
    thread.worker.on("error", (error) => {
      cause = `: ${error.message}`;
    });
    thread.worker.on("exit", (code) => this.#replace(thread, `A scanning thread ended with code ${code}${cause}`));
    return thread;
  }

  #replace(thread: Thread, message: string): void {
    if (this.#closed) return;
    this.#threads.splice(this.#threads.indexOf(thread), 1, this.#startThread());
    const { task } = thread;
    task?.onReply({
      kind: "failed",
      task: task.request.task,
      error: { name: "ThreadDied", message, code: "thread-died" },
    });
    this.#dispatch();
  }
}

function partialEvents(events: TaskEvents<PartialHandle>): (reply: ThreadReply) => void {
  return (reply) => {
    if (reply.kind === "progress") events.onProgress?.(reply.doneBytes);
    else if (reply.kind === "partial") events.onDone(new EncodedPartial(reply.partial));
    else if (reply.kind === "failed") events.onFailed(receiveError(reply.error));
  };
}
