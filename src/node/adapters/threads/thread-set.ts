/**
 * The worker threads of a node, one task a thread at a time, first come first served. A thread that dies, or makes no step
 * for too long and is ended, is replaced; whoever gave it its task decides what follows.
 */

import type { Worker } from "node:worker_threads";
import { compileKernels } from "../../../engine/kernels/kernels.js";
import type { Cancel } from "../../ports/clock.js";
import type { AttemptNotes } from "../isolation/attempt-notes.js";
import { ThreadDied } from "../isolation/thread-died.js";
import type { ThreadMemory, ThreadReply, ThreadRequest, ThreadStart } from "./protocol.js";
import { startThread, type ThreadProgram } from "./thread-program.js";

export interface ThreadTask {
  readonly request: ThreadRequest;
  onReply(reply: ThreadReply): void;
  onDied(error: ThreadDied): void;
  /** Grows while the thread advances. */
  readonly steps?: () => number;
  /** Steps of the usual length that may pass unseen: what a task without steps is allowed. */
  readonly patience?: number;
}

interface Thread {
  readonly worker: Worker;
  task: ThreadTask | undefined;
  steps: number;
  /** When the task began or was last seen to have made a step; monotonic. */
  advancedAtMs: number;
  hasHung: boolean;
}

/** How many times within its patience a thread is looked at. */
const LOOKS = 8;

export class ThreadSet {
  readonly #program: ThreadProgram;
  readonly #equipment: Pick<ThreadStart, "kernels" | "memory">;
  readonly #notes: AttemptNotes | undefined;
  readonly #threads: Thread[] = [];
  readonly #queue: ThreadTask[] = [];
  #watch: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `memory`: that of each thread. */
  constructor(threads: number, program: ThreadProgram, memory: ThreadMemory, notes: AttemptNotes | undefined) {
    this.#program = program;
    this.#notes = notes;
    this.#equipment = { kernels: compileKernels(), memory };
    for (let slot = 0; slot < threads; slot += 1) this.#threads.push(this.#start(slot));
  }

  /** Returns how to stop hearing of the task; one that waits is taken off the queue. */
  run(task: ThreadTask): Cancel {
    let isWanted = true;
    const heard: ThreadTask = {
      ...task,
      onReply: (reply) => {
        if (isWanted) task.onReply(reply);
      },
      onDied: (error) => {
        if (isWanted) task.onDied(error);
      },
    };
    this.#queue.push(heard);
    this.#dispatch();
    return () => {
      isWanted = false;
      const index = this.#queue.indexOf(heard);
      if (index >= 0) this.#queue.splice(index, 1);
    };
  }

  /** Ends the threads; tasks that still run never report. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.length = 0;
    clearTimeout(this.#watch);
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #dispatch(): void {
    if (this.#isClosed) return;
    for (const thread of this.#threads) {
      if (thread.task !== undefined) continue;
      const task = this.#queue.shift();
      if (task === undefined) break;
      thread.task = task;
      thread.steps = 0;
      thread.advancedAtMs = performance.now();
      thread.worker.postMessage(task.request);
    }
    this.#setWatch();
  }

  #start(slot: number): Thread {
    const notes = this.#notes?.slot(slot);
    const worker = startThread(this.#program, { ...this.#equipment, ...(notes === undefined ? {} : { notes }) });
    const thread: Thread = { worker, task: undefined, steps: 0, advancedAtMs: 0, hasHung: false };
    let cause: unknown;
    worker.on("message", (reply: ThreadReply) => {
      const { task } = thread;
      if (task === undefined) return;
      if (reply.kind !== "progress") thread.task = undefined;
      task.onReply(reply);
      this.#dispatch();
    });
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", (code) => this.#replace(slot, thread, deathOf(thread, code, cause, this.#program.patienceMs)));
    return thread;
  }

  #replace(slot: number, thread: Thread, error: ThreadDied): void {
    if (this.#isClosed) return;
    this.#threads[slot] = this.#start(slot);
    thread.task?.onDied(error);
    this.#dispatch();
  }

  /** Looks at the threads again and again while one of them works. */
  #setWatch(): void {
    if (this.#watch !== undefined || this.#isClosed) return;
    if (this.#threads.every((thread) => thread.task === undefined)) return;
    this.#watch = setTimeout(() => {
      this.#watch = undefined;
      for (const thread of this.#threads) this.#look(thread);
      this.#setWatch();
    }, this.#program.patienceMs / LOOKS);
    this.#watch.unref();
  }

  #look(thread: Thread): void {
    const { task } = thread;
    if (task === undefined || thread.hasHung) return;
    const steps = task.steps?.() ?? 0;
    const nowMs = performance.now();
    if (steps !== thread.steps) {
      thread.steps = steps;
      thread.advancedAtMs = nowMs;
    }
    if (nowMs - thread.advancedAtMs < this.#program.patienceMs * (task.patience ?? 1)) return;
    thread.hasHung = true;
    void thread.worker.terminate();
  }
}

function deathOf({ hasHung }: Thread, code: number, cause: unknown, patienceMs: number): ThreadDied {
  if (hasHung) return new ThreadDied(`made no step for ${patienceMs / 1000} s and was ended`);
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new ThreadDied(`ended with code ${code}${reason}`, cause);
}
