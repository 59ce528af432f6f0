/**
 * What each thread of a node is at, in a small file that outlives the process: after an unclean death of the process it
 * names the suspects. It is written before each chunk and never synced: the kernel keeps what a dead process wrote, and
 * a machine that lost power was not brought down by a chunk. Of a fixed size, so that a full disk does not hinder it.
 */

import { existsSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import type { Piece } from "./piece.js";

const SLOT_BYTES = 1024;
/** Long names are cut: the id is what counts. */
const MAX_NAME = 400;
const NOTHING = Buffer.alloc(SLOT_BYTES);

/** Where a thread writes. */
export interface NoteSlot {
  readonly path: string;
  readonly slot: number;
}

export class AttemptNotes {
  readonly path: string;
  /** What an earlier process was at when it died. */
  readonly suspects: readonly Piece[];
  readonly #slots: number;

  /** Takes over what an earlier process left. Throws an Error of the operating system when the file cannot be written. */
  constructor(path: string, slots: number) {
    this.path = path;
    this.#slots = slots;
    this.suspects = existsSync(path) ? readSlots(readFileSync(path)) : [];
    this.clear();
  }

  slot(slot: number): NoteSlot {
    return { path: this.path, slot };
  }

  /** Nobody is at anything: for a process that ends in order. */
  clear(): void {
    writeFileSync(this.path, Buffer.alloc(this.#slots * SLOT_BYTES), { mode: 0o600 });
  }
}

function readSlots(bytes: Buffer): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; start < bytes.length; start += SLOT_BYTES) {
    const text = bytes
      .subarray(start, start + SLOT_BYTES)
      .toString("utf8")
      .replace(/\0+$/, "");
    const piece = text === "" ? undefined : parsePiece(text);
    if (piece !== undefined) pieces.push(piece);
  }
  return pieces;
}

/** Undefined for a note that was torn by the death of its writer. */
function parsePiece(text: string): Piece | undefined {
  try {
    const { id, file, start, end } = JSON.parse(text) as Partial<Record<keyof Piece, unknown>>;
    const isPiece = typeof id === "string" && typeof file === "string";
    return isPiece ? { id, file, start: Number(start), end: Number(end) } : undefined;
  } catch {
    return undefined;
  }
}

/** A thread's side: one write for each chunk. A note that cannot be written is none; the scan goes on. */
export class NoteWriter {
  readonly #descriptor: number;
  readonly #position: number;

  constructor({ path, slot }: NoteSlot) {
    this.#descriptor = openSync(path, "r+");
    this.#position = slot * SLOT_BYTES;
  }

  begin(piece: Piece): void {
    const note = Buffer.alloc(SLOT_BYTES);
    note.write(JSON.stringify({ ...piece, file: piece.file.slice(0, MAX_NAME) }));
    this.#write(note);
  }

  end(): void {
    this.#write(NOTHING);
  }

  #write(note: Buffer): void {
    try {
      writeSync(this.#descriptor, note, 0, SLOT_BYTES, this.#position);
    } catch {
      // A disk that fails here costs the suspicion, not the answer.
    }
  }
}
