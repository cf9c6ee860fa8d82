// Marks that keep themselves up to date: times, initials, the state of the connection.
import { createElement as h, useContext, useEffect, useState } from "react";
import { EventLoopContext } from "$/utils/context-registry";
import { inBrowser, store } from "./store.js";
import { useTexts } from "./texts.js";

export function initials(name) {
  const words = String(name ?? "").trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0]).join("").toUpperCase();
}

const STEPS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
const clock = store(0);
if (inBrowser) setInterval(() => clock.set(Date.now()), 20000);

function ago(date, language, style) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: style === "short" ? "narrow" : "long" });
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return format.format(0, "second");
}

export function RelativeTime({ at, styleName, className }) {
  clock.use();
  const { language } = useTexts();
  const date = at ? new Date(at) : null;
  if (!date || Number.isNaN(date.getTime())) return null;
  const exact = date.toLocaleString(language, { dateStyle: "full", timeStyle: "short" });
  return h("time", { dateTime: at, title: exact, className }, ago(date, language, styleName));
}

const online = store(true);
if (inBrowser) {
  const update = () => online.set(navigator.onLine);
  ["online", "offline"].forEach((name) => window.addEventListener(name, update));
  queueMicrotask(update);
}

/** Whether the server cannot be reached: "" while it can, else "offline" or "reconnecting". */
export function useConnectionLoss() {
  const [, errors] = useContext(EventLoopContext) ?? [];
  const isOnline = online.use();
  return !isOnline ? "offline" : errors?.length ? "reconnecting" : "";
}

export function LiveDot() {
  const t = useTexts();
  const state = useConnectionLoss() || "connected";
  const words = {
    connected: t.text("Connected"), reconnecting: t.text("Reconnecting"), offline: t.text("Offline"),
  };
  return h("span", { className: "live-dot", role: "status", "data-state": state },
    h("span", { className: "live-dot-mark", "aria-hidden": true }),
    h("span", { className: state === "connected" ? "sr-only" : "" }, words[state]));
}

export function ConnectionNotice() {
  const t = useTexts();
  const lost = Boolean(useConnectionLoss());
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) { setShown(false); return undefined; }
    const timer = setTimeout(() => setShown(true), 3000);
    return () => clearTimeout(timer);
  }, [lost]);
  return h("div", { role: "status" }, shown && h("p", { className: "connection-notice" },
    t.text("The connection is lost. Go on reading and typing: what you write is kept, and sent when it is back.")));
}
