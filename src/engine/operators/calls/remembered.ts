/**
 * Functions without a kernel: computed by the catalogue once for each distinct list of arguments, and looked up for every
 * row. Logs repeat themselves: user agents, hosts, days. The results lie in a group table of their own, so that no
 * JavaScript value exists for a row whose arguments were seen before.
 */

import type { Value } from "../../../job/result.js";
import { scalarFunction } from "../../functions/catalogue.js";
import { literalValue } from "../../functions/literal-value.js";
import type { CallTypes, ScalarFunction } from "../../functions/scalar-function.js";
import { GroupTable } from "../../kernels/group-table.js";
import { RESULT, RESULT_FLAG } from "../../kernels/layout.js";
import type { LinearMemory, Region } from "../../kernels/linear-memory.js";
import { KeyReader } from "../../partial/key-reader.js";
import { type RowSchema, rowSchema } from "../../partial/row-schema.js";
import type { CallExpression } from "../../plan.js";
import type { Batch, Column } from "../batch.js";
import { compileGroupLookup, type GroupLookup } from "../group-lookup.js";
import { PlanError } from "../plan-error.js";
import type { ScanFailures } from "../step.js";
import type { Compilation } from "./call-compiler.js";

/** What is remembered is dropped when it exceeds these. */
const MAX_RESULTS = 1 << 17;
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
const SLOT_SEED = 0x9e37_79b9_7f4a_7c15n;

export function compileRemembered(compiler: Compilation, call: CallExpression): Column {
  const definition = scalarFunction(call.function);
  if (definition === undefined) {
    throw new PlanError("unsupported-function", `The function ${call.function} cannot be computed for every row yet`);
  }
  const { batch } = compiler;
  const varying = call.arguments.filter((argument) => argument.kind !== "literal");
  const columns = varying.map((argument) => compiler.compile(argument));
  const table = new GroupTable(batch.kernels, RESULT.accumulatorBytes, SLOT_SEED);
  const schema = {
    ...rowSchema(
      varying.map((argument) => argument.type),
      [],
    ),
    accumulatorBytes: RESULT.accumulatorBytes,
  };
  const lookup = compileGroupLookup(compiler, table, columns, batch.selection);
  const out = batch.newColumn(call.type);
  const results = new RememberedResults(batch, table, schema, call, definition);
  compiler.addStep((rows, failures) => results.fill(rows, failures, lookup, out));
  return out;
}

class RememberedResults {
  readonly #batch: Batch;
  readonly #table: GroupTable;
  readonly #schema: RowSchema;
  readonly #definition: ScalarFunction;
  readonly #types: CallTypes;
  /** Constants, and the number of the key for each argument that varies. */
  readonly #arguments: readonly ({ readonly constant: Value } | { readonly key: number })[];
  readonly #texts: TextRoom;

  constructor(batch: Batch, table: GroupTable, schema: RowSchema, call: CallExpression, definition: ScalarFunction) {
    this.#batch = batch;
    this.#table = table;
    this.#schema = schema;
    this.#definition = definition;
    this.#types = { arguments: call.arguments.map((argument) => argument.type), result: call.type };
    let key = -1;
    this.#arguments = call.arguments.map((argument) => {
      if (argument.kind === "literal") return { constant: literalValue(argument) };
      key += 1;
      return { key };
    });
    this.#texts = new TextRoom(batch.kernels.memory);
  }

  /** Fills `out` for the live rows of the batch. */
  fill(rows: number, failures: ScanFailures, lookup: GroupLookup, out: Column): void {
    const { live, selection, groups, sources } = this.#batch;
    const { call } = this.#batch.kernels;
    if (this.#table.rowCount > MAX_RESULTS || this.#texts.usedBytes > MAX_TEXT_BYTES) {
      this.#table.reset();
      this.#texts.reset();
    }
    const count = call.selectLive(live, rows, selection);
    if (count > 0) lookup(count);
    const unknown = call.listUnknown(groups, count, sources);
    if (unknown > 0) this.#compute(sources, unknown);
    const isBool = out.type === "bool" ? 1 : 0;
    const malformed = call.recallResults(groups, selection, count, isBool, out.vector, rows);
    failures.malformedFields += malformed;
  }

  #compute(list: number, count: number): void {
    const { memory } = this.#batch.kernels;
    const rows = Array.from({ length: count }, (_, index) => memory.view.getUint32(list + index * 4, true));
    // All before any is stored, because storing may grow the memory under the reader.
    const keys = new KeyReader(this.#batch.kernels, this.#schema);
    const results = rows.map((row) => this.#evaluate(row, keys));
    rows.forEach((row, index) => {
      const { value, isMalformed } = results[index] ?? { value: null, isMalformed: false };
      this.#store(row, value);
      const flags =
        RESULT_FLAG.known | (value === null ? RESULT_FLAG.isNull : 0) | (isMalformed ? RESULT_FLAG.malformed : 0);
      memory.view.setUint32(row + RESULT.flags, flags, true);
    });
  }

  #evaluate(row: number, keys: KeyReader): { readonly value: Value; readonly isMalformed: boolean } {
    const values = this.#arguments.map((argument) =>
      "key" in argument ? keys.value(row, argument.key) : argument.constant,
    );
    const value = this.#definition.evaluate(values, this.#types);
    return { value, isMalformed: value === null && this.#definition.name === "cast" && values[0] !== null };
  }

  #store(row: number, result: Value): void {
    const at = row + RESULT.value;
    if (typeof result === "string") {
      const { address, length } = this.#texts.store(result);
      const { view } = this.#batch.kernels.memory;
      view.setUint32(at, address, true);
      view.setUint32(at + 4, length, true);
      return;
    }
    const { view } = this.#batch.kernels.memory;
    if (typeof result === "bigint") view.setBigInt64(at, result, true);
    else if (typeof result === "number") view.setFloat64(at, result, true);
    else if (typeof result === "boolean") view.setBigUint64(at, result ? 1n : 0n, true);
  }
}

const ROOM_BYTES = 256 * 1024;
/** Of a unit of a JavaScript string, in UTF-8. */
const MOST_UNIT_BYTES = 3;

/** Room for texts in the kernels' memory, taken back all at once. */
class TextRoom {
  readonly #memory: LinearMemory;
  readonly #regions: Region[] = [];
  #current = 0;
  #used = 0;
  usedBytes = 0;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  store(text: string): { readonly address: number; readonly length: number } {
    const most = text.length * MOST_UNIT_BYTES;
    const address = this.#reserve(most);
    const length = this.#memory.texts.write(text, address, most, "utf8");
    this.#used -= most - length;
    this.usedBytes += length;
    return { address, length };
  }

  reset(): void {
    this.#current = 0;
    this.#used = 0;
    this.usedBytes = 0;
  }

  #reserve(length: number): number {
    while ((this.#regions[this.#current]?.sizeBytes ?? Number.POSITIVE_INFINITY) < this.#used + length) {
      this.#current += 1;
      this.#used = 0;
    }
    let region = this.#regions[this.#current];
    if (region === undefined) {
      region = this.#memory.allocate(Math.max(ROOM_BYTES, length));
      this.#regions.push(region);
    }
    const address = region.address + this.#used;
    this.#used += length;
    return address;
  }
}
