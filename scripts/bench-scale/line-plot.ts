/** A line plot as SVG text: a few series over a logarithmic axis of node counts. */

export interface PlotSeries {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Plot {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** Shown as a dashed line: what would be perfect. */
  readonly ideal: (x: number) => number;
  readonly series: readonly PlotSeries[];
}

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = { left: 64, right: 24, top: 48, bottom: 96 };
/** Told apart by those who see few colours as well: each has its own mark. */
const COLOURS = ["#0b6e99", "#c2410c", "#4d7c0f", "#7e22ce", "#334155"];
const FONT = 'font-family="system-ui, sans-serif" fill="#1f2937"';
const Y_STEPS = 5;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const rounded = (value: number): string => value.toFixed(1);

/** The least of 1, 2, 5, 10 … that is not below a value. */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

export function linePlot({ title, xTitle, yTitle, ideal, series }: Plot): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((left, right) => left - right);
  const [least = 1, most = least] = [xs[0], xs.at(-1)];
  const highest = Math.max(ideal(most), ideal(least), ...series.flatMap(({ points }) => points.map(({ y }) => y)));
  const top = niceCeiling(highest);
  const span = Math.log2(most / least) || 1;
  const placeX = (x: number): number =>
    MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * Math.log2(x / least)) / span;
  const placeY = (y: number): number => HEIGHT - MARGIN.bottom - ((HEIGHT - MARGIN.top - MARGIN.bottom) * y) / top;
  const place = (x: number, y: number): string => `${rounded(placeX(x))},${rounded(placeY(y))}`;
  const dashed = xs.map((x) => place(x, ideal(x))).join(" ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${MARGIN.left}" y="28" font-size="16" font-weight="600" ${FONT}>${escaped(title)}</text>`,
    ...Array.from({ length: Y_STEPS + 1 }, (_, step) => yTick((top * step) / Y_STEPS, placeY)),
    ...xs.map((x) => xTick(x, placeX)),
    `<text x="${WIDTH / 2}" y="${HEIGHT - MARGIN.bottom + 40}" text-anchor="middle" font-size="13" ${FONT}>${escaped(xTitle)}</text>`,
    `<text transform="translate(18 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle" font-size="13" ${FONT}>${escaped(yTitle)}</text>`,
    `<polyline points="${dashed}" fill="none" stroke="#9ca3af" stroke-width="1.5" stroke-dasharray="6 5"/>`,
    ...series.map((one, index) => drawn(one, index, place)),
    ...series.map((one, index) => legend(one.name, index)),
    "</svg>",
    "",
  ].join("\n");
}

function yTick(y: number, placeY: (y: number) => number): string {
  const at = rounded(placeY(y));
  const label = Number(y.toFixed(2));
  return (
    `<line x1="${MARGIN.left}" y1="${at}" x2="${WIDTH - MARGIN.right}" y2="${at}" stroke="#e5e7eb"/>` +
    `<text x="${MARGIN.left - 8}" y="${at}" dy="4" text-anchor="end" font-size="12" ${FONT}>${label}</text>`
  );
}

function xTick(x: number, placeX: (x: number) => number): string {
  const y = HEIGHT - MARGIN.bottom;
  const at = rounded(placeX(x));
  return `<text x="${at}" y="${y + 20}" text-anchor="middle" font-size="12" ${FONT}>${x}</text>`;
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? "#000000";
}

function mark(at: string, index: number): string {
  const [x, y] = at.split(",");
  const colour = colourOf(index);
  if (index % 2 === 0) return `<circle cx="${x}" cy="${y}" r="4" fill="${colour}"/>`;
  return `<rect x="${Number(x) - 4}" y="${Number(y) - 4}" width="8" height="8" fill="${colour}"/>`;
}

function drawn({ points }: PlotSeries, index: number, place: (x: number, y: number) => string): string {
  const places = points.map(({ x, y }) => place(x, y));
  const line = `<polyline points="${places.join(" ")}" fill="none" stroke="${colourOf(index)}" stroke-width="2"/>`;
  return line + places.map((at) => mark(at, index)).join("");
}

function legend(name: string, index: number): string {
  const x = MARGIN.left + (index % 2) * 280;
  const y = HEIGHT - 34 + Math.floor(index / 2) * 18;
  return `${mark(`${x},${y - 4}`, index)}<text x="${x + 12}" y="${y}" font-size="12" ${FONT}>${escaped(name)}</text>`;
}
