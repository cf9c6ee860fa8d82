// Lists that are kept by the browser and fed by a stream's channel: one socket a tab, one channel and copy a topic.
import { createElement as h, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { Socket } from "phoenix";
import { inBrowser } from "./store.js";
import { drawn, Replica } from "./stream_window.js";

const TINT = 2000; // ms that a changed row is marked
const LEAVE = 200; // ms that a row takes to go
const CLOSE_AFTER = 1000; // ms without anybody who looks: going back and forth keeps the rows
const FINAL = new Set(["unauthorized", "not found", "unmatched topic"]);
const NOTHING = { rows: [], phase: "loading", fresh: 0, has_more: false, news: { kind: "", row: {} } };

const isCalm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

let shared = null;

/** The tab's one connection, to the page's own origin. */
export function socket() {
  if (shared === null) {
    shared = new Socket("/socket");
    shared.connect();
  }
  return shared;
}

class Stream {
  constructor(topic, descending, limit) {
    this.topic = topic;
    this.replica = new Replica(descending, limit);
    this.listeners = new Set();
    this.frames = new Set(); // look at where the rows are, before they are drawn anew
    this.shown = NOTHING;
    this.phase = "loading";
    this.news = NOTHING.news;
    this.isAway = false;
    this.fresh = new Set();
    this.changed = new Map(); // id -> when its mark goes
    this.leaving = [];
    this.pending = [];
    this.closing = null;
    this.channel = null;
  }

  open() {
    this.channel = socket().channel(this.topic, () => this.replica.params());
    this.channel.on("diff", (diff) => this.hear(diff));
    this.join();
  }

  join() {
    // The answer to every join of this channel, so also to those after a lost connection.
    this.channel.join()
      .receive("ok", (reply) => { this.replica.joined(reply); this.phase = "ready"; this.draw(); })
      .receive("error", ({ reason }) => {
        if (!FINAL.has(reason)) return; // the client tries again by itself
        this.phase = "refused";
        this.channel.leave();
        this.draw();
      });
  }

  hear(diff) {
    const before = this.replica.window.rows;
    if (!this.replica.heard(diff)) return;
    if (this.replica.isLost) {
      this.channel.leave();
      this.open();
      return;
    }
    for (const [name, value] of diff.ops) this.note(name, value, before);
    this.draw();
  }

  /** What there is to say and to show about one operation. */
  note(name, value, before) {
    const id = name === "delete" ? value : value.id;
    const place = before.findIndex((row) => row.id === id);
    const now = this.replica.window.rows.find((row) => row.id === id);
    if (name === "reset") this.fresh.clear();
    else if (now) {
      this.news = { kind: place < 0 ? "added" : "changed", row: now };
      this.pending = this.pending.filter((each) => each.row.id !== id && each.id !== id);
      if (place < 0 && this.isAway) this.fresh.add(id);
      this.mark(id);
    } else if (place >= 0) {
      this.news = { kind: "removed", row: before[place] };
      this.fresh.delete(id);
      if (!isCalm()) this.leave(before[place], place);
    }
  }

  mark(id) {
    clearTimeout(this.changed.get(id));
    this.changed.set(id, setTimeout(() => { this.changed.delete(id); this.draw(); }, TINT));
  }

  leave(row, place) {
    const going = { row, place };
    this.leaving = [...this.leaving, going];
    setTimeout(() => { this.leaving = this.leaving.filter((each) => each !== going); this.draw(); }, LEAVE);
  }

  ask(towards) {
    const key = this.replica.ask(towards);
    if (key === null) return;
    const replica = this.replica;
    this.channel.push("page", { [towards === "tail" ? "after" : "before"]: key })
      .receive("ok", (page) => { replica.answered(towards, page); this.draw(); })
      .receive("error", () => replica.unanswered(towards))
      .receive("timeout", () => replica.unanswered(towards));
  }

  /** Show a row before the server has it: pending until it comes, failed when it does not. */
  submit(event, payload, row, at = "head") {
    const entry = { row, at, hasFailed: false };
    this.pending = [...this.pending, entry];
    const fail = () => { entry.hasFailed = true; this.draw(); };
    entry.send = () => {
      entry.hasFailed = false;
      this.draw();
      this.channel.push(event, payload)
        .receive("ok", ({ id }) => {
          entry.id = id;
          if (this.replica.window.rows.some((each) => each.id === id)) this.discard(row.id);
        })
        .receive("error", fail)
        .receive("timeout", fail);
    };
    entry.send();
  }

  retry(id) { this.pending.find((each) => each.row.id === id)?.send(); }

  discard(id) {
    this.pending = this.pending.filter((each) => each.row.id !== id);
    this.draw();
  }

  /** Where its reader is: away from the head, what comes in there is counted. */
  moved(isAway) {
    this.isAway = isAway;
    this.replica.keep = isAway ? "tail" : "head";
    if (!isAway && this.fresh.size) {
      this.fresh.clear();
      this.draw();
    }
  }

  draw() {
    const { window } = this.replica;
    this.shown = {
      rows: drawn(window, this.leaving, this.pending, this.changed),
      phase: this.phase, fresh: this.fresh.size, has_more: window.end !== null, news: this.news,
    };
    this.frames.forEach((look) => look());
    this.listeners.forEach((listener) => listener());
  }

  subscribe(listener) {
    this.listeners.add(listener);
    clearTimeout(this.closing);
    if (!this.channel) {
      streams.set(this.topic, this);
      this.open();
    }
    return () => {
      this.listeners.delete(listener);
      if (!this.listeners.size) this.closing = setTimeout(() => this.close(), CLOSE_AFTER);
    };
  }

  close() {
    this.channel.leave();
    this.channel = null;
    if (streams.get(this.topic) === this) streams.delete(this.topic);
  }
}

const streams = new Map();

export function streamOf(topic, descending = true, limit = 0) {
  if (!streams.has(topic)) streams.set(topic, new Stream(topic, descending, limit));
  return streams.get(topic);
}

const none = () => () => {};

/** What a topic shows; without a topic, nothing yet. */
export function useStream(topic, descending, limit) {
  const stream = inBrowser && topic ? streamOf(topic, descending, limit) : null;
  const subscribe = useRef(null);
  if (subscribe.current?.stream !== stream) {
    subscribe.current = { stream, by: stream ? (listener) => stream.subscribe(listener) : none };
  }
  return useSyncExternalStore(subscribe.current.by, () => (stream ? stream.shown : NOTHING), () => NOTHING);
}

/** Around the rows: asks for more of them near the ends, and moves nothing under its reader's eyes. */
export function StreamFrame({ topic, descending, limit, busy, children, className, id }) {
  const frame = useRef(null);
  const head = useRef(null);
  const tail = useRef(null);
  const before = useRef(null);
  useStream(topic, descending, limit); // drawn with the rows, to see where they have gone

  useEffect(() => {
    if (!topic) return undefined;
    const stream = streamOf(topic);
    const look = () => { before.current = { isAway: stream.isAway, tops: topsIn(frame.current) }; };
    stream.frames.add(look);
    const away = new IntersectionObserver(([entry]) => {
      stream.moved(!entry.isIntersecting && entry.boundingClientRect.top < 0);
    });
    const near = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) stream.ask(entry.target === tail.current ? "tail" : "head");
    }, { rootMargin: "600px" });
    away.observe(head.current);
    near.observe(head.current);
    near.observe(tail.current);
    // An end that stays near after a page has come tells nothing new: look again whenever rows were drawn.
    const again = stream.subscribe(() => requestAnimationFrame(() => {
      for (const end of [head, tail]) if (end.current) { near.unobserve(end.current); near.observe(end.current); }
    }));
    return () => { away.disconnect(); near.disconnect(); stream.frames.delete(look); again(); };
  }, [topic]);

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

