// A field with a list of what may be meant, which the server searches while one types.
import { createElement as h, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTexts } from "./browser/texts.js";

const PAUSE = 300; // ms after the last letter
const PATIENCE = 10000; // ms until an answer is said to be lost
const FULL = 20; // suggestions of one answer
const GAP = 4; // px between the field and the list
const ROOM = 240; // px that the list has at its best

let questions = 0;
/** Unlike that of any question which the state may still hold the answer to. */
const newQuestion = () => `${Date.now()}-${questions += 1}`;

/** Which part of a text with commas the cursor is in. */
function nameAt({ value, selectionStart }) {
  const start = value.lastIndexOf(",", selectionStart - 1) + 1;
  const comma = value.indexOf(",", selectionStart);
  return { start, end: comma < 0 ? value.length : comma };
}

const same = (text) => text.trim().toLowerCase();

/** What the names before and behind the cursor leave to be offered. */
function withoutOthers(field, options) {
  const { start, end } = nameAt(field);
  const others = [...field.value.slice(0, start).split(","), ...field.value.slice(end).split(",")].map(same);
  return options.filter(({ name }) => !others.includes(same(name)));
}

/** Beneath the field or above it, wherever there is room: what a phone's keyboard covers is none. */
function place(panel, field) {
  const { top, bottom, left, width } = field.getBoundingClientRect();
  const { offsetTop, height } = window.visualViewport;
  const below = offsetTop + height - bottom - 2 * GAP;
  const above = top - offsetTop - 2 * GAP;
  const isAbove = below < ROOM && above > below;
  Object.assign(panel.style, {
    left: `${left}px`, width: `${width}px`, maxHeight: `${Math.min(isAbove ? above : below, ROOM)}px`,
    top: isAbove ? "auto" : `${bottom + GAP}px`,
    bottom: isAbove ? `${document.documentElement.clientHeight - top + GAP}px` : "auto",
  });
}

/** The list lies over everything, also over a dialog, and goes where the field goes. */
function usePlaced(isOpen, panel, field, content) {
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    const element = panel.current;
    const follow = () => place(element, field.current);
    element.showPopover();
    follow();
    window.addEventListener("scroll", follow, { capture: true, passive: true });
    window.visualViewport.addEventListener("resize", follow);
    window.visualViewport.addEventListener("scroll", follow);
    return () => {
      window.removeEventListener("scroll", follow, { capture: true });
      window.visualViewport.removeEventListener("resize", follow);
      window.visualViewport.removeEventListener("scroll", follow);
      if (element.isConnected) element.hidePopover();
    };
  }, [isOpen]);
  useLayoutEffect(() => { if (isOpen) place(panel.current, field.current); }, [content]);
}

/** What the field has asked, and the last answer to a question of its own. */
function useAnswers(suggestions, answered, onSuggest) {
  const [question, setQuestion] = useState(null);
  const [isLate, setIsLate] = useState(false);
  const last = useRef([]);
  const timer = useRef(0);
  const isAnswered = question !== null && answered === question;
  if (isAnswered) last.current = suggestions;
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (question === null || isAnswered) return undefined;
    const late = setTimeout(() => setIsLate(true), PATIENCE);
    return () => { clearTimeout(late); setIsLate(false); };
  }, [question, isAnswered]);
  const ask = (words, pause) => {
    const next = newQuestion();
    clearTimeout(timer.current);
    setQuestion(next); // at once: what answers an older one is no longer wanted
    timer.current = setTimeout(() => onSuggest(words, next), pause);
  };
  const forget = () => {
    clearTimeout(timer.current);
    setQuestion(null);
    last.current = [];
  };
  return { options: last.current, isAnswered, isLate, ask, forget };
}

