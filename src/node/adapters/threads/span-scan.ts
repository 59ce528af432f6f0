/**
 * One scan of a node, whatever becomes of the threads that do it. The chunks that nothing is known against run in one
 * thread; if that dies, the chunk that it was at is a suspect and the others run again. Suspects run alone. What nobody
 * survives is left out, and the partial says so.
 */

import { NOTHING_SKIPPED, type SkippedRange } from "../../../job/skipped.js";
import type { Cancel } from "../../ports/clock.js";
import type { PartialHandle, ScanRange, ScanTask, SeenPiece, TaskEvents } from "../../ports/map-pool.js";
import { pieceOf } from "../isolation/piece.js";
import type { SoloOutcome, SoloRuns } from "../isolation/solo-runs.js";
import type { SuspectBook } from "../isolation/suspect-book.js";
import type { ThreadDied } from "../isolation/thread-died.js";
import { newLedger } from "./chunk-ledger.js";
import { chunksOf } from "./chunks.js";
import { receiveError, type ThreadReply } from "./protocol.js";
import type { ThreadSet } from "./thread-set.js";

/** Threads that die more often over one scan do not die of its bytes. */
const MAX_DEATHS = 8;

export interface ScanCrew {
  readonly threads: ThreadSet;
  readonly solos: SoloRuns;
  readonly book: SuspectBook;
  readonly takeNumber: () => number;
  /** Merges partials of the task's plan: none gives the empty one. */
  readonly merge: (partials: readonly Uint8Array[], events: TaskEvents<PartialHandle>) => Cancel;
}

export class SpanScan {
  readonly #crew: ScanCrew;
  readonly #task: ScanTask;
  readonly #events: TaskEvents<PartialHandle>;
  readonly #partials: Uint8Array[] = [];
  readonly #skipped: SkippedRange[] = [];
  readonly #seen: SeenPiece[] = [];
  readonly #cancels = new Set<{ cancel: Cancel }>();
  /** Parts of the scan that have not ended, and one while they are being handed out. */
  #openParts = 1;
  #deaths = 0;
  #isOver = false;

  constructor(crew: ScanCrew, task: ScanTask, events: TaskEvents<PartialHandle>) {
    this.#crew = crew;
    this.#task = task;
    this.#events = events;
  }

  start(): void {
    const { book } = this.#crew;
    const sound: ScanRange[] = [];
    for (const chunk of chunksOf(this.#task.ranges)) {
      const verdict = book.isEmpty ? "sound" : book.verdictOf(pieceOf(this.#task.work, chunk).id);
      if (verdict === "sound") sound.push(chunk);
      else if (verdict === "suspect") this.#runAlone(chunk);
      else this.#skip(chunk);
    }
    if (sound.length > 0 || this.#task.passedOver !== undefined) this.#run(sound);
    this.#partEnded();
  }

  cancel(): void {
    this.#isOver = true;
    for (const part of this.#cancels) part.cancel();
    this.#cancels.clear();
  }

  #run(chunks: readonly ScanRange[]): void {
    const ledger = newLedger(chunks.length, 1);
    const { work, map, passedOver } = this.#task;
    const request = {
      kind: "scan",
      task: this.#crew.takeNumber(),
      work,
      map,
      chunks,
      ledger: ledger.shared,
      ...(passedOver === undefined ? {} : { passedOver }),
    } as const;
    this.#part((end) => {
      const forget = this.#crew.threads.run({
        request,
        steps: () => ledger.stepsOf(0),
        onReply: (reply) => {
          if (reply.kind === "progress") this.#events.onProgress?.(reply.doneBytes);
          else end(() => this.#onReply(reply));
        },
        onDied: (error) => end(() => this.#onDied(chunks, ledger.currentOf(0), error)),
      });
      return () => {
        ledger.cancel();
        forget();
      };
    });
  }

  #onReply(reply: ThreadReply): void {
    if (reply.kind === "partial") {
      this.#partials.push(reply.partial);
      this.#seen.push(...(reply.seen ?? []));
    } else if (reply.kind === "failed") this.#fail(receiveError(reply.error));
  }

  #onDied(chunks: readonly ScanRange[], current: number | undefined, error: ThreadDied): void {
    this.#deaths += 1;
    if (this.#deaths > MAX_DEATHS) {
      this.#fail(error);
      return;
    }
    const suspect = current === undefined ? undefined : chunks[current];
    if (suspect !== undefined) {
      this.#crew.book.suspect(pieceOf(this.#task.work, suspect));
      this.#runAlone(suspect);
    }
    const others = chunks.filter((chunk) => chunk !== suspect);
    if (others.length > 0 || this.#task.passedOver !== undefined) this.#run(others);
  }

  #runAlone(chunk: ScanRange): void {
    const piece = pieceOf(this.#task.work, chunk);
    this.#part((end) =>
      this.#crew.solos.run(piece, this.#task.map, chunk, (outcome) => end(() => this.#onOutcome(chunk, outcome))),
    );
  }

  #onOutcome(chunk: ScanRange, outcome: SoloOutcome): void {
    if (outcome.kind === "failed") this.#fail(outcome.error);
    else if (outcome.kind === "skipped") this.#skip(chunk);
    else this.#partials.push(outcome.partial);
  }

  /** Begins a part of the scan; `end` runs what follows from its end, unless the scan is over, and may come at once. */
  #part(begin: (end: (conclude: () => void) => void) => Cancel): void {
    const part = { cancel: (): void => undefined };
    this.#openParts += 1;
    this.#cancels.add(part);
    part.cancel = begin((conclude) => {
      this.#cancels.delete(part);
      if (this.#isOver) return;
      conclude();
      this.#partEnded();
    });
  }

  #partEnded(): void {
    this.#openParts -= 1;
    if (this.#openParts === 0 && !this.#isOver) this.#finish();
  }

  #skip({ fileIndex: file, start, end }: ScanRange): void {
    this.#skipped.push({ file, start, end });
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.cancel();
    this.#events.onFailed(error);
  }

  #finish(): void {
    const skipped = this.#skipped.length === 0 ? NOTHING_SKIPPED : this.#skipped;
    const [only] = this.#partials;
    if (only !== undefined && this.#partials.length === 1) {
      this.#isOver = true;
      this.#events.onDone({ encoded: () => only, skipped, seen: this.#seen });
      return;
    }
    const part = { cancel: (): void => undefined };
    this.#cancels.add(part);
    part.cancel = this.#crew.merge(this.#partials, {
      onDone: (handle) => this.#events.onDone({ encoded: () => handle.encoded(), skipped, seen: this.#seen }),
      onFailed: (error) => this.#events.onFailed(error),
    });
  }
}
