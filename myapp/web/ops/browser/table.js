// A table of rows that come by themselves: ordered by any column, searched, and one card a row on a phone.
import { createElement as h, useId, useState } from "react";
import { Link } from "react-router";
import { RelativeTime } from "../../live/browser/marks.js";
import { useTexts } from "../../live/browser/texts.js";
import { isFigure, show } from "./format.js";
import { found, isMissing, ordered, orderOf, worded } from "./order.js";

const FEW = 10; // rows that are shown at first, as a page has several tables

export function LiveTable({ rows, columns, caption, order, find, empty, className }) {
  const t = useTexts();
  const [sort, setSort] = useState(() => orderOf(order));
  const [words, setWords] = useState("");
  const [isWhole, setWhole] = useState(false);
  const all = worded(rows ?? [], columns);
  const fitting = ordered(found(all, words, columns.map(({ key }) => key)), sort);
  const shown = isWhole || words ? fitting : fitting.slice(0, FEW);
  if (!all.length) return h("p", { className: "py-3 text-sm text-muted" }, empty);
  return h("div", { className },
    h(Tools, { t, find, words, setWords, columns, sort, setSort, caption }),
    h("p", { role: "status", className: "sr-only" }, words ? t.text("%(count)s of %(total)s", { count: fitting.length, total: all.length }) : ""),
    h("div", { className: "overflow-x-auto" }, h("table", { role: "table", className: "stacking w-full border-collapse text-sm" },
      h("caption", { className: "sr-only" }, caption),
      h("thead", { role: "rowgroup", className: "text-left text-xs text-muted" },
        h("tr", { role: "row" }, columns.map((column) => h(Head, { key: column.key, column, sort, setSort })))),
      h("tbody", { role: "rowgroup" }, shown.map((row) => h("tr", { key: row.id, role: "row", className: "border-t border-line" },
        columns.map((column) => h(Cell, { key: column.key, t, column, row }))))))),
    fitting.length === 0 && h("p", { className: "border-t border-line py-3 text-sm text-muted" }, t.text("Nothing fits these words.")),
    fitting.length > shown.length && h("button", {
      type: "button", className: "btn btn-ghost btn-sm mt-1 font-medium", onClick: () => setWhole(true),
    }, t.text("Show all %(count)s", { count: fitting.length })));
}

function Tools({ t, find, words, setWords, columns, sort, setSort, caption }) {
  const id = useId();
  const chosen = `${sort.isDescending ? "-" : ""}${sort.key}`;
  return h("div", { className: `flex flex-wrap items-end gap-2 ${find ? "mb-2" : "mb-2 sm:hidden"}` },
    find && h("input", {
      type: "search", value: words, "aria-label": find, placeholder: find, autoComplete: "off",
      onChange: (event) => setWords(event.target.value),
      className: "input input-sm w-full border-edge bg-base-100 placeholder:text-muted sm:max-w-64",
    }),
    h("label", { htmlFor: id, className: "sr-only" }, `${t.text("Order by")}: ${caption}`),
    h("select", {
      id, value: chosen, onChange: (event) => setSort(orderOf(event.target.value)),
      className: "select select-sm w-full border-edge bg-base-100 sm:hidden",
    }, columns.map(({ key, label, kind }) => {
      const value = `${isFigure(kind) || kind === "ago" ? "-" : ""}${key}`;
      return h("option", { key, value: key === sort.key ? chosen : value }, label);
    })));
}

function Head({ column: { key, label, kind }, sort, setSort }) {
  const isHere = sort.key === key;
  const press = () => setSort({ key, isDescending: isHere ? !sort.isDescending : isFigure(kind) || kind === "ago" });
  return h("th", {
    scope: "col", role: "columnheader", "aria-sort": isHere ? (sort.isDescending ? "descending" : "ascending") : "none",
    className: `whitespace-nowrap px-2 py-1.5 font-medium first:ps-0 last:pe-0 ${isFigure(kind) ? "text-right" : ""}`,
  }, h("button", { type: "button", onClick: press, className: `cursor-pointer hover:text-base-content ${isHere ? "text-base-content" : ""}` },
    label, h("span", { "aria-hidden": true, className: "inline-block w-3" }, isHere ? (sort.isDescending ? "↓" : "↑") : "")));
}

const LOOKS = { code: "font-mono text-xs wrap-anywhere sm:min-w-24", text: "wrap-anywhere", ago: "whitespace-nowrap text-muted" };
const INKS = { error: "text-error", warning: "text-warning", success: "text-success", muted: "text-muted" };

function Cell({ t, column: { key, label, kind, href, tone, before }, row }) {
  const value = row[key];
  const sign = before && row[before] ? `${row[before]} ` : "";
  const face = kind === "ago" && value ? h(RelativeTime, { at: value }) : sign + show(t, value, kind);
  const to = href ? row[href] : "";
  const look = isFigure(kind) ? "tabular text-right whitespace-nowrap" : LOOKS[kind] ?? LOOKS.text;
  const clip = kind === "code" ? "line-clamp-2" : "";
  return h("td", {
    role: "cell", "data-label": label, "data-nothing": isMissing(value) || undefined, className: `align-baseline sm:px-2 sm:py-1.5 sm:first:ps-0 sm:last:pe-0 ${look} ${INKS[tone && row[tone]] ?? ""}`,
  }, to ? h(Link, { to, preventScrollReset: true, className: `${clip} text-primary underline-offset-[0.2em] hover:underline` }, face) : h("span", { className: clip }, face));
}
