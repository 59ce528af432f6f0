/**
 * How often members state themselves to everyone, for those without a connection to them: the more there are the more seldom,
 * so that what each hears a second grows with the logarithm of their number and not with the number.
 */

/** So many times log2 of the members may state themselves in one `announceMs`. */
const SHARE = 3;

/** By how much `announceMs` and `silenceMs` are stretched; 1 in a small cluster. */
export const announceStretch = (members: number): number =>
  members < 2 ? 1 : Math.max(1, members / (SHARE * Math.log2(members)));
