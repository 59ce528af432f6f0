/**
 * The map pool of a node: the event loop never scans. What a thread does not survive is done again: a merge or an answer
 * once, a scan as `span-scan.ts` says.
 */

import type { MapPlan, QueryPlan } from "../../../engine/plan.js";
import type { AnswerTable } from "../../../job/result.js";
import type { Cancel } from "../../ports/clock.js";
import type { MapPool, PartialHandle, ScanTask, TaskEvents } from "../../ports/map-pool.js";
import type { AttemptNotes } from "../isolation/attempt-notes.js";
import { SoloRuns } from "../isolation/solo-runs.js";
import { SuspectBook } from "../isolation/suspect-book.js";
import type { ThreadDied } from "../isolation/thread-died.js";
import { receiveError, type ThreadMemory, type ThreadReply, type ThreadRequest } from "./protocol.js";
import { sealedSlices } from "./sealed-slices.js";
import { SpanScan } from "./span-scan.js";
import { THREAD_PROGRAM, type ThreadProgram } from "./thread-program.js";
import { ThreadSet } from "./thread-set.js";

/** Bytes of partials that merge, or become an answer, well within a thread's patience. */
const PATIENT_BYTES = 64 * 1024 * 1024;

export interface ThreadPoolOptions {
  readonly program?: ThreadProgram;
  /** Absent where nothing is to be known after the process has ended. */
  readonly notes?: AttemptNotes;
  readonly book?: SuspectBook;
}

export class ThreadPool implements MapPool {
  readonly threads: number;
  readonly slices = sealedSlices();
  readonly #set: ThreadSet;
  readonly #book: SuspectBook;
  readonly #solos: SoloRuns;
  readonly #notes: AttemptNotes | undefined;
  #nextTask = 1;

  /** `memory`: that of each thread. What `notes` says an earlier process died at is suspect from the start. */
  constructor(threads: number, memory: ThreadMemory, options: ThreadPoolOptions = {}) {
    const { program = THREAD_PROGRAM, notes, book = new SuspectBook() } = options;
    this.threads = threads;
    this.#notes = notes;
    this.#book = book;
    for (const piece of notes?.suspects ?? []) book.suspect(piece);
    this.#set = new ThreadSet(threads, program, memory, notes);
    this.#solos = new SoloRuns(program, memory, book);
  }

  scan(task: ScanTask, events: TaskEvents<PartialHandle>): Cancel {
    const scan = new SpanScan(
      {
        threads: this.#set,
        solos: this.#solos,
        book: this.#book,
        takeNumber: () => this.#takeNumber(),
        merge: (partials, mergeEvents) => this.merge(task.map, partials, mergeEvents),
      },
      task,
      events,
    );
    scan.start();
    return () => scan.cancel();
  }

  merge(map: MapPlan, partials: readonly Uint8Array[], events: TaskEvents<PartialHandle>, first?: QueryPlan): Cancel {
    const bytes = partials.reduce((sum, partial) => sum + partial.length, 0);
    const cut = first === undefined ? {} : { first };
    const request: ThreadRequest = { kind: "merge", task: this.#takeNumber(), map, partials, ...cut };
    return this.#run(request, bytes, events.onFailed, (reply) => {
      if (reply.kind === "partial") events.onDone({ encoded: () => reply.partial });
    });
  }

  finish(
    plan: QueryPlan,
    root: PartialHandle | Uint8Array,
    events: TaskEvents<AnswerTable>,
    mostBytes = Number.POSITIVE_INFINITY,
  ): Cancel {
    const partial = root instanceof Uint8Array ? root : root.encoded();
    const request: ThreadRequest = { kind: "finish", task: this.#takeNumber(), plan, partial, mostBytes };
    return this.#run(request, partial.length, events.onFailed, (reply) => {
      if (reply.kind === "table") events.onDone(reply.table);
    });
  }

  /** Ends the threads; tasks that still run never report. */
  async close(): Promise<void> {
    this.#solos.close();
    await this.#set.close();
    this.#notes?.clear();
  }

  /** A task that only reads what it is given: a thread that dies over it may have been ill before. */
  #run(
    request: ThreadRequest,
    bytes: number,
    onFailed: (error: Error) => void,
    onReply: (reply: ThreadReply) => void,
  ): Cancel {
    let cancel: Cancel = () => undefined;
    const attempt = (onDied: (error: ThreadDied) => void): void => {
      cancel = this.#set.run({
        request,
        patience: 1 + bytes / PATIENT_BYTES,
        onReply: (reply) => {
          if (reply.kind === "failed") onFailed(receiveError(reply.error));
          else onReply(reply);
        },
        onDied,
      });
    };
    attempt(() => attempt(onFailed));
    return () => cancel();
  }

  #takeNumber(): number {
    const number = this.#nextTask;
    this.#nextTask += 1;
    return number;
  }
}
