// A chart as its parts want it: times as the reader's clock says them. It knows no page, so that tests play it in Node.
import { clock, show } from "./format.js";

/** The points for the drawing, each with its time as a text. */
export function pointsOf(texts, { points }) {
  return points.map((point) => ({ ...point, time: clock(texts.language).format(point.at * 1000) }));
}

/** The same for the table: the moments in which something happened. */
export function momentsOf(texts, chart) {
  return pointsOf(texts, chart).filter(({ value }) => value !== null && value !== 0).map((point) => ({ ...point, id: String(point.at) }));
}

/** What it was last, with its unit. */
export function latestOf(texts, { points, unit }) {
  const last = points.findLast(({ value }) => value !== null);
  return last ? `${show(texts, last.value, "number")}${unitOf(texts, { unit })}` : show(texts, null);
}

/** Behind the figures of an axis. */
export function unitOf(texts, { unit }) { return unit && unit !== "%" && !unit.startsWith("/") ? ` ${unit}` : unit; }

/** What a chart is of, for those who cannot see it. */
export function nameOf(texts, { description, unit }) {
  return `${texts.text(description)}${unit ? ` (${unit})` : ""}`;
}

/** What a chart's description says in the reader's language. */
export function describe(texts, { description }) { return texts.text(description); }
