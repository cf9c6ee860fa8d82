// What pages need in the browser beside React's own: languages, times, dialogs, keys, the connection's state.
// No eval and no inline handlers: a strict content security policy holds.
import { Component, Fragment, createElement as h, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLocation, useNavigate } from "react-router";
import { ColorModeContext, EventLoopContext } from "$/utils/context-registry";

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
  const has = rules.resolvedOptions().pluralCategories;
  const forms = ["zero", "one", "two", "few", "many", "other"].filter((form) => has.includes(form)); // gettext's order
  const numbers = new Intl.NumberFormat(language);
  return {
    language,
    numbers,
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
  return h("p", { className: "sr-only", role: "status" }, said);
}

// ---- Forms ---------------------------------------------------------------------------------------------------------

const controls = (form) => [...form.elements].filter((field) => field.name && field.type !== "file" && !field.disabled);

function read(form) {
  const fields = {};
  for (const field of controls(form)) {
    if (field.type === "checkbox") fields[field.name] = field.checked;
    else if (field.type !== "radio" || field.checked) fields[field.name] = field.value;
  }
  return fields;
}

function write(form, fields) {
  for (const field of controls(form)) {
    if (!(field.name in fields)) continue;
    const value = fields[field.name];
    if (field.type === "checkbox") field.checked = Boolean(value);
    else if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
    field.dispatchEvent(new Event("restored")); // for fields that show what they hold in another way
  }
}

