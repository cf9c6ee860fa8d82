// A chart as its parts want it: times as the reader's clock says them. It knows no page, so that tests play it in Node.
import { clock, show } from "./format.js";

/** The points for the drawing, each with its time as a text. */
export function pointsOf(texts, { points }) {
  return points.map((point) => ({ ...point, time: clock(texts.language).format(point.at * 1000) }));
}

/** The same for the table: the moments in which something happened to one of these lines. */
export function momentsOf(texts, chart, ...keys) {
  const hasSomething = (point) => keys.some((key) => point[key] !== null && point[key] !== undefined && point[key] !== 0);
  return pointsOf(texts, chart).filter(hasSomething).map((point) => ({ ...point, id: String(point.at) }));
}

/** What a line was last, with its unit. */
export function latestOf(texts, { points, unit }, key) {
  const last = points.findLast((point) => point[key] !== null && point[key] !== undefined);
  return last ? `${show(texts, last[key], "number")}${unitOf(texts, { unit })}` : show(texts, null);
}

/** Whether the values between two whole ones mean something: there is no half of a tab or a post. */
export const hasFractions = (texts, { unit }) => unit !== "" && unit !== "/min";

/** Behind the figures of an axis. */
export function unitOf(texts, { unit }) { return unit && unit !== "%" && !unit.startsWith("/") ? ` ${unit}` : unit; }

/** What a chart is of, for those who cannot see it. */
export function nameOf(texts, chart) {
  return `${describe(texts, chart)}${chart.unit ? ` (${chart.unit})` : ""}`;
}

/** What a chart's description says in the reader's language. */
export function describe(texts, { description, kind }) {
  const what = texts.text(description);
  return kind === "classes" ? texts.text("By status: %(what)s", { what }) : what;
}
