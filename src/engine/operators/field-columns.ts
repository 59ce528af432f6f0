/**
 * Scan: turns the lines of a batch into the columns of the fields that a plan needs. The required prefix is always run
 * whole, since it decides what a row is; the rest only as far as the plan needs it.
 */

import { type Format, isRequired, neededNames, neededOptional, outputsOf } from "../formats/format.js";
import { fieldOf } from "../formats/formats.js";
import type { ValueType } from "../plan.js";
import type { Batch, Column } from "./batch.js";
import { derivationStep, requireStep } from "./derivation-steps.js";
import { FieldContext } from "./field-context.js";
import { fuseOperations } from "./fused-operations.js";
import { operationSteps } from "./operation-steps.js";
import type { ScanFailures, Step } from "./step.js";

export class FieldColumns {
  readonly #batch: Batch;
  readonly #format: Format;
  readonly #context: FieldContext;
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
    this.#context = new FieldContext(batch, neededNames(format, names));
    this.#context.columns.set("_file", this.#file);
    this.#context.columns.set("_node", this.#node);
    this.#addRaw(names);
    const lateSteps = this.#addRequired();
    this.#steps.push((rows) => batch.kernels.call.markParsed(batch.lines, rows, batch.live));
    this.#steps.push(...lateSteps);
    this.#addOptional();
    this.#addDerivations();
  }

  /** The column of a field; one of NULLs of the plan's type where the format has no such field, or one of another type. */
  column(name: string, type: ValueType): Column {
    const column = this.#context.columns.get(name);
    if (column?.type === type) return column;
    const missing = this.#batch.constant(type, null);
    if (column === undefined) this.#context.columns.set(name, missing);
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
    this.#context.columns.set("_raw", this.#batch.newColumnOver("string", values));
    this.#steps.push((rows) => call.copyLines(this.#batch.lines, rows, values));
  }

  /** Returns the steps that count malformed fields, and so wait until it is known what is a row. */
  #addRequired(): readonly Step[] {
    const lateSteps: Step[] = [];
    for (const operation of fuseOperations(this.#format.required, false)) {
      const { take, late } = operationSteps(this.#context, operation, this.#typeOf, false);
      this.#steps.push((rows, failures) => {
        failures.unparsed += take(rows);
      });
      lateSteps.push(...late);
    }
    for (const derivation of this.#format.derivations) {
      if (derivation.kind === "convert" && isRequired(derivation)) {
        this.#steps.push(requireStep(this.#context, derivation));
      }
    }
    return lateSteps;
  }

  #addOptional(): void {
    const wanted = neededOptional(this.#format, this.#context.needed);
    for (const operation of fuseOperations(this.#format.optional.slice(0, wanted), true)) {
      const { take, late } = operationSteps(this.#context, operation, this.#typeOf, true);
      this.#steps.push((rows, failures) => {
        failures.malformedFields += take(rows);
      });
      this.#steps.push(...late);
    }
  }

  #addDerivations(): void {
    for (const derivation of this.#format.derivations) {
      if (isRequired(derivation)) continue;
      if (!outputsOf(derivation).some((name) => this.#context.needed.has(name))) continue;
      this.#steps.push(derivationStep(this.#context, derivation));
    }
  }

  readonly #typeOf = (field: string): ValueType => fieldOf(this.#format, field)?.type ?? "string";
}

const encoder = new TextEncoder();
