/** Twin of the line kernels. */

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The lines of a text, without their newline and one carriage return before it. Text behind the last newline is a line. */
export function splitLines(text: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf(NEWLINE, start);
    const end = newline < 0 ? text.length : newline;
    const hasReturn = end > start && text[end - 1] === CARRIAGE_RETURN;
    lines.push(text.subarray(start, hasReturn ? end - 1 : end));
    start = end + 1;
  }
  return lines;
}
