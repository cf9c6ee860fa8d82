// A chat room in the browser: the box in which its messages scroll, what one writes into, and the words over a day.
import { createElement as h, useEffect, useLayoutEffect, useRef } from "react";
import { getDraft, removeDraft, setDraft } from "../../live/browser/drafts.js";
import { setKind, streamOf, useStream } from "../../live/browser/streams.js";
import { useTexts } from "../../live/browser/texts.js";
import { RoomTopic } from "./room_topic.js";
import { RoomsTopic } from "./rooms_topic.js";

setKind("room", RoomTopic);
setKind("rooms", RoomsTopic);

export const LIMIT = 300; // messages that are drawn at once
const AT_END = 48; // px from the end at which its reader is said to be there
const NEAR = 1200; // px from an end at which further messages are asked for
const LINE_AT = 0.25; // of the box's height, where "unread from here" stands when a room is opened

const roomOf = (topic) => streamOf(topic, true, LIMIT);
export const useRoom = (topic) => useStream(topic, true, LIMIT);
export const useRooms = (topic) => useStream(topic, false, 0);

const rowsIn = (box) => [...box.querySelectorAll("[data-row]")];

/** The first row in sight and where it ends: what stands over it may come and go. */
function inSight(box) {
  const { top } = box.getBoundingClientRect();
  for (const row of rowsIn(box)) {
    const { bottom } = row.getBoundingClientRect();
    if (bottom > top) return { id: row.dataset.row, bottom };
  }
  return null;
}

/** At the end it stays there as messages come; elsewhere nothing moves under the reader's eyes. */
export function RoomFrame({ topic, label, children, className }) {
  const box = useRef(null);
  const before = useRef(null);
  const place = useRef({ isAtEnd: true, isSet: false });
  const look = useRef(() => {}); // where the reader is now
  const shown = useRoom(topic);

  useEffect(() => {
    if (!topic) return undefined;
    const room = roomOf(topic);
    const element = box.current;
    place.current = { isAtEnd: true, isSet: false };
    const frame = { look: () => { before.current = inSight(element); }, firstInSight: () => inSight(element)?.id };
    const moved = () => {
      const below = element.scrollHeight - element.scrollTop - element.clientHeight;
      place.current.isAtEnd = below < AT_END;
      room.moved(!place.current.isAtEnd || room.replica.window.start !== null);
      room.wentFar(below > element.clientHeight || room.replica.window.start !== null);
      if (element.scrollTop < NEAR) room.ask("tail");
      if (below < NEAR) room.ask("head");
      room.see();
    };
    look.current = moved;
    const resized = new ResizeObserver(() => {
      if (place.current.isAtEnd) element.scrollTop = element.scrollHeight;
      moved();
    });
    const see = () => room.see();
    room.frames.add(frame);
    element.addEventListener("scroll", moved, { passive: true });
    resized.observe(element);
    resized.observe(element.firstElementChild);
    document.addEventListener("visibilitychange", see);
    return () => {
      room.frames.delete(frame);
      look.current = () => {};
      element.removeEventListener("scroll", moved);
      resized.disconnect();
      document.removeEventListener("visibilitychange", see);
    };
  }, [topic]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!topic || shown.phase === "loading" || shown.phase === "changing") return;
    const room = roomOf(topic);
    if (room.goesToEnd) {
      room.goesToEnd = false;
      place.current = { isAtEnd: true, isSet: true };
    }
    if (!place.current.isSet) {
      place.current.isSet = true;
      element.scrollTop = startOf(element);
      place.current.isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END;
      room.moved(!place.current.isAtEnd);
    } else if (place.current.isAtEnd) element.scrollTop = element.scrollHeight;
    else if (before.current) {
      const { id, bottom } = before.current;
      const row = element.querySelector(`[data-row="${CSS.escape(id)}"]`);
      if (row) element.scrollTop += row.getBoundingClientRect().bottom - bottom;
    }
    before.current = null;
    look.current();
  });

  return h("div", { ref: box, className, tabIndex: 0, role: "region", "aria-label": label, style: { overflowAnchor: "none" } },
    h("div", null, children));
}

/** Where a room is opened: at its end, or where one stopped reading if that is further up. */
function startOf(element) {
  const line = element.querySelector("[data-unread]");
  if (!line) return element.scrollHeight;
  const top = line.getBoundingClientRect().top - element.getBoundingClientRect().top + element.scrollTop;
  return top - element.clientHeight * LINE_AT;
}

export function DayLabel({ at }) {
  const { language } = useTexts();
  const date = new Date(at);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
  const sameYear = date.getFullYear() === new Date().getFullYear();
  const words = days < 2
    ? new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day")
    : date.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long", year: sameYear ? undefined : "numeric" });
  return h("time", { dateTime: at.slice(0, 10), className: "first-letter:uppercase inline-block" }, words);
}

