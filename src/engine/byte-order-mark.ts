/** The mark that some programs put before the first line of a UTF-8 text. It belongs to no line. */

/** Bytes of the longest mark. */
export const MOST_MARK_BYTES = 3;

/** Length of the mark that the beginning of a file has; 0 for none. */
export const markBytes = (text: Uint8Array): number =>
  text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? MOST_MARK_BYTES : 0;
