/** What a plan cannot have: the message that refuses it, or, where an incomplete answer is allowed, what the manifest says. */

import { type Lacking, type LackingPart, SEMANTICS_VERSION } from "../job/manifest.js";
import type { JobRequest } from "../job/request.js";
import type { FoundFiles, SourceFile, UnreachableHolder } from "./source-files.js";

/** How many files or nodes a message names. */
const MAX_NAMED = 5;

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

export const isReadable = (file: SourceFile): boolean => file.description.problem === undefined;

/** Holders that the answer needs: those that offer the source, or as many as the submitter expects. */
const neededHolders = (found: FoundFiles, request: JobRequest): number =>
  Math.max(found.holders, request.expectHolders ?? 0);

/** Undefined when everything that was asked for is there. */
export function lackingOf(source: string, glob: string, found: FoundFiles, request: JobRequest): Lacking | undefined {
  const holders = neededHolders(found, request);
  const unheard = Array.from({ length: holders - found.holders }, (): LackingPart => {
    return { source, node: null, holder: "unknown", paths: [glob], bytes: null };
  });
  const parts = [
    ...found.unreachable.map((holder) => silentPart(source, glob, holder)),
    ...found.files.filter((file) => !isReadable(file)).map(unreadablePart),
    ...unheard,
  ];
  return parts.length === 0 ? undefined : { holders, parts };
}

function silentPart(source: string, glob: string, { members, node, remembered }: UnreachableHolder): LackingPart {
  const holder = members.map((member) => member.name).join(" or ");
  if (remembered === undefined || remembered.length === 0) {
    return { source, node, holder, paths: [glob], bytes: null };
  }
  const bytes = remembered.reduce((sum, file) => sum + file.bytes, 0);
  return { source, node, holder, paths: remembered.map((file) => file.path).sort(), bytes };
}

const unreadablePart = ({ source, node, description }: SourceFile): LackingPart => ({
  source,
  node,
  holder: null,
  paths: [description.path],
  bytes: null,
});

/** Why a plan that lacks something is refused: what is missing, and the ways out. */
export function missingMessage(source: string, lacking: Lacking, found: FoundFiles): string {
  const namesOf = (why: UnreachableHolder["why"]) =>
    found.unreachable.filter((holder) => holder.why === why).flatMap((holder) => holderTexts(source, holder));
  const silent = namesOf("silent");
  const other = namesOf("version");
  const unreadable = found.files.filter((file) => !isReadable(file)).map(problemText);
  const missing = lacking.parts.filter((part) => part.holder !== null).length;
  const holders = missing === 0 ? "" : `holders: ${lacking.holders - missing} of ${lacking.holders}; `;
  const problems = [
    ...(silent.length === 0 ? [] : [`the files of "${source}" on ${listed(silent)} cannot be learned`]),
    ...(other.length === 0
      ? []
      : [
          `the files of "${source}" on ${listed(other)} cannot be read by this job of semantics version ${SEMANTICS_VERSION}`,
        ]),
    ...(unreadable.length === 0 ? [] : [`cannot read ${listed(unreadable)}`]),
    ...(missing > found.unreachable.length ? [`${found.holders} offer "${source}"`] : []),
  ];
  const sameVersion = other.length === 0 ? "" : "run the same logmr on all nodes, ";
  const ways = `${sameVersion}start the missing nodes, let them leave, or take --allow-incomplete`;
  return `${holders}${problems.join("; ")}; ${ways}`;
}

function holderTexts(source: string, { members, remembered = [], why }: UnreachableHolder): readonly string[] {
  const files = listed(remembered.map((file) => `${source}:${file.path}`));
  return members.map(({ name, grpc, semanticsVersion }) => {
    const version = why === "version" ? `, semantics version ${semanticsVersion}` : "";
    return `${name} (${grpc}${version})${files === "" ? "" : ` with ${files}`}`;
  });
}

function problemText({ source, holders, description }: SourceFile): string {
  const where = holders.map((holder) => holder.name).join(" or ");
  return `${source}:${description.path} on ${where} (${description.problem})`;
}
