// What pages need in the browser beside React's own: languages, times, dialogs, keys, the connection's state.
// No eval and no inline handlers: a strict content security policy holds.
import { createElement as h, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLocation, useNavigate } from "react-router";
import { EventLoopContext } from "$/utils/context-registry";

const inBrowser = typeof window !== "undefined";

/** A value that components can subscribe to; the server always sees `initial`. */
function store(initial) {
  let value = initial;
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      if (Object.is(value, next)) return;
      value = next;
      listeners.forEach((listener) => listener());
    },
    use: () =>
      useSyncExternalStore(
        (listener) => (listeners.add(listener), () => listeners.delete(listener)),
        () => value,
        () => initial,
      ),
  };
}

// ---- Texts ---------------------------------------------------------------------------------------------------------

const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (whole, name) => values?.[name] ?? whole);

function texts(language, messages) {
  const rules = new Intl.PluralRules(language);
  const forms = rules.resolvedOptions().pluralCategories;
  const numbers = new Intl.NumberFormat(language);
  return {
    language,
    text: (key, values) => fill(messages[key] || key, values),
    plural(one, many, count, values) {
      const translated = messages[one];
      const form = Array.isArray(translated)
        ? translated[Math.max(0, forms.indexOf(rules.select(count)))] ?? translated.at(-1)
        : count === 1 ? one : many;
      return fill(form, { count: numbers.format(count), ...values });
    },
  };
}

const currentTexts = store(texts("en", {}));
export const useTexts = currentTexts.use;

async function useLanguage(wanted) {
  const language = wanted.toLowerCase().split("-")[0];
  if (language === currentTexts.get().language) return;
  let messages = {};
  if (language !== "en") {
    const answer = await fetch(`/locales/${language}.json`).catch(() => null);
    if (!answer?.ok || !answer.headers.get("content-type")?.includes("json")) return;
    messages = await answer.json();
  }
  currentTexts.set(texts(language, messages));
}

const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.split("=")[1];

export function Locale() {
  const { language } = useTexts();
  useEffect(() => { useLanguage(cookie("locale") || navigator.language); }, []);
  useEffect(() => { document.documentElement.lang = language; }, [language]);
  return null;
}

export function chooseLanguage(language) {
  document.cookie = `locale=${language}; path=/; max-age=31536000; samesite=lax`;
  useLanguage(language);
}

export function initials(name) {
  const words = String(name ?? "").trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0]).join("").toUpperCase();
}

// ---- Times ---------------------------------------------------------------------------------------------------------

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

// ---- The connection ------------------------------------------------------------------------------------------------

const online = store(true);
if (inBrowser) {
  const update = () => online.set(navigator.onLine);
  ["online", "offline"].forEach((name) => window.addEventListener(name, update));
  queueMicrotask(update);
}

export function LiveDot() {
  const t = useTexts();
  const [, errors] = useContext(EventLoopContext) ?? [];
  const state = !online.use() ? "offline" : errors?.length ? "reconnecting" : "connected";
  const words = {
    connected: t.text("Connected"), reconnecting: t.text("Reconnecting"), offline: t.text("Offline"),
  };
  return h("span", { className: "live-dot", role: "status", "data-state": state },
    h("span", { className: "live-dot-mark", "aria-hidden": true }),
    h("span", { className: state === "connected" ? "sr-only" : "" }, words[state]));
}

// ---- Dialogs -------------------------------------------------------------------------------------------------------

function useHash() {
  const location = useLocation();
  return inBrowser ? decodeURIComponent(location.hash.slice(1)) : "";
}

export function Dialog({ name, title, closeLabel, children }) {
  const element = useRef(null);
  const navigate = useNavigate();
  const location = useLocation();
  const open = useHash() === name;
  const close = () => open && navigate(location.pathname + location.search, { replace: true, preventScrollReset: true });
  useEffect(() => {
    const dialog = element.current;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  const [body, actions] = children;
  return h("dialog", {
    ref: element, className: "dialog", "aria-labelledby": `dialog-${name}`,
    onCancel: (event) => { event.preventDefault(); close(); },
    onClick: (event) => event.target === element.current && close(),
  }, h("div", { className: "dialog-box" },
    h("h2", { id: `dialog-${name}`, className: "text-lg" }, title),
    body,
    h("div", { className: "dialog-actions" },
      h("button", { type: "button", className: "btn btn-ghost", onClick: close, autoFocus: true }, closeLabel),
      actions)));
}

// ---- Keys and focus ------------------------------------------------------------------------------------------------

const isTyping = (target) => target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);

/** `keys` maps "g p", "n", "/" to an address, "#hash", or "focus:<id>". */
export function Shortcuts({ keys }) {
  const navigate = useNavigate();
  const first = useRef("");
  useEffect(() => {
    const act = (what) => {
      if (what.startsWith("focus:")) document.getElementById(what.slice(6))?.focus();
      else navigate(what.startsWith("#") ? { search: window.location.search, hash: what } : what);
    };
    const onKey = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
      if (document.querySelector("dialog[open]")) return;
      const pressed = first.current ? `${first.current} ${event.key}` : event.key;
      first.current = "";
      if (keys[pressed]) { event.preventDefault(); act(keys[pressed]); }
      else if (Object.keys(keys).some((key) => key.startsWith(`${event.key} `))) {
        first.current = event.key;
        setTimeout(() => { first.current = ""; }, 1200);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [keys, navigate]);
  return null;
}

export function RouteAnnouncer() {
  const { pathname } = useLocation();
  const before = useRef(pathname);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (before.current === pathname) return undefined;
    before.current = pathname;
    const timer = setTimeout(() => {
      setSaid(document.title);
      if (document.activeElement === document.body || !document.activeElement?.closest("main")) {
        document.getElementById("main")?.focus({ preventScroll: true });
      }
    }, 100);
    return () => clearTimeout(timer);
  }, [pathname]);
  return h("p", { className: "sr-only", "aria-live": "polite" }, said);
}
