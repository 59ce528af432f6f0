/** Whether two answers to one question are the same; no time counts before they are. */

const SHOWN_DIFFERENCES = 5;

/** Whether lines are equal but for numbers that lie apart by no more than a share of the larger one. */
function isSameLine(left: string, right: string, tolerance: number): boolean {
  if (left === right) return true;
  const [leftWords, rightWords] = [left.split(" "), right.split(" ")];
  return (
    leftWords.length === rightWords.length &&
    leftWords.every((word, index) => isSameWord(word, rightWords[index] ?? "", tolerance))
  );
}

function isSameWord(left: string, right: string, tolerance: number): boolean {
  if (left === right) return true;
  if (left === "" || right === "") return false;
  const [first, second] = [Number(left), Number(right)];
  return Math.abs(first - second) <= tolerance * Math.max(Math.abs(first), Math.abs(second));
}

/** The first lines that differ, as a text; undefined if none do. The lines of both answers are sorted. */
export function differenceOf(
  left: { readonly name: string; readonly answer: string },
  right: { readonly name: string; readonly answer: string },
  tolerance: number,
): string | undefined {
  const [leftLines, rightLines] = [left.answer.split("\n"), right.answer.split("\n")];
  const onlyIn = (lines: readonly string[], others: readonly string[]): string => {
    const missing = lines.filter((line, index) => !isSameLine(line, others[index] ?? "", tolerance));
    return `${missing.slice(0, SHOWN_DIFFERENCES).join(" | ")}${missing.length > SHOWN_DIFFERENCES ? " | …" : ""}`;
  };
  const isSame =
    leftLines.length === rightLines.length &&
    leftLines.every((line, index) => isSameLine(line, rightLines[index] ?? "", tolerance));
  if (isSame) return undefined;
  return `${left.name}: ${onlyIn(leftLines, rightLines)}; ${right.name}: ${onlyIn(rightLines, leftLines)}`;
}
