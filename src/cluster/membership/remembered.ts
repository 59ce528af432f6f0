/**
 * What a node writes down of the members it knows, so that it finds the cluster again when whoever it was told to join is
 * gone, and so that a holder that died is still missed after everyone else was started anew.
 */

import type { Member } from "../member.js";
import { isMember } from "./messages.js";

/** The store's name for it. */
export const REMEMBERED_MEMBERS = "members";

export const encodeRemembered = (members: readonly Member[]): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(members));

/** What is not a well-formed member, as an older or newer version may have written it, is left out. */
export function decodeRemembered(bytes: Uint8Array): readonly Member[] {
  try {
    const members: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(members) ? members.filter(isMember) : [];
  } catch {
    return [];
  }
}
