/**
 * Scan: turns the lines of a batch into the columns of the fields that a plan needs. The required prefix is always run
 * whole, since it decides what a row is; the rest only as far as the plan needs it.
 */

import { assert, unreachable } from "../../base/assert.js";
import type { Derivation, FieldOperation, Format } from "../formats/format.js";
import { fieldOf } from "../formats/formats.js";
import type { VectorAddress } from "../kernels/kernel-exports.js";
import type { ValueType } from "../plan.js";
import type { Batch, Column } from "./batch.js";
import type { ScanFailures, Step } from "./step.js";

const NOT_KEPT = 0;

export class FieldColumns {
  readonly #batch: Batch;
  readonly #format: Format;
  readonly #columns = new Map<string, Column>();
  readonly #steps: Step[] = [];
  readonly #file: Column;
  readonly #node: Column;
  #origin = "";

  /** `names`: the fields that the plan reads. A field that the format lacks is NULL in every row. */
  constructor(batch: Batch, format: Format, names: ReadonlySet<string>) {
    this.#batch = batch;
    this.#format = format;
    this.#file = batch.constant("string", null);
    this.#node = batch.constant("string", null);
    this.#columns.set("_file", this.#file);
    this.#columns.set("_node", this.#node);
    this.#addRaw(names);
    const needed = neededNames(format, names);
    this.#addRequired(needed);
    this.#addOptional(needed);
    for (const derivation of format.derivations) this.#addDerivation(derivation, needed);
  }

  /** The column of a field; one of NULLs of the plan's type where the format has no such field. */
  column(name: string, type: ValueType): Column {
    const column = this.#columns.get(name);
    if (column !== undefined) return column;
    const missing = this.#batch.constant(type, null);
    this.#columns.set(name, missing);
    return missing;
  }

  /** Values of `_file` and `_node` from here on. */
  setOrigin(fileName: string, nodeName: string | null): void {
    const origin = JSON.stringify([fileName, nodeName]);
    if (origin === this.#origin) return;
    this.#origin = origin;
    this.#batch.setConstant(this.#file, encoder.encode(fileName));
    this.#batch.setConstant(this.#node, nodeName === null ? null : encoder.encode(nodeName));
  }

  /** Fills the columns and `live` for the first `rows` lines of the batch. */
  run(rows: number, failures: ScanFailures): void {
    for (const step of this.#steps) step(rows, failures);
  }

  #addRaw(names: ReadonlySet<string>): void {
    if (!names.has("_raw")) return;
    const { call } = this.#batch.kernels;
    const values = this.#batch.allocateSpans();
    this.#columns.set("_raw", this.#batch.newColumnOver("string", values));
    this.#steps.push((rows) => call.copyLines(this.#batch.lines, rows, values));
  }

  #addRequired(needed: ReadonlySet<string>): void {
    const { call } = this.#batch.kernels;
    const { lines, live } = this.#batch;
    for (const operation of this.#format.required) {
      const take = this.#operation(operation, needed, false);
      this.#steps.push((rows, failures) => {
        failures.unparsed += take(rows);
      });
    }
    this.#steps.push((rows) => call.markParsed(lines, rows, live));
  }

  #addOptional(needed: ReadonlySet<string>): void {
    const { optional } = this.#format;
    const last = optional.findLastIndex(
      (operation) => operation.kind !== "literal" && operation.field !== null && needed.has(operation.field),
    );
    for (const operation of optional.slice(0, last + 1)) {
      const take = this.#operation(operation, needed, true);
      this.#steps.push((rows, failures) => {
        failures.malformedFields += take(rows);
      });
    }
  }

  /** Returns the step's kernel, which says how many lines failed at it. */
  #operation(operation: FieldOperation, needed: ReadonlySet<string>, isOptional: boolean): (rows: number) => number {
    const { call } = this.#batch.kernels;
    const { lines } = this.#batch;
    const optional = isOptional ? 1 : 0;
    switch (operation.kind) {
      case "until": {
        const out = this.#outOf(operation.field, needed);
        const [first = 0, second] = asciiCodes(operation.delimiter);
        if (second === undefined) return (rows) => call.takeUntil(lines, rows, first, out);
        return (rows) => call.takeUntilPair(lines, rows, first, second, out);
      }
      case "literal": {
        const { length } = operation.text;
        const word = asciiCodes(operation.text).reduceRight((sum, code) => sum * 256n + BigInt(code), 0n);
        return (rows) => call.takeLiteral(lines, rows, word, length, optional);
      }
      case "clf-time": {
        const out = this.#outOf(operation.field, needed);
        return (rows) => call.takeClfTime(lines, rows, out);
      }
      case "integer": {
        const out = this.#outOf(operation.field, needed);
        const [delimiter = 0] = asciiCodes(operation.delimiter);
        return (rows) => call.takeInteger(lines, rows, delimiter, operation.mayEnd ? 1 : 0, out);
      }
      case "quoted": {
        const out = this.#outOf(operation.field, needed);
        return (rows) => call.takeQuoted(lines, rows, optional, out);
      }
      default:
        return unreachable(operation);
    }
  }

  #addDerivation(derivation: Derivation, needed: ReadonlySet<string>): void {
    const { call } = this.#batch.kernels;
    const { live } = this.#batch;
    if (!derivedNames(derivation).some((name) => needed.has(name))) return;
    const from = this.#columns.get(derivation.from);
    assert(from !== undefined, `${derivation.from} is computed before what derives from it`);
    const [first = NOT_KEPT, second = NOT_KEPT, third = NOT_KEPT] = derivedNames(derivation).map((name) => {
      if (!needed.has(name)) return NOT_KEPT;
      const column = this.#batch.newColumn("string");
      this.#columns.set(name, column);
      return column.vector;
    });
    if (derivation.kind === "request") {
      this.#steps.push((rows, failures) => {
        failures.malformedFields += call.splitRequests(from.vector, live, first, second, third, rows);
      });
    } else {
      this.#steps.push((rows) => call.splitUrls(from.vector, first, second, rows));
    }
  }

  #outOf(field: string | null, needed: ReadonlySet<string>): VectorAddress {
    if (field === null || !needed.has(field)) return NOT_KEPT;
    const column = this.#batch.newColumn(fieldOf(this.#format, field)?.type ?? "string");
    this.#columns.set(field, column);
    return column.vector;
  }
}

const encoder = new TextEncoder();

const derivedNames = (derivation: Derivation): readonly string[] =>
  derivation.kind === "request"
    ? [derivation.method, derivation.url, derivation.protocol]
    : [derivation.path, derivation.query];

/** The fields to extract: those of the plan, and what they are derived from. */
function neededNames(format: Format, names: ReadonlySet<string>): ReadonlySet<string> {
  const needed = new Set(names);
  for (const derivation of format.derivations.toReversed()) {
    if (derivedNames(derivation).some((name) => needed.has(name))) needed.add(derivation.from);
  }
  return needed;
}

function asciiCodes(text: string): readonly number[] {
  const codes = Array.from(text, (character) => character.charCodeAt(0));
  assert(
    codes.every((code) => code < 128),
    "field programs are written in ASCII",
  );
  return codes;
}
