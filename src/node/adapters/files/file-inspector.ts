/** Asks the thread of `inspector.ts`; starts it with the first question, and anew should it end. */

import { Worker } from "node:worker_threads";
import type { Digest } from "../../../base/ids.js";
import { builtFile } from "../../../base/package-root.js";
import type { DirectoryQuestion, InspectedFile, InspectorReply, InspectorRequest } from "./inspector.js";

const INSPECTOR_FILE = builtFile("bin/inspector.js");

type Answer = (reply: InspectorReply | undefined) => void;

export class FileInspector {
  #worker: Worker | undefined;
  #nextNumber = 1;
  readonly #waiting = new Map<number, Answer>();

  /** The files of a directory that match the glob, in the order of their paths; undefined if the thread ended over them. */
  describe(question: DirectoryQuestion, done: (files: readonly InspectedFile[] | undefined) => void): void {
    this.#ask<Extract<InspectorRequest, { kind: "describe" }>>({ kind: "describe", ...question }, (reply) =>
      done(reply?.kind === "described" ? reply.files : undefined),
    );
  }

  /** The digests of the sampled pages of an open file's first bytes; undefined when it is shorter or cannot be read. */
  digests(descriptor: number, fileBytes: number, done: (digests: readonly Digest[] | undefined) => void): void {
    this.#ask<Extract<InspectorRequest, { kind: "digests" }>>({ kind: "digests", descriptor, fileBytes }, (reply) =>
      done(reply?.kind === "digests" ? reply.digests : undefined),
    );
  }

  /** Ends the thread; nobody who waits hears more. */
  async close(): Promise<void> {
    this.#waiting.clear();
    await this.#worker?.terminate();
  }

  #ask<Request extends InspectorRequest>(question: Omit<Request, "number">, answer: Answer): void {
    const number = this.#nextNumber++;
    this.#waiting.set(number, answer);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ ...question, number });
  }

  #start(): Worker {
    const worker = new Worker(INSPECTOR_FILE);
    // A node ends by its listeners, not by this thread.
    worker.unref();
    worker.on("message", (reply: InspectorReply) => {
      const answer = this.#waiting.get(reply.number);
      this.#waiting.delete(reply.number);
      answer?.(reply);
    });
    // The reason follows as the end of the thread, which answers whoever waits.
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      this.#worker = undefined;
      const unanswered = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const answer of unanswered) answer(undefined);
    });
    return worker;
  }
}
