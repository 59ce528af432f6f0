/** Messages between a pool and its scanning threads. Everything is structured-clone data. */

import type { SpilledRuns } from "../../../engine/partial/partial-spill.js";
import type { MapPlan, QueryPlan } from "../../../engine/plan.js";
import type { RowBlock } from "../../../engine/vertex-accumulator.js";
import type { ResultTable, ScanCounters } from "../../../job/result.js";
import type { PassedOver, ScanRange, SeenPiece } from "../../ports/map-pool.js";
import type { NoteSlot } from "../isolation/attempt-notes.js";

/** What a thread may keep in memory, and where the rest goes. */
export interface ThreadMemory {
  readonly bytes: number;
  readonly directory: string;
  /** How another directory is chosen, for messages. */
  readonly wayOut: string;
}

/** The first message to a thread. */
export interface ThreadStart {
  readonly kernels: WebAssembly.Module;
  readonly memory: ThreadMemory;
  /** Where to write down what it is at; absent where no later process wants to know. */
  readonly notes?: NoteSlot;
}

export type ThreadRequest =
  /** Take chunks off a shared list until none is left, into one sealed partial. `work` names them: see `pieceOf`. */
  | {
      readonly kind: "scan";
      readonly task: number;
      readonly work: string;
      readonly map: MapPlan;
      readonly chunks: readonly ScanRange[];
      /** Shared memory of a `ChunkLedger`, in which this thread is number 0. */
      readonly ledger: Int32Array;
      readonly passedOver?: PassedOver;
    }
  /** The same, keeping the groups in this thread's memory. The thread then ends. */
  | {
      readonly kind: "scan-shared";
      readonly task: number;
      readonly map: MapPlan;
      readonly chunks: readonly ScanRange[];
      readonly ledger: Int32Array;
      /** This thread's number in the ledger. */
      readonly thread: number;
      /** Shared memory of a `RowQuota` over the chunks. */
      readonly quota: Int32Array;
    }
  | {
      readonly kind: "merge";
      readonly task: number;
      readonly map: MapPlan;
      readonly partials: readonly Uint8Array[];
      /** Only the groups that can be in this query's answer are kept. */
      readonly first?: QueryPlan;
    }
  | {
      readonly kind: "finish";
      readonly task: number;
      readonly plan: QueryPlan;
      readonly partial: Uint8Array;
      readonly mostBytes: number;
    };

export type ThreadReply =
  | { readonly kind: "progress"; readonly task: number; readonly doneBytes: number }
  /** `seen` of a scan alone. */
  | {
      readonly kind: "partial";
      readonly task: number;
      readonly partial: Uint8Array;
      readonly seen?: readonly SeenPiece[];
    }
  /** Views into the shared memory of a thread that has ended. */
  | {
      readonly kind: "rows";
      readonly task: number;
      readonly blocks: readonly RowBlock[];
      /** Rows that did not fit its memory, in a file that outlives the thread; there are no blocks then. */
      readonly spilled?: SpilledRuns;
      readonly counters: ScanCounters;
      readonly coverageBytes: number;
    }
  | { readonly kind: "table"; readonly task: number; readonly table: ResultTable }
  | { readonly kind: "failed"; readonly task: number; readonly error: TransferredError };

/** An error as it crosses threads: its class is lost, its code is not. */
export interface TransferredError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly path?: string;
}

/**
 * Whether an error is an outcome that some code expects and names. Any other one (a trap of the kernels, a broken
 * invariant, a stack that overflows) leaves a thread in a state that nobody vouches for.
 */
export function isOperatingError(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return typeof error.code === "string" && !error.code.startsWith("ERR_");
}

export function transferError(error: unknown): TransferredError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { code, path } = error as Error & { readonly code?: unknown; readonly path?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof path === "string" ? { path } : {}),
  };
}

export function receiveError(transferred: TransferredError): Error {
  const { name, message, ...rest } = transferred;
  return Object.assign(new Error(message), { name }, rest);
}
