/** Text from logs on its way to a terminal: nothing in a log may move the cursor, colour, or reorder what is shown. */

/** Control characters, the escape character among them, invisible format characters and marks of writing direction. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** Writes every character that does not print as an escape such as `\n` or `\u{1b}`. */
export const safeText = (text: string): string =>
  text.replace(UNSAFE, (found) => SHORT.get(found) ?? `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);

/** {@link safeText} that keeps line breaks, for messages of several lines. */
export const safeLines = (text: string): string => text.split("\n").map(safeText).join("\n");

const COMBINING = /\p{Mn}|\p{Me}/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/** Columns that a character takes on a terminal. */
const characterWidth = (character: string): number => (COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1);

const PRINTABLE_ASCII = /^[ -~]*$/;

/** Columns that printable text takes on a terminal. */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Cuts printable text to `columns`, ending in `…` if something is lost. */
export function fitWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
