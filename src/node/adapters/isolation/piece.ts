/** A piece of work as it is known across threads, processes and restarts: a chunk, and what is computed from it. */

import { digestOf } from "../../../base/digest.js";
import type { ScanRange } from "../../ports/map-pool.js";

export interface Piece {
  /** Equal for equal bytes and an equal plan. */
  readonly id: string;
  /** For people: the file as clients name it, and the range of bytes in which the lines begin. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** `work` names the vertex, and with it the content and the plan. */
export const pieceOf = (work: string, { fileName: file, start, end }: ScanRange): Piece => ({
  id: digestOf(work, "\0", file, "\0", `${start}-${end}`),
  file,
  start,
  end,
});
