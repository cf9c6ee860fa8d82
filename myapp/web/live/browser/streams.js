// Lists that are kept by the browser and fed by a stream's channel: one socket a tab, one channel and copy a topic.
import { createElement as h, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { Presence, Socket } from "phoenix";
import { watched } from "./connection.js";
import { channelLoss, inBrowser } from "./store.js";
import { useSought } from "./sought.js";
import { isCalm, NOTHING, Stream } from "./stream_topic.js";

let shared = null;

/** The tab's one connection, to the page's own origin. */
export function socket() {
  if (shared === null) {
    shared = watched(new Socket("/socket"), channelLoss);
    shared.connect();
  }
  return shared;
}

const streams = new Map();
const NEAR = 600; // px from the window within which the end of a list is near enough to ask for more
const KEPT = 10; // lists nobody looks at, for going back to them
const kinds = {}; // by the first word of the topic; all others are plain streams

/** Name what keeps the topics that begin with a word, a subclass of `Stream`: when its script is loaded. */
export function setKind(word, Kind) { kinds[word] = Kind; }

/** `address` is a topic, and behind a question mark the query that narrows it. */
export function streamOf(address, descending, limit) {
  let stream = streams.get(address);
  if (!stream || (limit && stream.replica.limit !== limit)) {
    const [topic, query = ""] = address.split(/\?(.*)/s);
    const channelOf = (params) => socket().channel(topic, () => ({ ...params(), query }));
    const Kind = kinds[topic.split(":", 1)[0]] ?? Stream;
    stream = new Kind(channelOf, forgetOthers, descending, limit, { Presence, streams });
  }
  streams.delete(address);
  streams.set(address, stream); // the last one is the one that was looked at last
  return stream;
}

function forgetOthers() {
  const closed = [...streams].filter(([, { channel }]) => !channel);
  closed.slice(0, -KEPT).forEach(([address]) => streams.delete(address));
}

const none = () => () => {};

/** What a topic shows; without a topic, nothing yet. Until another topic's rows are there, those of the one before. */
export function useStream(topic, descending, limit) {
  const last = useRef(null);
  const stream = inBrowser && topic ? streamOf(topic, descending, limit) : null;
  const subscribe = useRef(null);
  if (subscribe.current?.stream !== stream) {
    subscribe.current = { stream, by: stream ? (listener) => stream.subscribe(listener) : none };
  }
  const shown = useSyncExternalStore(subscribe.current.by, () => (stream ? stream.shown : NOTHING), () => NOTHING);
  if (shown.phase !== "loading") last.current = shown;
  return shown.phase === "loading" && last.current ? { ...last.current, phase: "changing", fresh: 0 } : shown;
}

/** Around the rows: asks for more of them near the ends, and moves nothing under its reader's eyes. */
export function StreamFrame({ topic, descending, limit, endless, busy, rowIds, children, className, id }) {
  const frame = useRef(null);
  const head = useRef(null);
  const tail = useRef(null);
  const before = useRef(null);
  const shown = useStream(topic, descending, limit); // drawn with the rows, to see where they have gone
  useSought(rowIds, inBrowser && topic ? streamOf(topic) : null, shown);

  useEffect(() => {
    if (!topic) return undefined;
    const stream = streamOf(topic);
    const look = () => {
      const isAbove = stream.replica.window.start !== null; // there is more: what comes moves nothing, too
      before.current = { isAway: stream.isAway || isAbove, tops: topsIn(frame.current) };
    };
    const placed = { look, firstInSight: () => firstInSight(topsIn(frame.current)) };
    stream.frames.add(placed);
    const askFor = (end) => {
      if (end === "tail" && isWritingBelow(frame.current)) return; // what comes would push away what is typed
      if (endless || (end === "tail" && stream.shown.rows.length < limit)) stream.ask(end);
    };
    const away = new IntersectionObserver(([entry]) => {
      stream.moved(!entry.isIntersecting && entry.boundingClientRect.top < 0);
    });
    const near = new IntersectionObserver((entries) => {
      // Rows may have come since the browser saw it, and an end that was near may be far below them now.
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting && isNear(target)) askFor(target === tail.current ? "tail" : "head");
      }
    }, { rootMargin: `${NEAR}px` });
    away.observe(head.current);
    near.observe(head.current);
    near.observe(tail.current);
    // An end that stays near after a page has come tells nothing new: look again whenever rows were drawn.
    const again = stream.subscribe(() => requestAnimationFrame(() => {
      for (const end of [head, tail]) if (end.current) { near.unobserve(end.current); near.observe(end.current); }
    }));
    return () => { away.disconnect(); near.disconnect(); stream.frames.delete(placed); again(); };
  }, [topic, endless, limit]);

  useLayoutEffect(() => {
    if (before.current === null) return;
    const { isAway, tops } = before.current;
    before.current = null;
    const now = topsIn(frame.current);
    if (isAway) keepInPlace(tops, now);
    else if (!isCalm()) slide(frame.current, tops, now);
  });

  return h("div", { ref: frame, className, id, "aria-busy": busy, style: { overflowAnchor: "none" } },
    h("div", { ref: head, "aria-hidden": true }), children, h("div", { ref: tail, "aria-hidden": true }));
}

function isNear(end) {
  const { top, bottom } = end.getBoundingClientRect();
  return bottom >= -NEAR && top <= window.innerHeight + NEAR;
}

function isWritingBelow(frame) {
  const focused = document.activeElement;
  return focused?.matches("input, textarea, select, [contenteditable]")
    && Boolean(frame.compareDocumentPosition(focused) & Node.DOCUMENT_POSITION_FOLLOWING) && !frame.contains(focused);
}

const rowsIn = (frame) => [...(frame?.querySelectorAll("[data-row]") ?? [])];
/** Where rows are in the document: scrolling, which may be under way just now, moves none of them. */
const topsIn = (frame) => new Map(rowsIn(frame).map((row) => [row.dataset.row, row.getBoundingClientRect().top + window.scrollY]));

function slide(frame, before, now) {
  for (const row of rowsIn(frame)) {
    const by = before.get(row.dataset.row) - now.get(row.dataset.row);
    if (by) row.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 200, easing: "ease-out" });
  }
}

const isInSight = (top) => top >= window.scrollY && top < window.scrollY + window.innerHeight;
const firstInSight = (tops) => [...tops.keys()].find((id) => isInSight(tops.get(id)));

/** The row that has the focus, or else the first one in sight, stays where it was. */
function keepInPlace(before, now) {
  const stays = (id) => now.has(id) && isInSight(before.get(id));
  const focused = document.activeElement?.closest("[data-row]")?.dataset.row;
  const id = stays(focused) ? focused : [...before.keys()].find(stays);
  const by = id === undefined ? 0 : now.get(id) - before.get(id);
  if (by) window.scrollBy({ top: by, behavior: "instant" }); // even by nothing, it would end a scrolling that is under way
}

export function submitRow(topic, event, payload, row, at, hooks) { streamOf(topic).submit(event, payload, row, at, hooks); }
export const rowOf = (topic, id) => streamOf(topic).shown.rows.find((row) => row.id === id);
export function retryRow(topic, id) { streamOf(topic).retry(id); }
export function discardRow(topic, id) { streamOf(topic).discard(id); }

export function showHead(topic, id) {
  streamOf(topic).toHead();
  document.getElementById(id)?.scrollIntoView({ block: "start", behavior: isCalm() ? "auto" : "smooth" });
}
