/**
 * Runs suspects alone, one at a time, each in a child process: only what ends that process convicts. A piece that was done
 * there is done; one that ended three such processes is skipped.
 */

import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { MapPlan } from "../../../engine/plan.js";
import { asInputError } from "../../input-error.js";
import type { Cancel } from "../../ports/clock.js";
import type { ScanRange } from "../../ports/map-pool.js";
import { receiveError, type ThreadMemory, type ThreadReply } from "../threads/protocol.js";
import type { ThreadProgram } from "../threads/thread-program.js";
import type { Piece } from "./piece.js";
import type { SoloRequest } from "./solo.js";
import type { SuspectBook } from "./suspect-book.js";

export type SoloOutcome =
  | { readonly kind: "partial"; readonly partial: Uint8Array }
  | { readonly kind: "failed"; readonly error: Error }
  | { readonly kind: "skipped" };

interface Run {
  readonly piece: Piece;
  readonly map: MapPlan;
  readonly chunk: ScanRange;
  readonly done: (outcome: SoloOutcome) => void;
}

/** What a child's descriptor for the file is called there: after the standard ones and the channel. */
const CHILD_DESCRIPTOR = 4;
const MAX_COMPLAINT = 500;

export class SoloRuns {
  readonly #program: ThreadProgram;
  readonly #book: SuspectBook;
  readonly #memory: ThreadMemory;
  readonly #waiting: Run[] = [];
  #current: { readonly run: Run; readonly stop: Cancel } | undefined;

  constructor(program: ThreadProgram, memory: ThreadMemory, book: SuspectBook) {
    this.#program = program;
    this.#memory = memory;
    this.#book = book;
  }

  run(piece: Piece, map: MapPlan, chunk: ScanRange, done: (outcome: SoloOutcome) => void): Cancel {
    const run: Run = { piece, map, chunk, done };
    this.#waiting.push(run);
    this.#next();
    return () => {
      const index = this.#waiting.indexOf(run);
      if (index >= 0) this.#waiting.splice(index, 1);
      if (this.#current?.run === run) this.#stopCurrent();
    };
  }

  /** Ends the child; nobody who waits hears more. */
  close(): void {
    this.#waiting.length = 0;
    this.#stopCurrent();
  }

  #stopCurrent(): void {
    const current = this.#current;
    this.#current = undefined;
    current?.stop();
    this.#next();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const run = this.#waiting.shift();
    if (run === undefined) return;
    if (this.#book.verdictOf(run.piece.id) === "quarantined") {
      // Convicted while it waited, for another job.
      run.done({ kind: "skipped" });
      this.#next();
      return;
    }
    let isOver = false;
    const end = (how: SoloEnd): void => {
      if (isOver) return;
      isOver = true;
      this.#current = undefined;
      this.#conclude(run, how);
      this.#next();
    };
    let child: SoloChild | undefined;
    this.#current = {
      run,
      stop: () => {
        isOver = true;
        child?.kill();
      },
    };
    try {
      child = new SoloChild(this.#program, this.#memory, run, end);
    } catch (error) {
      end({ error: asInputError(error, run.chunk.fileName) });
    }
  }

  #conclude(run: Run, end: SoloEnd): void {
    if ("error" in end) {
      run.done({ kind: "failed", error: end.error });
      return;
    }
    if ("reply" in end) {
      this.#book.survived(run.piece);
      const { reply } = end;
      if (reply.kind === "partial") run.done({ kind: "partial", partial: reply.partial });
      else run.done({ kind: "failed", error: receiveError(reply.error) });
      return;
    }
    if (this.#book.diedAlone(run.piece, end.cause) === "quarantined") run.done({ kind: "skipped" });
    else this.#waiting.unshift(run);
  }
}

type SoloEnd =
  | { readonly reply: Extract<ThreadReply, { kind: "partial" | "failed" }> }
  /** The process died; how, in words. */
  | { readonly cause: string }
  /** There was none: nothing is known of the chunk. */
  | { readonly error: Error };

/** One child process, from its start to its end. It is killed when it makes no step for too long. */
class SoloChild {
  readonly #child: ChildProcess;
  readonly #patienceMs: number;
  #timer: NodeJS.Timeout | undefined;
  #complaint = "";
  #hasHung = false;

  constructor(program: ThreadProgram, memory: ThreadMemory, { map, chunk }: Run, onEnd: (end: SoloEnd) => void) {
    this.#patienceMs = program.patienceMs;
    // A descriptor of this process means nothing in another one: it is handed down.
    const descriptor = openSync(chunk.realPath, "r");
    this.#child = fork(program.soloFile, [], {
      serialization: "advanced",
      execArgv: [...program.nodeFlags],
      stdio: ["ignore", "ignore", "pipe", "ipc", descriptor],
    });
    closeSync(descriptor);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-MAX_COMPLAINT);
    });
    this.#child.on("message", (reply: ThreadReply) => {
      this.#heard();
      if (reply.kind !== "partial" && reply.kind !== "failed") return;
      onEnd({ reply });
      this.kill();
    });
    this.#child.on("error", (error) => onEnd({ error }));
    this.#child.on("close", (code, signal) => {
      clearTimeout(this.#timer);
      onEnd({ cause: this.#causeOf(code, signal) });
    });
    const realPath = process.platform === "linux" ? `/proc/self/fd/${CHILD_DESCRIPTOR}` : chunk.realPath;
    const request: SoloRequest = { map, memory, chunk: { ...chunk, realPath } };
    this.#child.send(request, () => undefined);
    this.#heard();
  }

  kill(): void {
    clearTimeout(this.#timer);
    this.#child.kill("SIGKILL");
  }

  #heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#hasHung = true;
      this.#child.kill("SIGKILL");
    }, this.#patienceMs);
  }

  #causeOf(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#hasHung) return `it made no step for ${this.#patienceMs / 1000} s`;
    const end = signal === null ? `it ended with code ${code}` : `it died of ${signal}`;
    const complaint = this.#complaint.trim();
    return complaint === "" ? end : `${end}: ${complaint}`;
  }
}