export function Combobox({ kind, id, name, value, nothing, suggestions, answered, onSuggest, onChoose, className, ...props }) {
  const t = useTexts();
  const field = useRef(null);
  const chosen = useRef(null);
  const panel = useRef(null);
  const asked = useRef("");
  const isOurs = useRef(false); // what is written into the field by a choice is no typing
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const listId = `${useId()}list`;
  const { options: found, isAnswered, isLate, ask, forget } = useAnswers(suggestions, answered, onSuggest);
  const options = kind === "names" && field.current ? withoutOthers(field.current, found) : found;
  const optionId = (index) => `${listId}-${index}`;
  usePlaced(isOpen, panel, field, `${options.map((option) => option.value)} ${isAnswered} ${isLate}`);
  useEffect(() => { document.getElementById(optionId(active))?.scrollIntoView({ block: "nearest" }); }, [active]);
  useEffect(() => setActive(-1), [answered]); // another list: what was marked in the one before is not meant

  const words = () => {
    const { start, end } = kind === "names" ? nameAt(field.current) : {};
    return field.current.value.slice(start, end).trim();
  };
  const search = (pause) => {
    asked.current = words();
    ask(asked.current, pause);
    setActive(-1);
    setIsOpen(true);
  };
  const close = () => { setIsOpen(false); setActive(-1); forget(); };
  const tell = () => {
    isOurs.current = true;
    field.current.dispatchEvent(new Event("input", { bubbles: true }));
    isOurs.current = false;
  };
  const complete = (text) => {
    const { start, end } = nameAt(field.current);
    const before = field.current.value.slice(0, start).trimEnd();
    const begun = `${before}${before && " "}${text}, `;
    field.current.value = begun + field.current.value.slice(end + 1).trimStart();
    field.current.setSelectionRange(begun.length, begun.length);
  };
  const choose = (option) => {
    if (kind === "names") complete(option.name);
    else field.current.value = kind === "choice" ? option.name : "";
    if (kind === "choice") chosen.current.value = option.value;
    close();
    field.current.focus();
    if (kind === "adding") onChoose(option.value);
    else tell();
  };
  /** The one that is called just what was typed. */
  const meant = () => {
    const fitting = isAnswered ? options.filter((option) => same(option.name) === same(field.current.value)) : [];
    return fitting.length === 1 && kind !== "names" ? fitting[0] : null;
  };

  const onInput = (event) => {
    if (kind === "adding") event.stopPropagation(); // no part of the form that it stands in
    if (isOurs.current) return;
    if (kind === "choice") chosen.current.value = "";
    search(PAUSE);
  };
  const move = (by) => {
    if (!isOpen) search(0);
    else if (options.length) setActive((active + by + options.length + (active < 0 && by < 0 ? 1 : 0)) % options.length);
  };
  const onSelect = () => { if (isOpen && words() !== asked.current) search(PAUSE); }; // the cursor is at another name
  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const option = options[active] ?? meant();
    if (step) { event.preventDefault(); move(step); }
    else if (event.key === "Escape" && isOpen) { event.preventDefault(); close(); } // and what it stands in stays open
    else if (event.key === "Enter" && isOpen && option) { event.preventDefault(); choose(option); }
    else if (event.key === "Enter" && kind === "adding") event.preventDefault();
  };
  const onBlur = () => {
    const option = kind === "choice" && isOpen && !chosen.current.value ? meant() : null;
    if (option) { chosen.current.value = option.value; tell(); }
    close();
  };

  const many = t.plural("%(count)s suggestion", "%(count)s suggestions", options.length);
  const more = options.length === FULL ? ` ${t.text("There are more: type on.")}` : "";
  const said = isLate ? t.text("No suggestions came. Type on to ask again.")
    : !isAnswered ? t.text("Searching") : options.length ? many + more : nothing;
  return h("div", { className: "combobox" },
    h("input", {
      ...props, ref: field, id, type: "text", role: "combobox", className, defaultValue: value,
      name: { names: name, choice: `${name}_name` }[kind],
      autoComplete: "off", autoCorrect: "off", spellCheck: false,
      "aria-autocomplete": "list", "aria-expanded": isOpen, "aria-controls": listId,
      "aria-activedescendant": active < 0 ? undefined : optionId(active),
      onInput, onSelect, onKeyDown, onBlur, onClick: () => { if (!isOpen) search(0); },
    }),
    // Not type="hidden": React would set its value again when it draws the form, over one that was put back.
    kind === "choice" && h("input", { ref: chosen, name, hidden: true, readOnly: true, defaultValue: "" }),
    h("div", { ref: panel, popover: "manual", className: "combobox-panel", onMouseDown: (event) => event.preventDefault() },
      h("ul", { id: listId, role: "listbox", "aria-label": t.text("Suggestions"), "aria-busy": isOpen && !isAnswered, className: "combobox-list" },
        options.map((option, index) => h("li", {
          key: option.value, id: optionId(index), role: "option", "aria-selected": index === active, className: "combobox-option",
          onClick: () => choose(option),
        }, h("span", { dir: "auto", className: "min-w-0 truncate" }, option.name),
        option.hint && h("span", { className: "combobox-hint" }, option.hint)))),
      (!options.length || more || isLate) && h("p", { "aria-hidden": true, className: "combobox-note" },
        !isAnswered && !isLate && h("span", { className: "spinner" }), options.length && !isLate ? more : said)),
    h("p", { role: "status", className: "sr-only" }, isOpen ? said : ""));
}
