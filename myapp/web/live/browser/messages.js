// What the server says: messages above the page, and words to the browser.
import { createElement as h, useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { store } from "./store.js";
import { useTexts } from "./texts.js";

const said = store("");
const ACTS = {
  scroll_to: (id) => document.getElementById(id)?.scrollIntoView({ behavior: "smooth", block: "start" }),
  focus: (id) => document.getElementById(id)?.focus(),
  announce: (text) => said.set(text),
  load: (path) => window.location.assign(path),
};

/** Acts once on each word. */
export function Pushes({ items }) {
  const last = useRef(0);
  const navigate = useNavigate();
  const text = said.use();
  useEffect(() => {
    for (const { id, name, detail } of items ?? []) {
      if (id <= last.current) continue;
      last.current = id;
      if (name === "close_dialog") navigate(window.location.pathname + window.location.search, { replace: true, preventScrollReset: true });
      else if (name === "open_dialog") navigate(`${window.location.pathname}${window.location.search}#${detail}`, { preventScrollReset: true });
      else ACTS[name]?.(detail);
    }
  }, [items]);
  return h("p", { className: "sr-only", "aria-live": "polite" }, text);
}

const LASTING = 8000;

/** Messages above the page. Good news goes away by itself, unless somebody points at it or is in it. */
export function Flashes({ items, onDismiss }) {
  const t = useTexts();
  const region = useRef(null);
  const timers = useRef(new Map()); // each counts from when its message came, whatever comes after it
  const dismiss = useRef(onDismiss);
  dismiss.current = onDismiss;
  useEffect(() => {
    const there = new Set((items ?? []).map(({ id }) => id));
    for (const [id, timer] of timers.current) if (!there.has(id)) { clearTimeout(timer); timers.current.delete(id); }
    for (const { id, tone } of items ?? []) {
      if ((tone !== "success" && tone !== "info") || timers.current.has(id)) continue;
      const go = () => {
        if (!region.current?.matches(":hover, :focus-within")) dismiss.current(id);
        else timers.current.set(id, setTimeout(go, LASTING));
      };
      timers.current.set(id, setTimeout(go, LASTING));
    }
  }, [items]);
  useEffect(() => () => timers.current.forEach(clearTimeout), []);
  return h("div", { ref: region, className: "flashes", role: "region", "aria-label": t.text("Messages"), "aria-live": "polite" },
    (items ?? []).map(({ id, tone, text }) =>
      h("div", { key: id, className: `flash flash-${tone}`, role: tone === "error" ? "alert" : "status" },
        h("p", null, text),
        h("button", { type: "button", "aria-label": t.text("Dismiss"), onClick: () => onDismiss(id) }, "\u00d7"))));
}
