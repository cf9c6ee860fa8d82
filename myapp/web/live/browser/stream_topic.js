// One topic's rows as a page shows them: the copy, what is coming or going, and what waits for the server.
// It is given its channel, and knows neither React nor a socket, so that tests play it in Node.
import { drawn, isAhead, keyBefore, keyOf, Replica } from "./stream_window.js";

const TINT = 2000; // ms that a changed row is marked
const LEAVE = 200; // ms that a row takes to go
const CLOSE_AFTER = 1000; // ms without anybody who looks, until the channel is left; the rows are kept for going back
const FINAL = new Set(["unauthorized", "not found", "unmatched topic"]);
export const NOTHING = { rows: [], phase: "loading", fresh: 0, has_more: false, news: { kind: "", row: {} } };

export const isCalm = () => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? true;

export class Stream {
  /** `channelOf(params)` makes a channel of the topic; `onClosed` is told when nobody has looked for a while. */
  constructor(channelOf, onClosed, descending = true, limit = 0) {
    this.channelOf = channelOf;
    this.onClosed = onClosed;
    this.replica = new Replica(descending, limit);
    this.listeners = new Set();
    this.frames = new Set(); // look at where the rows are, before they are drawn anew; say which is the first in sight
    this.shown = NOTHING;
    this.phase = "loading";
    this.news = NOTHING.news;
    this.isAway = false;
    this.fresh = new Set();
    this.top = null; // the key of the list's first row, whether it is shown or not
    this.changed = new Map(); // id -> when its mark goes
    this.leaving = [];
    this.pending = [];
    this.closing = null;
    this.channel = null;
  }

  open() {
    this.channel = this.channelOf(() => this.params());
    this.channel.onClose(this.closedBy(this.channel));
    this.listen(this.channel);
    this.join();
  }

  /** What it joins with, and what it hears from then on. */
  params() { return this.replica.params(); }
  listen(channel) { channel.on("diff", (diff) => this.hear(diff)); }

  /** The server shows out whom the topic is no longer for: what it showed is not for them any more. */
  closedBy(channel) {
    return () => {
      if (this.channel !== channel) return; // it was left
      this.phase = "refused";
      this.draw();
    };
  }

  join() {
    // The answer to every join of this channel, so also to those after a lost connection.
    this.channel.join()
      .receive("ok", (reply) => this.joined(reply))
      .receive("error", ({ reason }) => {
        if (!FINAL.has(reason)) return; // the client tries again by itself
        this.phase = "refused";
        this.channel.leave();
        this.draw();
      });
  }

  joined(reply) {
    this.lookUp(reply.ops);
    this.replica.joined(reply);
    this.phase = "ready";
    this.goBack();
    this.draw();
  }

  hear(diff) {
    const before = this.replica.window.rows;
    this.lookUp(diff.ops);
    if (!this.replica.heard(diff)) return;
    if (this.replica.isLost) {
      this.startAgain();
      return;
    }
    this.goBack();
    for (const [name, value] of diff.ops) this.note(name, value, before);
    this.draw();
  }

  startAgain() {
    this.leaveChannel();
    this.open();
  }

  /** Before a reset: where its reader is, unless at the head. */
  lookUp(ops) {
    const reset = ops.find(([name]) => name === "reset");
    if (!reset) return;
    const [, [first]] = reset;
    this.top = first ? keyOf(first) : null;
    const [inSight] = this.isAway ? [...this.frames].map((frame) => frame.firstInSight()) : [];
    this.replica.readsAfter = inSight ? keyBefore(this.replica.window, inSight) : null;
  }

  /** After a reset: to where its reader was. */
  goBack() {
    const { replica } = this;
    const key = replica.askToReturn();
    if (key === null) return;
    const { returns } = replica;
    const settle = (page) => {
      replica.returned(page, returns);
      if (replica.isLost) { this.isAway = false; this.startAgain(); } else this.draw();
    };
    this.channel.push("page", { after: key })
      .receive("ok", settle)
      .receive("error", () => settle(null))
      .receive("timeout", () => settle(null));
  }

  /** The list from its first row, for a reader who has gone there. */
  toHead() {
    this.moved(false);
    if (this.replica.window.start === null) return;
    this.replica.position = null;
    this.startAgain();
  }