const drafts = {
  get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  set(key, fields) { try { localStorage.setItem(key, JSON.stringify(fields)); } catch { /* full or forbidden */ } },
  remove(key) { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
};

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export function LiveForm({ name, label, draft, revision, saved, refused, saving, onValidate, onSave, className, children }) {
  const t = useTexts();
  const { pathname } = useLocation();
  const form = useRef(null);
  const touched = useRef(new Set());
  const timer = useRef(0);
  const busy = useRef(false);
  const [restored, setRestored] = useState(false);
  const seen = useRef(saved); // a count that was there before this form says nothing about its draft
  const key = `draft:${pathname}:${name}:${draft ?? ""}`;
  const validate = () => onValidate(read(form.current), [...touched.current]);

  // Before the next effect: a form that is emptied when it was saved must not find its old words again.
  useEffect(() => {
    if (saved === seen.current) return;
    seen.current = saved;
    clearTimeout(timer.current);
    drafts.remove(key);
    touched.current.clear();
    setRestored(false);
  }, [saved]);
  // New values from the server: what was typed over them before, and not saved, is put back.
  useEffect(() => {
    const typed = drafts.get(key);
    if (!typed || same({ ...read(form.current), ...typed }, read(form.current))) { setRestored(false); return; }
    write(form.current, typed);
    Object.keys(typed).forEach((field) => touched.current.add(field));
    setRestored(true);
    validate();
  }, [key, revision]);
  useEffect(() => { if (refused) form.current.querySelector('[aria-invalid="true"]')?.focus(); }, [refused]);
  useEffect(() => { if (!saving) busy.current = false; }, [saving, saved, refused]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const onInput = (event) => {
    if (event.target.name) touched.current.add(event.target.name);
    drafts.set(key, read(form.current)); // at once: the next moment may be the tab's last
    clearTimeout(timer.current);
    timer.current = setTimeout(validate, 300);
  };
  const onSubmit = (event) => {
    event.preventDefault();
    if (busy.current) return;
    busy.current = true;
    setTimeout(() => { busy.current = false; }, 10000); // a lost answer must not lock the form
    clearTimeout(timer.current);
    drafts.set(key, read(form.current));
    onSave(read(form.current));
  };
  const discard = () => { drafts.remove(key); form.current.reset(); touched.current.clear(); setRestored(false); validate(); };
  return h("form", { ref: form, noValidate: true, "aria-label": label || undefined, className, onInput, onSubmit },
    restored && h("p", { className: "draft-notice", role: "status" }, t.text("What you had typed is back."), " ",
      h("button", { type: "button", onClick: discard }, t.text("Discard it"))),
    h(Fragment, { key: revision }, children));
}

export function QueryForm({ label, to, className, children }) {
  const form = useRef(null);
  const timer = useRef(0);
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const isFilled = useRef(false); // a field that has the focus from the start is filled once, and then left alone
  useEffect(() => {
    const query = new URLSearchParams(search);
    for (const field of controls(form.current)) {
      if (!isFilled.current || field !== document.activeElement) write(form.current, { [field.name]: field.type === "checkbox" ? query.has(field.name) : query.get(field.name) ?? "" });
    }
    isFilled.current = true;
  }, [search]);
  const go = () => {
    clearTimeout(timer.current);
    const query = to ? new URLSearchParams() : new URLSearchParams(window.location.search);
    ["page", "after", "before"].forEach((name) => query.delete(name));
    for (const [name, value] of Object.entries(read(form.current))) {
      if (value) query.set(name, value === true ? "on" : value); else query.delete(name);
    }
    const target = { pathname: to || pathname, search: query.toString() };
    navigate(target, { replace: !to, preventScrollReset: !to });
  };
  const onInput = (event) => {
    if (to) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(go, event.target.type === "text" || event.target.type === "search" ? 300 : 0);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return h("form", { ref: form, role: "search", "aria-label": label, className, onInput, onSubmit: (event) => { event.preventDefault(); go(); } }, children);
}

// ---- Words from the server -----------------------------------------------------------------------------------------

const said = store("");
const ACTS = {
  scroll_to: (id) => document.getElementById(id)?.scrollIntoView({ behavior: "smooth", block: "start" }),
  focus: (id) => document.getElementById(id)?.focus(),
  announce: (text) => said.set(text),
};

/** Acts once on each word; what was there before the page came to life is old. */
export function Pushes({ items }) {
  const last = useRef(0);
  const navigate = useNavigate();
  const text = said.use();
  useEffect(() => {
    for (const { id, name, detail } of items ?? []) {
      if (id <= last.current) continue;
      last.current = id;
      if (name === "close_dialog") navigate(window.location.pathname + window.location.search, { replace: true, preventScrollReset: true });
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
  useEffect(() => {
    const timers = (items ?? []).filter(({ tone }) => tone === "success" || tone === "info").map(({ id }) =>
      setTimeout(() => { if (!region.current?.matches(":hover, :focus-within")) onDismiss(id); }, LASTING));
    return () => timers.forEach(clearTimeout);
  }, [items]);
  return h("div", { ref: region, className: "flashes", role: "region", "aria-label": t.text("Messages"), "aria-live": "polite" },
    (items ?? []).map(({ id, tone, text }) =>
      h("div", { key: id, className: `flash flash-${tone}`, role: tone === "error" ? "alert" : "status" },
        h("p", null, text),
        h("button", { type: "button", "aria-label": t.text("Dismiss"), onClick: () => onDismiss(id) }, "\u00d7"))));
}

// ---- The layout's own pieces ---------------------------------------------------------------------------------------

export function Menu({ name, label, face, side, children }) {
  const panel = useRef(null);
  const [open, setOpen] = useState(false);
  const { key } = useLocation();
  useEffect(() => { if (panel.current?.matches(":popover-open")) panel.current.hidePopover(); }, [key]);
  return h("div", { className: "menu-anchor" },
    h("button", {
      type: "button", className: "menu-button", popoverTarget: `menu-${name}`,
      "aria-label": label, "aria-expanded": open, "aria-controls": `menu-${name}`,
    }, face),
    h("div", {
      ref: panel, id: `menu-${name}`, popover: "auto", className: "menu-panel", "data-side": side,
      onToggle: (event) => setOpen(event.newState === "open"),
    }, children));
}

export function SkipLink({ children }) {
  const skip = (event) => { event.preventDefault(); document.getElementById("main")?.focus(); };
  return h("a", { href: "#main", className: "skip-link", onClick: skip }, children);
}

export function LanguageChoice({ languages, label }) {
  const { language } = useTexts();
  return h("label", { className: "choice" }, h("span", null, label),
    h("select", { className: "select select-sm", value: language, onChange: (event) => chooseLanguage(event.target.value) },
      languages.map(([code, name]) => h("option", { key: code, value: code, lang: code }, name))));
}

export function ThemeChoice() {
  const t = useTexts();
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const modes = [["light", t.text("Light")], ["dark", t.text("Dark")], ["system", t.text("System")]];
  return h("fieldset", { className: "choice" }, h("legend", null, t.text("Theme")),
    h("div", { className: "segments" }, modes.map(([mode, text]) =>
      h("button", { key: mode, type: "button", "aria-pressed": rawColorMode === mode, onClick: () => setColorMode(mode) }, text))));
}

export function ConnectionNotice() {
  const t = useTexts();
  const [, errors] = useContext(EventLoopContext) ?? [];
  const lost = !online.use() || Boolean(errors?.length);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) { setShown(false); return undefined; }
    const timer = setTimeout(() => setShown(true), 3000);
    return () => clearTimeout(timer);
  }, [lost]);
  return h("div", { role: "status" }, shown && h("p", { className: "connection-notice" },
    t.text("The connection is lost. You can go on reading and typing; it comes back by itself.")));
}

export class Boundary extends Component {
  state = { failed: false };
  static getDerivedStateFromError() { return { failed: true }; }
  componentDidCatch(error) { window.reportError?.(error); }
  render() {
    if (!this.state.failed) return this.props.children;
    const t = currentTexts.get();
    return h("main", { className: "failed-page", role: "alert" },
      h("h1", { className: "text-xl" }, t.text("This page could not be shown")),
      h("p", null, t.text("Something went wrong on our side, and it is noted. What you typed is kept.")),
      h("button", { type: "button", className: "btn btn-primary", onClick: () => window.location.reload() }, t.text("Load it again")));
  }
}
