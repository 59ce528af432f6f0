/**
 * Globs over paths with `/`: `*`, `?` and `[a-z]` (`[!…]` negates) within a segment, `**` for any number of segments. A
 * wildcard does not match a leading dot. Matching never backtracks more than segment length times pattern length, for
 * globs come from strangers.
 */

/** Longest glob that is looked at. */
const MAX_GLOB_LENGTH = 1024;

type Element =
  | { readonly kind: "star" }
  | { readonly kind: "any" }
  | { readonly kind: "text"; readonly character: string }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

type Segment = "any-depth" | readonly Element[];

export interface Glob {
  /** Segments below which nothing can match; null when `**` reaches any depth. */
  readonly maxDepth: number | null;
  matches(path: string): boolean;
}

export function compileGlob(glob: string): Glob {
  const segments = glob.split("/").map((text): Segment => (text === "**" ? "any-depth" : parseSegment(text)));
  return {
    maxDepth: segments.includes("any-depth") ? null : segments.length,
    matches: (path) => glob.length <= MAX_GLOB_LENGTH && matchSegments(segments, path.split("/")),
  };
}

function parseSegment(text: string): readonly Element[] {
  const characters = [...text];
  const elements: Element[] = [];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? "";
    const end = character === "[" ? classEnd(characters, index) : -1;
    if (end > 0) {
      elements.push(parseClass(characters.slice(index + 1, end)));
      index = end;
    } else if (character === "*") {
      if (elements.at(-1)?.kind !== "star") elements.push({ kind: "star" });
    } else elements.push(character === "?" ? { kind: "any" } : { kind: "text", character });
  }
  return elements;
}

/** Index of the `]` that closes the class at `start`, or -1: then the bracket is a character like others. */
function classEnd(characters: readonly string[], start: number): number {
  const first = characters[start + 1] === "!" || characters[start + 1] === "^" ? start + 3 : start + 2;
  return characters.indexOf("]", first);
}

function parseClass(content: readonly string[]): Element {
  const negated = content[0] === "!" || content[0] === "^";
  const members = negated ? content.slice(1) : content;
  const ranges: [string, string][] = [];
  for (let index = 0; index < members.length; index += 1) {
    const from = members[index] ?? "";
    const to = members[index + 2];
    if (members[index + 1] === "-" && to !== undefined) {
      ranges.push([from, to]);
      index += 2;
    } else ranges.push([from, from]);
  }
  return { kind: "class", negated, ranges };
}

/** Row by row: which prefixes of the path the prefix of the glob can match. */
function matchSegments(segments: readonly Segment[], path: readonly string[]): boolean {
  let reachable = path.map(() => false);
  reachable.unshift(true);
  for (const segment of segments) {
    const next = reachable.map(() => false);
    for (let length = 0; length <= path.length; length += 1) {
      const name = path[length - 1];
      if (segment === "any-depth") {
        const extends_ = name !== undefined && !name.startsWith(".") && next[length - 1] === true;
        next[length] = reachable[length] === true || extends_;
      } else {
        next[length] = name !== undefined && reachable[length - 1] === true && matchSegment(segment, name);
      }
    }
    reachable = next;
  }
  return reachable[path.length] === true;
}

/** Two pointers, and one place to return to: the last star takes one character more. */
function matchSegment(elements: readonly Element[], name: string): boolean {
  if (name.startsWith(".") && elements[0]?.kind !== "text") return false;
  const characters = [...name];
  let element = 0;
  let position = 0;
  let star = -1;
  let starPosition = 0;
  while (position < characters.length) {
    const current = elements[element];
    if (current?.kind === "star") {
      star = element;
      starPosition = position;
      element += 1;
    } else if (current !== undefined && matchesOne(current, characters[position] ?? "")) {
      element += 1;
      position += 1;
    } else if (star >= 0) {
      element = star + 1;
      starPosition += 1;
      position = starPosition;
    } else return false;
  }
  return elements.slice(element).every((rest) => rest.kind === "star");
}

function matchesOne(element: Element, character: string): boolean {
  switch (element.kind) {
    case "any":
      return true;
    case "text":
      return element.character === character;
    case "class":
      return element.ranges.some(([from, to]) => from <= character && character <= to) !== element.negated;
    case "star":
      return false;
  }
}
