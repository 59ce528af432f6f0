/**
 * Shapes of JSON lines. Lines of a log mostly have the same keys in the same order, so that what stands between their
 * values is the same text: a shape is the list of these texts. A batch is held against a shape column by column: the text
 * before the n-th value of every line, then the value, which ends where its first byte says. A line that fits to its end has
 * the tokens that the walk in json.ts would find, since between the same texts the walk does the same; any other line is
 * tried with the next shape, and walked in the end. The walk records the shapes.
 */

import { followEachOther, takeRun } from "./json-runs";
import {
  CLOSE,
  END,
  MAX_TEXT,
  NO_QUOTE,
  OPEN,
  QUOTE,
  SHORT_REACH,
  Step,
  STEP_BYTES,
  textOf,
  VALUE,
} from "./json-step";
import { NEAR_LINES, ShapeTable, takeMarks, takeValues } from "./json-steps";
import { NONE, RecordProgram } from "./records";

const MAX_STEPS: u32 = 64;
const SHAPES: u32 = 8;
/** Shapes learnt from one batch at most. */
const MAX_LEARNT: u32 = 4;
/** Batches for which nobody tries a shape, or learns, that did not pay. */
const PAUSE: u32 = 16;
/** A step of the walk costs about as much as so many steps of a shape. */
const WALK_COST: u32 = 3;

@unmanaged
export class Shape {
  /** 0: no shape is here. */
  stepCount: u32;
  /** Lines that fitted when it was tried last. */
  matched: u32;
  pause: u32;
  unused: u32;
  // MAX_STEPS steps follow.
}
const SHAPE_BYTES: usize = 16 + usize(MAX_STEPS) * STEP_BYTES;

@inline
function shapeAt(table: ShapeTable, index: u32): Shape {
  return changetype<Shape>(changetype<usize>(table) + offsetof<ShapeTable>() + usize(index) * SHAPE_BYTES);
}

@inline
function stepAt(shape: Shape, index: u32): Step {
  return changetype<Step>(changetype<usize>(shape) + 16 + usize(index) * STEP_BYTES);
}

/** The shape that is being recorded; 0 if none is. */
let recorded: Shape = changetype<Shape>(0);
/** Behind what the last recorded step took. */
let recordedTo: usize = 0;

/** Begins to record the walk over a line that starts at `lineStart`. */
export function beginShape(shape: Shape, lineStart: usize): void {
  shape.stepCount = 0;
  recorded = shape;
  recordedTo = lineStart;
}

/** The text since the last step ends at `textEnd`; what the step takes, at `stepEnd`. */
@inline
export function recordValue(slot: u32, textEnd: usize, stepEnd: usize): void {
  if (changetype<usize>(recorded) != 0) record(VALUE, slot, textEnd, stepEnd);
}

@inline
export function recordOpening(slot: u32, at: usize): void {
  if (changetype<usize>(recorded) != 0 && slot != NONE) record(OPEN, slot, at, at);
}

@inline
export function recordClosing(slot: u32, behind: usize): void {
  if (changetype<usize>(recorded) != 0 && slot != NONE) record(CLOSE, slot, behind, behind);
}

function record(kind: u32, slot: u32, textEnd: usize, stepEnd: usize): void {
  const shape = recorded;
  const length = u32(textEnd - recordedTo);
  if (length > MAX_TEXT || shape.stepCount == MAX_STEPS) {
    shape.stepCount = 0;
    recorded = changetype<Shape>(0);
    return;
  }
  const step = stepAt(shape, shape.stepCount);
  step.kind = u16(kind);
  step.reach = SHORT_REACH;
  step.slot = slot;
  step.textLength = length;
  step.first = load<u8>(textEnd) == QUOTE ? QUOTE : NO_QUOTE;
  memory.copy(textOf(step), recordedTo, length);
  shape.stepCount++;
  recordedTo = stepEnd;
}

/** Ends the recording; returns whether there is a shape now. */
export function endShape(isRow: bool, lineEnd: usize): bool {
  if (changetype<usize>(recorded) == 0) return false;
  if (isRow) record(END, NONE, lineEnd, lineEnd);
  const shape = recorded;
  recorded = changetype<Shape>(0);
  if (changetype<usize>(shape) == 0) return false;
  if (!isRow) shape.stepCount = 0;
  return isRow;
}