/** When something was said: the hour, with the whole date on hover. */
export function HourMark({ at, brief, className }) {
  const { language } = useTexts();
  const date = new Date(at);
  const exact = date.toLocaleString(language, { dateStyle: "full", timeStyle: "short" });
  const parts = new Intl.DateTimeFormat(language, { timeStyle: "short" }).formatToParts(date);
  const words = parts.filter(({ type }) => !brief || type !== "dayPeriod").map(({ value }) => value).join("").trim();
  return h("time", { dateTime: at, title: exact, className }, words);
}

const keep = (key, body) => (body ? setDraft(key, { body }) : removeDraft(key));

const isTouch = () => globalThis.matchMedia?.("(pointer: coarse)").matches;
// While an input method composes, Enter chooses a word. Without a keyboard the button sends.
const sends = (event) => event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing && !isTouch();

/** What one writes into: kept by the browser under `draft` until it is sent. */
export function Composer({ topic, draft, label, placeholder, className, children }) {
  const field = useRef(null);
  const key = `${draft}:${topic}`;
  useEffect(() => { if (topic) field.current.value = getDraft(key)?.body ?? ""; }, [key]);
  const send = () => {
    const body = field.current.value;
    if (!body.trim() || !topic) return;
    roomOf(topic).say(body.trim());
    field.current.value = "";
    keep(key, "");
    field.current.focus();
  };
  const onKeyDown = (event) => {
    if (sends(event)) { event.preventDefault(); send(); }
    else if (event.key === "ArrowUp" && !field.current.value && roomOf(topic).editLast()) event.preventDefault();
  };
  const onInput = () => {
    keep(key, field.current.value);
    if (field.current.value.trim()) roomOf(topic).types();
  };
  const onSubmit = (event) => { event.preventDefault(); send(); };
  return h("form", { className, onSubmit },
    h("textarea", {
      ref: field, id: "composer", "aria-label": label, placeholder, rows: 1, dir: "auto", enterKeyHint: "send",
      autoComplete: "off", className: "composer-field", onKeyDown, onInput,
    }),
    children);
}

/** Other words for a message: Enter saves them, Escape leaves everything as it was. */
export function MessageEditor({ topic, messageId: id, body, label, describedBy, invalid, className, children }) {
  const field = useRef(null);
  const key = `${topic}:${id}`;
  useEffect(() => {
    field.current.value = getDraft(key)?.body || body;
    field.current.focus();
    field.current.scrollIntoView({ block: "nearest" });
  }, [key]);
  const leave = () => {
    keep(key, "");
    roomOf(topic).edit("");
    document.getElementById("composer")?.focus();
  };
  const save = () => {
    const text = field.current.value.trim();
    if (text === body) leave();
    else roomOf(topic).change(id, text, leave);
  };
  const onKeyDown = (event) => {
    if (event.key === "Escape") { event.preventDefault(); leave(); }
    else if (sends(event)) { event.preventDefault(); save(); }
  };
  return h("form", { className, onSubmit: (event) => { event.preventDefault(); save(); }, onReset: (event) => { event.preventDefault(); leave(); } },
    h("textarea", {
      ref: field, "aria-label": label, "aria-describedby": describedBy, "aria-invalid": invalid, rows: 1, dir: "auto",
      className: "composer-field", onKeyDown, onInput: () => keep(key, field.current.value),
    }),
    children);
}

export function retryMessage(topic, id) { roomOf(topic).retry(id); }
export function discardMessage(topic, id) {
  roomOf(topic).discard(id);
  document.getElementById("composer")?.focus();
}
/** What was refused goes back to where it was written, before what stands there by now. */
export function rewordMessage(topic, id) {
  const composer = document.getElementById("composer");
  const { body } = roomOf(topic).pending.find(({ row }) => row.id === id).row;
  composer.value = [body, composer.value].filter(Boolean).join("\n");
  composer.dispatchEvent(new Event("input", { bubbles: true }));
  discardMessage(topic, id);
}
export function editMessage(topic, id) { roomOf(topic).edit(id); }
export function askToDelete(topic, id) { roomOf(topic).confirm(id); }
export function keepMessage(topic, id) {
  roomOf(topic).confirm("");
  document.getElementById("composer")?.focus();
}
export function deleteMessage(topic, id) {
  roomOf(topic).remove(id);
  document.getElementById("composer")?.focus();
}
export function showNewest(topic) {
  roomOf(topic).latest();
  roomOf(topic).draw();
}
