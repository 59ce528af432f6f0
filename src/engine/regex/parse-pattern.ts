/** The text of a regular expression to its tree. */

import { CLASS_ESCAPES, complement, withBothCases } from "./code-sets.js";
import { parseClass, parseEscape } from "./parse-class.js";
import { type CodeRange, PatternError, type PatternNode } from "./pattern.js";
import { PatternReader } from "./pattern-reader.js";

const MAX_NESTING = 200;
const MAX_REPEAT = 1000;
const NEWLINE = 0x0a;
const ANY_BUT_NEWLINE = complement([[NEWLINE, NEWLINE]]);
const ANY = complement([]);

interface Flags {
  readonly ignoresCase: boolean;
  /** Whether a point matches a newline too. */
  readonly pointIsAny: boolean;
}

/** What stands around the part that is read. */
interface Place {
  readonly depth: number;
  /** Changed by `(?i)` up to the end of the group. */
  flags: Flags;
}

export interface ParsedPattern {
  readonly node: PatternNode;
  readonly groups: number;
}

/** Throws a {@link PatternError} for what is wrong, or cannot be matched in linear time. */
export function parsePattern(pattern: string): ParsedPattern {
  const parser = new PatternParser(pattern);
  return parser.parse();
}

class PatternParser {
  readonly #reader: PatternReader;
  #groups = 0;

  constructor(pattern: string) {
    this.#reader = new PatternReader(pattern);
  }

  parse(): ParsedPattern {
    const node = this.#choice({ depth: 0, flags: { ignoresCase: false, pointIsAny: false } });
    if (!this.#reader.isAtEnd) throw this.#reader.failure("this ) closes no group; write \\)");
    return { node, groups: this.#groups };
  }

  #choice(place: Place): PatternNode {
    const options = [this.#sequence(place)];
    while (this.#reader.take("|")) options.push(this.#sequence(place));
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: "choice", options };
  }

  #sequence(place: Place): PatternNode {
    const parts: PatternNode[] = [];
    while (!this.#reader.isAtEnd && !this.#reader.isNext("|") && !this.#reader.isNext(")")) {
      const part = this.#repeated(this.#atom(place));
      if (part.kind !== "empty") parts.push(part);
    }
    const [only] = parts;
    if (only === undefined) return { kind: "empty" };
    return parts.length === 1 ? only : { kind: "sequence", parts };
  }

  #repeated(atom: PatternNode): PatternNode {
    let node = atom;
    let isRepeated = false;
    while (true) {
      const at = this.#reader.position;
      const bounds = this.#quantifier();
      if (bounds === undefined) return node;
      if (isRepeated) throw new PatternError(at, "a repetition of a repetition needs a group around the inner one");
      const isLazy = this.#reader.take("?");
      if (this.#reader.isNext("+")) throw this.#reader.failure("possessive repetitions are not supported");
      node = { kind: "repeat", node, isLazy, ...bounds };
      isRepeated = true;
    }
  }

  #quantifier(): { readonly least: number; readonly most: number | null } | undefined {
    const reader = this.#reader;
    if (reader.take("*")) return { least: 0, most: null };
    if (reader.take("+")) return { least: 1, most: null };
    if (reader.take("?")) return { least: 0, most: 1 };
    const at = reader.position;
    const counts = reader.takeMatch(/\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/y);
    if (counts === undefined) return undefined;
    const [, from = "0", comma, to] = counts;
    const least = Number(from);
    const most = to !== undefined ? Number(to) : comma === undefined ? least : null;
    if (Math.max(least, most ?? 0) > MAX_REPEAT) {
      throw new PatternError(at, `a repetition counts to ${MAX_REPEAT} at most`);
    }
    if (most !== null && most < least) throw new PatternError(at, "this repetition ends before it begins");
    return { least, most };
  }

  #atom(place: Place): PatternNode {
    const reader = this.#reader;
    if (reader.isNext("(")) return this.#group(place);
    if (reader.isNext("[")) return this.#set(parseClass(reader), place);
    if (reader.take(".")) return { kind: "set", ranges: place.flags.pointIsAny ? ANY : ANY_BUT_NEWLINE };
    if (reader.take("^")) return { kind: "assertion", assertion: "text-start" };
    if (reader.take("$")) return { kind: "assertion", assertion: "text-end" };
    if (reader.isNext("*") || reader.isNext("+") || reader.isNext("?")) {
      throw reader.failure(`there is nothing before this ${reader.peek()} to repeat; write \\${reader.peek()}`);
    }
    if (reader.isNext("\\")) return this.#escape(place);
    const point = reader.next();
    return this.#set([[point, point]], place);
  }

  #escape(place: Place): PatternNode {
    const reader = this.#reader;
    const after = reader.peek(1);
    if (after === "b" || after === "B") {
      reader.skip(2);
      return { kind: "assertion", assertion: after === "b" ? "word-border" : "no-word-border" };
    }
    if (after === "A" || after === "z") {
      reader.skip(2);
      return { kind: "assertion", assertion: after === "A" ? "text-start" : "text-end" };
    }
    const ranges = CLASS_ESCAPES.get(after);
    if (ranges !== undefined) {
      reader.skip(2);
      return { kind: "set", ranges };
    }
    const point = parseEscape(reader);
    return this.#set([[point, point]], place);
  }

  #set(ranges: readonly CodeRange[], { flags }: Place): PatternNode {
    return { kind: "set", ranges: flags.ignoresCase ? withBothCases(ranges) : ranges };
  }

  #group(place: Place): PatternNode {
    const reader = this.#reader;
    const start = reader.position;
    if (place.depth >= MAX_NESTING) throw reader.failure(`groups are nested more than ${MAX_NESTING} levels deep`);
    reader.skip(1);
    const inner: Place = { depth: place.depth + 1, flags: place.flags };
    let index: number | undefined;
    if (reader.isNext("?")) {
      const named = reader.takeMatch(/\?P?<([A-Za-z_]\w*)>/y);
      if (named === undefined) {
        const flags = this.#flags(place.flags);
        if (reader.take(")")) {
          place.flags = flags;
          return { kind: "empty" };
        }
        reader.skip(1);
        inner.flags = flags;
      } else {
        this.#groups += 1;
        index = this.#groups;
      }
    } else {
      this.#groups += 1;
      index = this.#groups;
    }
    const node = this.#choice(inner);
    if (!reader.take(")")) throw new PatternError(start, "this group has no closing )");
    return index === undefined ? node : { kind: "group", node, index };
  }

  /** `?i`, `?s`, `?i-s` or nothing, in front of `:` or `)`. */
  #flags(before: Flags): Flags {
    const reader = this.#reader;
    const written = reader.takeMatch(/\?([is]*)(?:-([is]+))?(?=[:)])/y);
    if (written !== undefined) {
      const [, on = "", off = ""] = written;
      return {
        ignoresCase: (before.ignoresCase || on.includes("i")) && !off.includes("i"),
        pointIsAny: (before.pointIsAny || on.includes("s")) && !off.includes("s"),
      };
    }
    if (/[=!]|<[=!]/y.test(reader.rest(1))) {
      throw reader.failure("looking ahead or behind cannot be done in linear time and is not supported");
    }
    throw reader.failure("this kind of group is not known; there are (…), (?:…), (?<name>…), (?i) and (?s)");
  }
}
