/** `regexp_matches(text, pattern literal)`, which `~` is too. */

import type { CallExpression } from "../../plan.js";
import { type Automaton, buildAutomaton, DEAD_STATE, FOUND_STATE } from "../../regex/automaton.js";
import { compilePattern } from "../../regex/compiled-pattern.js";
import { requiredLiteral } from "../../regex/required-literal.js";
import type { Batch, Column } from "../batch.js";
import { literalText } from "../literals.js";
import { argumentOf, type CallCompiler, type Compilation } from "./call-compiler.js";
import { compileRemembered } from "./remembered.js";

function compileMatch(compiler: Compilation, call: CallExpression): Column {
  const pattern = compilePattern(literalText(argumentOf(call, 1), "regexp_matches"));
  const automaton = buildAutomaton(pattern.program);
  if (automaton === undefined) return compileRemembered(compiler, call);
  const { batch } = compiler;
  const text = compiler.compile(argumentOf(call, 0));
  const literal = requiredLiteral(pattern.node);
  const stored = storeAutomaton(batch, automaton, literal?.text ?? "", literal?.isAtStart === true);
  const out = batch.newColumn("bool");
  compiler.addStep((rows) => batch.kernels.call.matchPattern(text.vector, stored, out.vector, rows));
  return out;
}

const LITERAL_PLACE = { none: 0, anywhere: 1, atStart: 2 } as const;

/** The structure `Automaton` of assembly/regex.ts. */
function storeAutomaton(batch: Batch, automaton: Automaton, literal: string, isAtStart: boolean): number {
  const { classes, classCount, transitions, start, matchesAtEnd } = automaton;
  const literalBytes = new TextEncoder().encode(literal);
  const place = literal === "" ? LITERAL_PLACE.none : isAtStart ? LITERAL_PLACE.atStart : LITERAL_PLACE.anywhere;
  const waiting = waitingState(automaton);
  return batch.storeWords([
    batch.storeBytes(classes),
    batch.storeBytes(new Uint8Array(transitions.buffer, transitions.byteOffset, transitions.byteLength)),
    classCount,
    start,
    batch.storeBytes(matchesAtEnd),
    place,
    batch.storeBytes(literalBytes),
    literalBytes.length,
    waiting?.state ?? DEAD_STATE,
    batch.storeBytes(Uint8Array.from(waiting?.exits ?? [0, 0, 0])),
  ]);
}

const MAX_EXITS = 3;

/** The state in which a search waits for a match to begin, if at most three bytes leave it. */
function waitingState(automaton: Automaton): { readonly state: number; readonly exits: readonly number[] } | undefined {
  const { classes, classCount, transitions, start } = automaton;
  const next = (state: number, byte: number): number => transitions[state * classCount + (classes[byte] ?? 0)] ?? 0;
  // A byte that begins no text in UTF-8 leads to where nothing has begun.
  const state = next(start, INVALID_BYTE);
  if (state === DEAD_STATE || state === FOUND_STATE || next(state, INVALID_BYTE) !== state) return undefined;
  const exits = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => next(state, byte) !== state);
  const [first = 0] = exits;
  if (exits.length > MAX_EXITS) return undefined;
  return { state, exits: [...exits, first, first, first].slice(0, MAX_EXITS) };
}

const INVALID_BYTE = 0xff;

export const PATTERNS: Readonly<Record<string, CallCompiler>> = { regexp_matches: compileMatch };