const rowsIn = (frame) => [...(frame?.querySelectorAll("[data-row]") ?? [])];
const topsIn = (frame) => new Map(rowsIn(frame).map((row) => [row.dataset.row, row.getBoundingClientRect().top]));

function slide(frame, before, now) {
  for (const row of rowsIn(frame)) {
    const by = before.get(row.dataset.row) - now.get(row.dataset.row);
    if (by) row.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 200, easing: "ease-out" });
  }
}

/** The row that has the focus, or else the first one in sight, stays where it was. */
function keepInPlace(before, now) {
  const isInSight = (id) => now.has(id) && before.get(id) >= 0 && before.get(id) < window.innerHeight;
  const focused = document.activeElement?.closest("[data-row]")?.dataset.row;
  const id = isInSight(focused) ? focused : [...before.keys()].find(isInSight);
  if (id !== undefined) window.scrollBy({ top: now.get(id) - before.get(id), behavior: "instant" });
}

export function submitRow(topic, event, payload, row, at) { streamOf(topic).submit(event, payload, row, at); }
export function retryRow(topic, id) { streamOf(topic).retry(id); }
export function discardRow(topic, id) { streamOf(topic).discard(id); }

export function showHead(id) { document.getElementById(id)?.scrollIntoView({ block: "start", behavior: isCalm() ? "auto" : "smooth" }); }