  /** What there is to say and to show about one operation. */
  note(name, value, before) {
    const id = name === "delete" ? value : value.id;
    const place = before.findIndex((row) => row.id === id);
    const now = this.replica.window.rows.find((row) => row.id === id);
    if (name === "reset") this.fresh.clear();
    else if (now) {
      this.news = { kind: place < 0 ? "added" : "changed", row: now };
      if (place < 0 && this.isAway) this.fresh.add(id);
      this.mark(id);
    } else if (place >= 0) {
      this.news = { kind: "removed", row: before[place] };
      this.fresh.delete(id);
      if (!isCalm()) this.leave(before[place], place);
    } else if (name === "insert" && this.isAway && isAhead(this.replica.window, keyOf(value)) && this.isNewest(value)) {
      this.fresh.add(id);
    }
    if (now && !this.replica.window.start && this.replica.window.rows[0] === now) this.top = keyOf(now);
  }

  /** Whether a row that is not shown comes before all that are known. */
  isNewest(row) {
    const key = keyOf(row);
    if (this.top && !isAhead({ ...this.replica.window, start: this.top }, key)) return false;
    this.top = key;
    return true;
  }

  mark(id) {
    clearTimeout(this.changed.get(id));
    this.changed.set(id, setTimeout(() => { this.changed.delete(id); this.draw(); }, TINT));
  }

  /** Shows which row is meant, as a changed one is. */
  point(id) {
    this.mark(id);
    this.draw();
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

  /** Show a row before the server has it: pending until it comes, failed when it does not. `hooks` are told how it went:
      sent(id) once, refused() when the server found it invalid, dropped() when its sender gave it up. */
  submit(event, payload, row, at = "head", hooks = {}) {
    const entry = { row, at, hasFailed: false, hooks };
    this.pending = [...this.pending, entry];
    const fail = () => { entry.hasFailed = true; this.draw(); };
    entry.send = () => {
      entry.hasFailed = false;
      this.draw();
      this.channel.push(event, payload)
        .receive("ok", ({ id }) => { this.accept(entry, id); this.draw(); })
        .receive("error", ({ reason } = {}) => {
          if (reason !== "invalid" || !hooks.refused) { fail(); return; }
          this.remove(entry);
          hooks.refused();
        })
        .receive("timeout", fail);
    };
    entry.send();
  }

  retry(id) { this.pending.find((each) => each.row.id === id)?.send(); }

  discard(id) {
    const entry = this.pending.find((each) => each.row.id === id);
    if (!entry) return;
    this.remove(entry);
    entry.hooks.dropped?.();
  }

  remove(entry) {
    this.pending = this.pending.filter((each) => each !== entry);
    this.draw();
  }

  /** The server has it: its answer says so or, where that was lost, the row that comes. */
  accept(entry, id) {
    if (entry.id) return;
    entry.id = id;
    entry.hooks.sent?.(id);
  }

  /** What waited is there: by the id it was given, or by the name its sender gave it. */
  settle() {
    const there = new Map(this.replica.window.rows.flatMap(({ id, client_id }) => [[client_id, id], [id, id]]));
    const idOf = ({ id, row }) => there.get(row.id) ?? (id && there.get(id));
    const come = this.pending.filter(idOf);
    this.pending = this.pending.filter((entry) => !come.includes(entry));
    come.forEach((entry) => this.accept(entry, idOf(entry)));
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

  /** What a page is given to draw. */
  view() {
    const { window } = this.replica;
    const rows = drawn(window, this.leaving, this.pending, this.changed);
    return { rows, phase: this.phase, fresh: this.fresh.size, has_more: window.end !== null, news: this.news };
  }

  draw() {
    if (this.pending.length) this.settle();
    this.shown = this.view();
    this.frames.forEach((frame) => frame.look());
    this.listeners.forEach((listener) => listener());
  }

  subscribe(listener) {
    this.listeners.add(listener);
    clearTimeout(this.closing);
    if (!this.channel) this.open();
    return () => {
      this.listeners.delete(listener);
      if (!this.listeners.size) this.closing = setTimeout(() => this.close(), CLOSE_AFTER);
    };
  }

  close() {
    this.leaveChannel();
    this.onClosed();
  }

  leaveChannel() {
    const channel = this.channel;
    this.channel = null;
    channel?.leave();
  }
}