/** Lists the lines that have not failed yet, and keeps their starts; returns how many there are. */
export function listLines(table: ShapeTable, lines: usize, rows: u32): u32 {
  let count: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const start = load<u32>(lines + (usize(row) << 3));
    store<u32>(table.starts + (usize(row) << 2), start);
    store<u32>(table.active + (usize(count) << 2), row);
    count += u32(start != NONE);
  }
  return count;
}

/** Tries the shapes on the listed lines; returns how many are left, which are listed then. */
export function tryShapes(table: ShapeTable, lines: usize, count: u32, program: RecordProgram): u32 {
  let left = count;
  for (let index: u32 = 0; index < SHAPES && left > 0; index++) {
    const shape = shapeAt(table, index);
    if (shape.stepCount == 0) continue;
    if (shape.pause > 0) {
      shape.pause--;
      continue;
    }
    left = tryShape(table, shape, lines, left, program);
    if (index > 0) moveAhead(table, index);
  }
  return left;
}

/** Swaps a shape with the one before it if it fits more lines: the usual ones are tried first. */
function moveAhead(table: ShapeTable, index: u32): void {
  const shape = shapeAt(table, index);
  const before = shapeAt(table, index - 1);
  if (before.stepCount != 0 && before.matched >= shape.matched) return;
  const from = changetype<usize>(shape);
  const to = changetype<usize>(before);
  for (let offset: usize = 0; offset < SHAPE_BYTES; offset += 16) {
    const swapped = v128.load(from + offset);
    v128.store(from + offset, v128.load(to + offset));
    v128.store(to + offset, swapped);
  }
}

/** How many of the shapes that a batch may teach are used up, before the first one: all, if learning did not pay lately. */
export function beginLearning(table: ShapeTable): u32 {
  if (table.learningPause == 0) return 0;
  table.learningPause--;
  return MAX_LEARNT;
}

/** The place for a shape to be learnt, that of the one which fits least; 0 after so many of them. */
export function shapeToLearn(table: ShapeTable, learnt: u32): usize {
  if (learnt == MAX_LEARNT) return 0;
  let weakest = shapeAt(table, 0);
  for (let index: u32 = 0; index < SHAPES; index++) {
    const shape = shapeAt(table, index);
    if (shape.stepCount == 0) return changetype<usize>(shape);
    if (shape.matched < weakest.matched) weakest = shape;
  }
  return changetype<usize>(weakest);
}

/** Tries a shape that was just learnt; returns how many lines are left. */
export function tryLearnt(table: ShapeTable, shape: usize, lines: usize, count: u32, program: RecordProgram): u32 {
  const learnt = changetype<Shape>(shape);
  if (count == 0) {
    learnt.matched = 1;
    learnt.pause = 0;
    return 0;
  }
  const left = tryShape(table, learnt, lines, count, program);
  if (learnt.pause > 0) table.learningPause = PAUSE;
  return left;
}

/** Holds the listed lines against a shape. Those that fit are done; the others are listed, as they were. */
function tryShape(table: ShapeTable, shape: Shape, lines: usize, count: u32, program: RecordProgram): u32 {
  let matched: u32 = 0;
  let left: u32 = 0;
  let work: u32 = 0;
  for (let from: u32 = 0; from < count; from += NEAR_LINES) {
    const active = table.active + (usize(from) << 2);
    let fitting = min(count - from, NEAR_LINES);
    let isRun = followEachOther(active, fitting);
    for (let index: u32 = 0; index < shape.stepCount && fitting > 0; index++) {
      const step = stepAt(shape, index);
      work += fitting;
      const taken = isRun ? takeRun(step, lines, load<u32>(active), fitting, program) : 0;
      if (taken == fitting) continue;
      const still =
        step.kind == VALUE
          ? takeValues(table, step, lines, active, fitting, taken, left, program)
          : takeMarks(table, step, lines, active, fitting, taken, left, program);
      left += fitting - still;
      fitting = still;
      isRun = followEachOther(active, fitting);
    }
    matched += fitting;
  }
  const swapped = table.active;
  table.active = table.left;
  table.left = swapped;
  shape.matched = matched;
  shape.pause = matched * shape.stepCount * WALK_COST <= work ? PAUSE : 0;
  return left;
}
