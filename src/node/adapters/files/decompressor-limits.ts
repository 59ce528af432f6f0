/** How far a compressed file may expand before it is taken for one that was made to burst. */

/** Logs shrink to a tenth or a fiftieth, a line that is repeated for ever to a 300th; the limit of deflate is 1032. */
export const MAX_RATIO = 500;
/** Below this nothing is refused. */
export const MIN_REFUSED_BYTES = 64 * 1024 * 1024;

export const TOO_COMPRESSED = `expands to more than ${MAX_RATIO} times its size, as no log does. If it is one, pipe it: zcat FILE | logmr query "…" -`;
