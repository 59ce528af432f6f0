/** Records: one kernel takes a line apart into tokens, others make values of them. */

import type { KeyedField, RecordField, RecordOperation } from "../formats/format.js";
import { recordFieldsOf } from "../formats/format.js";
import type { Address } from "../kernels/kernel-exports.js";
import { BATCH_ROWS, RECORD_NONE, SHAPES } from "../kernels/layout.js";
import type { Column } from "./batch.js";
import { conversionStep } from "./conversion-step.js";
import { asciiCodes, type FieldContext } from "./field-context.js";
import type { OperationSteps, Step } from "./step.js";

/** A wanted field, and where the kernels put its tokens. */
interface Slot {
  readonly field: RecordField;
  readonly tokens: Column;
  readonly kinds: Address;
}

export function recordSteps(context: FieldContext, operation: RecordOperation): OperationSteps {
  const { batch, needed } = context;
  const slots = recordFieldsOf(operation)
    .filter(({ field, isRequired }) => isRequired === true || needed.has(field))
    .map((field) => ({ field, tokens: batch.newColumn("string"), kinds: context.allocateKinds() }));
  const takeRecord = recordKernel(context, operation, slots);
  const early: ((rows: number) => number)[] = [];
  const late: Step[] = [];
  for (const { field, tokens, kinds } of slots) {
    const out = context.newColumn(field.field, field.conversion.type);
    const convert = conversionStep(context, { tokens, kinds, isCsv: operation.kind === "csv" }, field.conversion, out);
    if (field.isRequired !== true) {
      late.push((rows, failures) => {
        failures.malformedFields += convert(rows, batch.live);
      });
      continue;
    }
    early.push((rows) => {
      convert(rows, 0);
      return batch.kernels.call.requireValues(batch.lines, rows, out.vector);
    });
  }
  return {
    take: (rows) => early.reduce((failed, step) => failed + step(rows), takeRecord(rows)),
    late,
  };
}

function recordKernel(
  context: FieldContext,
  operation: RecordOperation,
  slots: readonly Slot[],
): (rows: number) => number {
  const { batch } = context;
  const { call } = batch.kernels;
  if (operation.kind === "csv") {
    const program = storeProgram(context, slots, [], NO_SHAPES);
    const order = operation.columns.map((column) => slots.findIndex(({ field }) => field === column));
    const slotOfColumn = batch.storeWords(order.map((slot) => (slot < 0 ? RECORD_NONE : slot)));
    const header = batch.storeSpans([new TextEncoder().encode(operation.header)]);
    const [delimiter = 0] = asciiCodes(operation.delimiter);
    const { length } = operation.columns;
    return (rows) => call.takeCsv(batch.lines, rows, delimiter, length, slotOfColumn, header, program);
  }
  const paths = operation.fields.flatMap((field) => pathOf(field, slots));
  if (operation.kind === "logfmt") {
    const program = storeProgram(context, slots, paths, NO_SHAPES);
    return (rows) => call.takeLogfmt(batch.lines, rows, program);
  }
  const program = storeProgram(context, slots, paths, storeShapes(context));
  return (rows) => call.takeJson(batch.lines, rows, program);
}

const NO_SHAPES = 0;

/** An empty `ShapeTable` of assembly/json-shapes.ts. */
function storeShapes({ batch }: FieldContext): Address {
  const { memory } = batch.kernels;
  const rowLists = [0, 1, 2].map(() => memory.allocate(BATCH_ROWS * 4).address);
  const table = memory.allocate(SHAPES.sizeBytes).address;
  memory.bytes.fill(0, table, table + SHAPES.sizeBytes);
  for (const [index, list] of rowLists.entries()) memory.view.setUint32(table + index * 4, list, true);
  return table;
}

interface WantedPath {
  readonly path: readonly string[];
  readonly slot: number;
}

function pathOf(keyed: KeyedField, slots: readonly Slot[]): readonly WantedPath[] {
  const slot = slots.findIndex(({ field }) => field === keyed);
  return slot < 0 ? [] : [{ path: keyed.path, slot }];
}

/** An object of which keys are wanted. */
interface KeyNode {
  readonly keys: Map<string, { slot: number; child: KeyNode | undefined }>;
}

/** Writes the `RecordProgram` of assembly/records.ts. */
function storeProgram(
  context: FieldContext,
  slots: readonly Slot[],
  paths: readonly WantedPath[],
  shapes: Address,
): Address {
  const { batch } = context;
  const root: KeyNode = { keys: new Map() };
  const nodes: KeyNode[] = [root];
  for (const { path, slot } of paths) {
    let node = root;
    for (const [index, key] of path.entries()) {
      const entry = node.keys.get(key) ?? { slot: RECORD_NONE, child: undefined };
      node.keys.set(key, entry);
      if (index === path.length - 1) {
        entry.slot = slot;
      } else {
        const child = entry.child ?? { keys: new Map() };
        if (entry.child === undefined) nodes.push(child);
        entry.child = child;
        node = child;
      }
    }
  }
  const entryWords: number[] = [];
  const nodeWords: number[] = [];
  for (const node of nodes) {
    nodeWords.push(entryWords.length / 4, node.keys.size, 0);
    for (const [key, { slot, child }] of node.keys) {
      const bytes = new TextEncoder().encode(key);
      const childIndex = child === undefined ? RECORD_NONE : nodes.indexOf(child);
      entryWords.push(batch.storeBytes(bytes), bytes.length, slot, childIndex);
    }
  }
  const slotWords = slots.flatMap(({ tokens, kinds }) => [tokens.vector, kinds]);
  return batch.storeWords([
    batch.storeWords(nodeWords),
    batch.storeWords(entryWords),
    batch.storeWords(slotWords),
    slots.length,
    shapes,
  ]);
}
