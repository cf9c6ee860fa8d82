// Forms: checked while one types, drafts kept, filters in the URL.
import { Fragment, createElement as h, useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { getDraft, removeDraft, setDraft } from "./drafts.js";
import { useConnectionLoss } from "./marks.js";
import { useTexts } from "./texts.js";
import { useWay } from "./ways.js";

const controls = (form) => [...form.elements].filter((field) => field.name && field.type !== "file" && !field.disabled);

function read(form) {
  const fields = {};
  for (const field of controls(form)) {
    if (field.type === "checkbox") fields[field.name] = field.checked;
    else if (field.type !== "radio" || field.checked) fields[field.name] = field.value;
  }
  return fields;
}

/** What is kept of a form that is not sent yet: everything but passwords. */
function draftOf(form) {
  const fields = read(form);
  controls(form).forEach((field) => { if (field.type === "password") delete fields[field.name]; });
  return fields;
}

function write(form, fields) {
  for (const field of controls(form)) {
    if (!(field.name in fields)) continue;
    const value = fields[field.name];
    if (field.type === "checkbox") field.checked = Boolean(value);
    else if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
    tellRestored(field);
  }
}

/** For fields that show what they hold in another way. */
function tellRestored(field) {
  field.dispatchEvent(new Event("restored"));
}

/** As it came from the server. */
function reset(form) {
  form.reset();
  controls(form).forEach(tellRestored);
}

/** A button that may not be pressed while the form is saved loses the focus, and what is drawn anew, too: give it back. */
function useKeptFocus(form) {
  const last = useRef(null);
  const onFocus = ({ target }) => { last.current = target; };
  const onBlur = ({ target }) => requestAnimationFrame(() => {
    if (last.current === target && target.isConnected && !target.disabled) last.current = null; // they went elsewhere
  });
  const recover = () => {
    const lost = last.current;
    if (!lost || document.activeElement !== document.body) return;
    const now = lost.isConnected ? lost : form.current.querySelector(lost.id ? `#${CSS.escape(lost.id)}` : "[type=submit]");
    now?.focus({ preventScroll: true });
    if (now && now !== lost && typeof lost.selectionStart === "number") now.setSelectionRange(lost.selectionStart, lost.selectionEnd);
  };
  return { kept: { onFocus, onBlur }, recover };
}

/** What was sent and not yet answered: the same words sent again keep their name, so that they are there once. */
function nameFor(key, fields) {
  const sent = getDraft(`${key}:sent`);
  const isSame = sent && Object.keys(fields).every((field) => sent[field] === fields[field]);
  const id = isSame ? sent.client_id : newId();
  setDraft(`${key}:sent`, { ...fields, client_id: id });
  return id;
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function LiveForm({ name, label, draft, revision, saved = 0, refused = 0, again = 0, saving = false, send, onValidate, onSave, onSent, className, children }) {
  const t = useTexts();
  const { pathname } = useLocation();
  const form = useRef(null);
  const touched = useRef(new Set());
  const timer = useRef(0);
  const busy = useRef(false);
  const [sending, setSending] = useState(false);
  const lost = Boolean(useConnectionLoss());
  const [restored, setRestored] = useState(false);
  const { kept: focusKept, recover } = useKeptFocus(form);
  const awaited = useRef(false); // counts that change otherwise come with the state, of what an earlier page has sent
  const key = `${pathname}:${name}:${draft ?? ""}`;
  const validate = () => onValidate(read(form.current), [...touched.current]);

  // Before the next effect: a form that is emptied when it was saved must not find its old words again.
  useEffect(() => {
    if (!awaited.current) return;
    awaited.current = false;
    clearTimeout(timer.current);
    removeDraft(key);
    touched.current.clear();
    setRestored(false);
  }, [saved]);
  // New values from the server: what was typed over them before, and not saved, is put back.
  useEffect(() => {
    const { client_id: _, ...unsent } = getDraft(`${key}:sent`) ?? {};
    const typed = getDraft(key) ?? unsent;
    const loaded = read(form.current);
    const changed = Object.keys(typed ?? {}).filter((field) => field in loaded && typed[field] !== loaded[field]);
    if (!changed.length) { setRestored(false); return; }
    write(form.current, typed);
    changed.forEach((field) => touched.current.add(field));
    setRestored(true);
    validate();
  }, [key, revision]);
  useEffect(recover, [revision]);
  useEffect(() => {
    if (!awaited.current) return;
    awaited.current = false;
    form.current.querySelector('[aria-invalid="true"]')?.focus();
  }, [refused]);
  useEffect(() => { if (awaited.current) form.current.requestSubmit(); }, [again]);
  const release = () => { busy.current = false; setSending(false); };
  useEffect(() => {
    if (saving) return;
    release();
    recover();
  }, [saving, saved, refused]);
  // A lost answer must not lock the form. While the connection is lost the event waits, and a second one would too.
  useEffect(() => {
    if (!sending || lost) return undefined;
    const unlock = setTimeout(release, 10000);
    return () => clearTimeout(unlock);
  }, [sending, lost]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const onInput = (event) => {
    const name = event.target.name || event.target.dataset.sends; // a field may show what another one holds
    if (name) touched.current.add(name);
    setDraft(key, draftOf(form.current)); // at once: the next moment may be the tab's last
    clearTimeout(timer.current);
    timer.current = setTimeout(validate, 300);
  };
  const onKeyDown = (event) => { // a text has lines of its own, so Enter alone is one of them
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.target.tagName !== "TEXTAREA") return;
    event.preventDefault();
    form.current.requestSubmit();
  };
  const onSubmit = (event) => {
    event.preventDefault();
    if (send) { sendAway(read(form.current)); return; }
    const onItsWay = form.current.querySelector("[data-busy]"); // a file that belongs to what is to be saved
    if (onItsWay) { onItsWay.focus(); return; }
    if (busy.current) return;
    busy.current = awaited.current = true;
    setSending(true);
    clearTimeout(timer.current);
    setDraft(key, draftOf(form.current));
    onSave(read(form.current));
  };
  // The words leave the form at once, and come back to it if they are refused.
  const sendAway = (fields) => {
    clearTimeout(timer.current);
    const id = nameFor(key, fields);
    const forget = () => { if (getDraft(`${key}:sent`)?.client_id === id) removeDraft(`${key}:sent`); }; // not what was sent after it
    const giveBack = () => {
      forget();
      setDraft(key, fields);
      if (!form.current) return;
      write(form.current, fields);
      Object.keys(fields).forEach((field) => touched.current.add(field));
      validate();
      controls(form.current)[0]?.focus();
    };
    if (!send(fields, id, {
      sent: () => { forget(); onSent?.(); },
      dropped: forget,
      refused: giveBack,
    })) { giveBack(); return; }
    removeDraft(key);
    reset(form.current);
    touched.current.clear();
    setRestored(false);
  };
  const discard = () => { removeDraft(key); removeDraft(`${key}:sent`); reset(form.current); touched.current.clear(); setRestored(false); validate(); };
  return h("form", {
    ref: form, id: `${name}-form`, noValidate: true, "data-sending": sending ? "" : undefined,
    "aria-label": label || undefined, className, onInput, onKeyDown, onSubmit, ...focusKept,
  },
    restored && h("p", { className: "draft-notice", role: "status" }, t.text("What you had typed is back."), " ",
      h("button", { type: "button", onClick: discard }, t.text("Discard it"))),
    h(Fragment, { key: revision }, children));
}

export function QueryForm({ label, to, className, children }) {
  const form = useRef(null);
  const timer = useRef(0);
  const navigate = useNavigate();
  const lost = Boolean(useConnectionLoss());
  const hold = useWay(lost);
  const { pathname, search } = useLocation();
  const isFilled = useRef(false); // a field that has the focus from the start is filled once, and then left alone
  useEffect(() => {
    const query = new URLSearchParams(search);
    for (const field of controls(form.current)) {
      if (!isFilled.current || field !== document.activeElement) write(form.current, { [field.name]: field.type === "checkbox" ? query.has(field.name) : query.get(field.name) ?? "" });
    }
    isFilled.current = true;
  }, [search]);
  useEffect(() => { // a select whose options come later, or become others, shows what the address says as soon as it can
    const observer = new MutationObserver((changes) => {
      const query = new URLSearchParams(window.location.search);
      const selects = new Set(changes.map(({ target }) => target.closest("select")).filter((select) => select?.name));
      selects.forEach(({ name }) => write(form.current, { [name]: query.get(name) ?? "" }));
    });
    observer.observe(form.current, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, []);
  const go = () => {
    clearTimeout(timer.current);
    const query = to ? new URLSearchParams() : new URLSearchParams(window.location.search);
    ["page", "after", "before"].forEach((name) => query.delete(name));
    const unsaid = new Set(controls(form.current).filter((field) => field.selectedIndex === -1).map(({ name }) => name)); // what the address says is not offered yet
    for (const [name, value] of Object.entries(read(form.current))) {
      if (unsaid.has(name)) continue;
      if (value) query.set(name, value === true ? "on" : value); else query.delete(name);
    }
    const asked = query.toString();
    if (to && lost) hold(`${to}?${asked}`);
    else navigate({ pathname: to || pathname, search: asked }, { replace: !to, preventScrollReset: !to });
  };
  const onInput = (event) => {
    if (to) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(go, event.target.type === "text" || event.target.type === "search" ? 300 : 0);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return h("form", { ref: form, role: "search", "aria-label": label, className, onInput, onSubmit: (event) => { event.preventDefault(); go(); } }, children);
}
