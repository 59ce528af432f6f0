/** Functions of strings. Case is that of ASCII letters. */

import type { Address } from "../../kernels/kernel-exports.js";
import { LIKE_ANY_POINT, STRING_PLACE } from "../../kernels/layout.js";
import type { Region } from "../../kernels/linear-memory.js";
import type { CallExpression } from "../../plan.js";
import type { Batch, Column } from "../batch.js";
import { literalText } from "../literals.js";
import { PlanError } from "../plan-error.js";
import { argumentOf, type CallCompiler, type Compilation } from "./call-compiler.js";

/** The parts of a LIKE pattern between its `%`, as the kernel wants them. */
interface LikeSegments {
  readonly segments: readonly Uint8Array[];
  readonly isBoundAtStart: boolean;
  readonly isBoundAtEnd: boolean;
  readonly hasAnyPoint: boolean;
}

function parseLike(pattern: string): LikeSegments {
  const parts = pattern.split("%");
  const isBoundAtStart = parts[0] !== "" || parts.length === 1;
  const isBoundAtEnd = parts.at(-1) !== "" || parts.length === 1;
  const kept = parts.length === 1 ? parts : parts.filter((part) => part !== "");
  return {
    segments: kept.map((part) => new TextEncoder().encode(part).map((byte) => (byte === 0x5f ? LIKE_ANY_POINT : byte))),
    isBoundAtStart,
    isBoundAtEnd,
    hasAnyPoint: pattern.includes("_"),
  };
}

function storeLike(batch: Batch, pattern: LikeSegments, ignoresCase: boolean): number {
  return batch.storeWords([
    batch.storeSpans(pattern.segments),
    pattern.segments.length,
    pattern.isBoundAtStart ? 1 : 0,
    pattern.isBoundAtEnd ? 1 : 0,
    ignoresCase ? 1 : 0,
    ignoresCase || pattern.hasAnyPoint ? 0 : 1,
  ]);
}

const likeness =
  (ignoresCase: boolean): CallCompiler =>
  (compiler, call) => {
    const { batch } = compiler;
    const text = compiler.compile(argumentOf(call, 0));
    const written = literalText(argumentOf(call, 1), call.function);
    if (ignoresCase && hasCaseBeyondAscii(written)) {
      throw new PlanError(
        "unsupported-function",
        `ILIKE '${written}': letters beyond a to z cannot be compared without case yet; use LIKE`,
      );
    }
    const pattern = storeLike(batch, parseLike(ignoresCase ? written.toLowerCase() : written), ignoresCase);
    const out = batch.newColumn("bool");
    compiler.addStep((rows) => batch.kernels.call.likeStrings(text.vector, pattern, out.vector, rows));
    return out;
  };

const hasCaseBeyondAscii = (text: string): boolean =>
  Array.from(text).some((point) => point > "\u007f" && point.toLowerCase() !== point.toUpperCase());

const search =
  (place: number): CallCompiler =>
  (compiler, call) => {
    const text = compiler.compile(argumentOf(call, 0));
    const wanted = compiler.compile(argumentOf(call, 1));
    const out = compiler.batch.newColumn("bool");
    compiler.addStep((rows) =>
      compiler.batch.kernels.call.findStrings(place, text.vector, wanted.vector, out.vector, rows),
    );
    return out;
  };

function compileLength(compiler: Compilation, call: CallExpression): Column {
  const text = compiler.compile(argumentOf(call, 0));
  const out = compiler.batch.newColumn("i64");
  compiler.addStep((rows) => compiler.batch.kernels.call.measureStrings(text.vector, out.vector, rows));
  return out;
}

const FIRST_ROOM_BYTES = 64 * 1024;

/** Room for the strings that a step makes of a batch, grown to the next power of two when it needs more. */
class BatchRoom {
  readonly #batch: Batch;
  #region: Region;

  constructor(batch: Batch) {
    this.#batch = batch;
    this.#region = batch.kernels.memory.allocate(FIRST_ROOM_BYTES);
  }

  /** Where `sizeBytes` fit; what an earlier call gave is void. */
  take(sizeBytes: number): Address {
    if (sizeBytes > this.#region.sizeBytes) {
      this.#region = this.#batch.kernels.memory.allocate(2 ** Math.ceil(Math.log2(sizeBytes)));
    }
    return this.#region.address;
  }
}

const folding =
  (firstLetter: string): CallCompiler =>
  (compiler, call) => {
    const { kernels } = compiler.batch;
    const text = compiler.compile(argumentOf(call, 0));
    const out = compiler.batch.newColumn("string");
    const room = new BatchRoom(compiler.batch);
    compiler.addStep((rows) => {
      const target = room.take(Number(kernels.call.stringBytes(text.vector, rows)));
      kernels.call.foldCase(text.vector, firstLetter.charCodeAt(0), target, out.vector, rows);
    });
    return out;
  };

/** `a || b`. */
function compileJoin(compiler: Compilation, call: CallExpression): Column {
  const kernels = compiler.batch.kernels.call;
  const left = compiler.compile(argumentOf(call, 0));
  const right = compiler.compile(argumentOf(call, 1));
  const out = compiler.batch.newColumn("string");
  const room = new BatchRoom(compiler.batch);
  compiler.addStep((rows) => {
    const target = room.take(Number(kernels.stringBytes(left.vector, rows) + kernels.stringBytes(right.vector, rows)));
    kernels.joinStrings(left.vector, right.vector, target, out.vector, rows);
  });
  return out;
}

export const TEXT: Readonly<Record<string, CallCompiler>> = {
  like: likeness(false),
  ilike: likeness(true),
  contains: search(STRING_PLACE.contains),
  starts_with: search(STRING_PLACE.starts_with),
  ends_with: search(STRING_PLACE.ends_with),
  join: compileJoin,
  length: compileLength,
  lower: folding("A"),
  upper: folding("a"),
};
