/**
 * Finding the files of a source: a shared source is described by one of its holders, itself first; a private one by every
 * node that offers it, since the same path on ten machines is ten files.
 */

import { compileGlob } from "../base/glob.js";
import type { NodeId } from "../base/ids.js";
import type { Member, View } from "../cluster/member.js";
import type { Exchange } from "./ports/exchange.js";
import type { FileDescription, FileQuestion, SourceCatalog } from "./ports/source-catalog.js";

export interface SourceFile {
  readonly source: string;
  /** The one node that holds it; null when it is shared. */
  readonly node: NodeId | null;
  /** Members that offer it, and compute what is asked for. */
  readonly holders: readonly Member[];
  readonly description: FileDescription;
}

export interface FoundFiles {
  readonly files: readonly SourceFile[];
  /** Who could not be asked: dead without having left, silent, or of another semantics version. */
  readonly unreachable: readonly UnreachableHolder[];
  /** How many had to be asked: each node with a private source, and one of those that share one. */
  readonly holders: number;
}

export interface UnreachableHolder {
  /** The node of a private source; all who offer a shared one. */
  readonly members: readonly Member[];
  readonly node: NodeId | null;
  /** Its files that match, as they were when this node last heard of them; undefined if it never did. */
  readonly remembered: readonly RememberedFile[] | undefined;
  /** `version`: those that run cannot compute what is asked for; they would decline it to the end. */
  readonly why: "silent" | "version";
}

export interface RememberedFile {
  readonly path: string;
  readonly bytes: number;
}

/** How a source is offered in the cluster; `undefined` by {@link offersOf} when nobody offers it. */
export interface SourceOffers {
  readonly shared: readonly Member[];
  readonly private: readonly Member[];
}

/** Every name that someone who has not left offers, sorted. */
export function sourceNames(view: View): readonly string[] {
  const present = view.members.filter((member) => member.state !== "left");
  return [...new Set(present.flatMap((member) => member.sources.map(({ name }) => name)))].sort();
}

/** Who offers a source. Members that left offer nothing; dead ones still do, and count as missing. */
function offersOf(view: View, source: string): SourceOffers {
  const present = view.members.filter((member) => member.state !== "left");
  const offering = (shared: boolean) =>
    present.filter((member) => member.sources.some((offer) => offer.name === source && offer.shared === shared));
  return { shared: offering(true), private: offering(false) };
}

/** As far as this node knows; of those that offer a source, none has left. */
const isRunning = (holder: Member): boolean => holder.state !== "dead";

/** Of each holder: enough to name what an answer lacks. */
const MAX_REMEMBERED_FILES = 10_000;

export class SourceFinder {
  readonly #catalog: SourceCatalog;
  readonly #exchange: Exchange;
  /** The files of each holder that this node has heard of, by source and node. */
  readonly #remembered = new Map<string, Map<string, number>>();

  constructor(catalog: SourceCatalog, exchange: Exchange) {
    this.#catalog = catalog;
    this.#exchange = exchange;
  }

  /**
   * The files of a source that match the glob, in no stated order. `done` is called once. Holders for whom `computes` does
   * not hold are not asked; everybody is where files are only listed.
   */
  find(
    view: View,
    question: FileQuestion,
    done: (found: FoundFiles) => void,
    computes: (holder: Member) => boolean = () => true,
  ): void {
    const { source, glob } = question;
    const offers = offersOf(view, source);
    const questions = offers.private.map((member) => ({ node: member.id, holders: [member] }));
    const asked = [...questions, ...(offers.shared.length === 0 ? [] : [{ node: null, holders: offers.shared }])];
    const files: SourceFile[] = [];
    const unreachable: UnreachableHolder[] = [];
    const found = { files, unreachable, holders: asked.length };
    let waiting = asked.length;
    if (waiting === 0) done(found);
    for (const { node, holders: offering } of asked) {
      const holders = offering.filter(computes);
      this.#describe(view, holders, question, (descriptions) => {
        if (descriptions === "unreachable") {
          const why = holders.length === 0 && offering.some(isRunning) ? "version" : "silent";
          unreachable.push({ members: offering, node, remembered: this.#recall(source, node, glob), why });
        } else {
          this.#remember(source, node, descriptions);
          files.push(...descriptions.map((description) => ({ source, node, holders, description })));
        }
        waiting -= 1;
        if (waiting === 0) done(found);
      });
    }
  }

  #remember(source: string, node: NodeId | null, descriptions: readonly FileDescription[]): void {
    const key = `${source}\0${node ?? ""}`;
    const known = this.#remembered.get(key) ?? new Map<string, number>();
    for (const { path, size } of descriptions) {
      if (known.size < MAX_REMEMBERED_FILES) known.set(path, size);
    }
    this.#remembered.set(key, known);
  }

  #recall(source: string, node: NodeId | null, glob: string): readonly RememberedFile[] | undefined {
    const known = this.#remembered.get(`${source}\0${node ?? ""}`);
    if (known === undefined) return undefined;
    const { matches } = compileGlob(glob);
    return [...known].filter(([path]) => matches(path)).map(([path, bytes]) => ({ path, bytes }));
  }

  /**
   * Asks one holder after the other, this node and the living first, until one answers. Each is asked twice: a channel that
   * broke is opened anew by the second call.
   */
  #describe(
    view: View,
    holders: readonly Member[],
    question: FileQuestion,
    done: (files: readonly FileDescription[] | "unreachable") => void,
  ): void {
    const rank = (member: Member) => (member.id === view.self ? 0 : member.state === "alive" ? 1 : 2);
    const living = holders.filter(isRunning).sort((a, b) => rank(a) - rank(b));
    const candidates = living.flatMap((member) => (member.id === view.self ? [member] : [member, member]));
    const ask = (index: number) => {
      const candidate = candidates[index];
      if (candidate === undefined) done("unreachable");
      else if (candidate.id === view.self) this.#catalog.describe(question, done);
      else {
        this.#exchange.describe(candidate, question, (answer) => {
          if (answer === "unreachable") ask(index + 1);
          else done(answer);
        });
      }
    };
    ask(0);
  }
}
