// A chat room as a page shows it: the messages of `room:<id>` as a stream, newest first, turned round when they are
// drawn; who is here, who writes, and how far one has read. What one says oneself is room_words.js.
import { asShown, wordsOf } from "./room_rows.js";
import { RoomWords } from "./room_words.js";
import { keyOf } from "../../live/browser/stream_window.js";

const PAGE = 50;
const NEWEST = Number.MAX_SAFE_INTEGER;
const TYPING_LASTS = 5000; // ms that somebody is said to write after the last sign of it
const TYPING_EVERY = 3000;
const READ_EVERY = 600;

export class RoomTopic extends RoomWords {
  constructor(channelOf, onClosed, descending, limit, { Presence, streams }) {
    super(channelOf, onClosed, true, limit);
    this.Presence = Presence;
    this.streams = streams;
    this.isFar = false; // the reader is more than a window away from the newest
    this.people = [];
    this.typists = new Map(); // id -> name
    this.timers = new Map();
    this.lastSeq = 0; // of the newest message that there is
    this.readSeq = 0;
    this.line = null; // the number of the message before "unread from here"
    this.drawnRows = new Map();
  }

  open() {
    this.isOpening = true;
    this.isAway = this.isFar = false;
    this.replica.keep = "head";
    this.phase = "loading";
    this.shown = { ...this.shown, phase: "loading" };
    super.open();
  }

  listen(channel) {
    channel.on("messages", (page) => this.arrive(page));
    channel.on("new_msg", (message) => this.tell("insert", message));
    channel.on("msg_updated", (message) => this.tell("update", message));
    channel.on("msg_deleted", (message) => this.tell("update", message));
    channel.on("person_updated", ({ id, name, avatar }) => {
      if (this.apply(["change", "user_id", id, { name, avatar }])) this.draw();
    });
    channel.on("user_typing", ({ user_id, name }) => this.heardTyping(user_id, name));
    channel.onError(() => { this.isIn = false; this.typists.clear(); });
    const presence = new this.Presence(channel);
    presence.onSync(() => {
      this.people = presence.list((id, { metas }) => ({ id, name: metas[0].name, avatar: metas[0].avatar ?? "" }));
      this.people.sort((one, other) => one.name.localeCompare(other.name));
      this.draw();
    });
  }

  joined(room) {
    this.visit += 1;
    this.isIn = true;
    this.room = room;
    this.readSeq = Math.max(this.readSeq, room.last_read_seq);
    if (!this.isOpening) return;
    this.isOpening = false;
    this.line = room.can_write && room.last_read_seq && room.last_read_seq < room.last_seq ? room.last_read_seq : null;
    if (room.user_id) this.restore();
  }

  /** The end of the room: after each join, and when the server itself has missed something. */
  arrive({ messages, has_more }) {
    const rows = this.read(messages);
    this.lastSeq = Math.max(this.lastSeq, rows[0]?.seq ?? 0);
    if (this.isAway && this.phase === "ready") this.readAgain(rows);
    else this.begin(["reset", rows, has_more]);
    this.phase = "ready";
    this.come(rows);
    this.sendWhatWaits();
    this.draw();
  }

  /** Its reader is somewhere in the middle: nothing moves, and what may have changed meanwhile is read once more. */
  readAgain(rows) {
    const held = this.rows;
    const meets = this.replica.window.start === null && rows.at(-1)?.seq <= held[0]?.seq + 1;
    if (!meets && held.length) this.replica.window = { ...this.replica.window, start: keyOf(held[0]) };
    this.begin(...(meets ? rows.map((row) => ["insert", row]) : []));
    for (let after = (held.at(-1)?.seq ?? 1) - 1; after < held[0]?.seq; after += PAGE) {
      this.channel.push("newer", { after }).receive("ok", ({ messages }) => {
        this.apply(...this.read(messages).map((row) => ["update", row]));
        this.draw();
      });
    }
  }

  /** Messages of the server as rows, the newest first. */
  read(messages) {
    return messages.map((message) => ({
      id: message.id, sort: [message.seq], version: message.version, seq: message.seq, client_id: message.client_id,
      user_id: message.user.id ?? "", name: message.user.name, avatar: message.user.avatar, body: message.body, at: message.inserted_at,
      html: message.body_html.replaceAll(`<span class="mention" data-user="${this.room.user_id}"`, '<span class="mention" data-mine'),
      is_edited: Boolean(message.edited_at), is_deleted: Boolean(message.deleted_at),
    })).reverse();
  }

  /** Something was said, changed or taken back. */
  tell(name, message) {
    const [row] = this.read([message]);
    const known = this.rows.find(({ id }) => id === row.id);
    if (!this.apply([name, row])) return;
    if (name === "insert" && row.seq > this.lastSeq) this.said(row);
    else if (known && known.version < row.version) this.mark(row.id);
    this.draw();
  }

  said(row) {
    const isOwn = row.user_id === this.room.user_id;
    if (isOwn) this.line = null;
    else if (!this.isSeen() && this.readSeq >= this.lastSeq) this.line = this.lastSeq;
    this.lastSeq = row.seq;
    this.typists.delete(row.user_id);
    this.come([row]);
    if (isOwn) return;
    this.news = { kind: "added", row };
    this.mark(row.id);
    if (this.isAway) this.fresh.add(row.id);
  }

  ask(towards) {
    const key = this.replica.ask(towards);
    if (key === null) return;
    const { seq } = this.replica.position;
    const unanswered = ({ retry_after = 0 } = {}) => setTimeout(() => {
      this.replica.unanswered(towards);
      this.draw(); // whoever is still near that end asks again
    }, retry_after * 1000);
    const [event, payload] = towards === "tail" ? ["older", { before: key[0] }] : ["newer", { after: key[0] }];
    this.channel.push(event, payload)
      .receive("ok", ({ messages, has_more }) => {
        this.extend(towards, this.read(messages), has_more, seq);
        this.draw();
      })
      .receive("error", unanswered)
      .receive("timeout", unanswered);
  }

  /** Back to the end of the room from far above it, where the rows in between are not there any more. */
  latest() {
    this.goesToEnd = true;
    const { replica } = this;
    if (replica.window.start === null || !replica.position || replica.asked.has("latest")) return;
    replica.asked.set("latest", null); // so that what is said meanwhile is kept beside the page
    const { seq } = replica.position;
    const unanswered = () => replica.unanswered("latest");
    this.channel.push("older", { before: NEWEST })
      .receive("ok", ({ messages, has_more }) => {
        const meanwhile = replica.recent.filter(([number]) => number > seq).flatMap(([, ops]) => ops);
        this.moved(false);
        this.begin(["reset", this.read(messages), has_more], ...meanwhile);
        this.goesToEnd = true;
        this.draw();
      })
      .receive("error", unanswered)
      .receive("timeout", unanswered);
  }

  // Who writes, and who has read

  types() {
    const now = Date.now();
    if (!this.isIn || now - (this.typedAt ?? 0) < TYPING_EVERY) return;
    this.typedAt = now;
    this.channel.push("typing", {});
  }

  heardTyping(id, name) {
    if (id === this.room.user_id) return; // from another tab of one's own
    this.typists.set(id, name);
    clearTimeout(this.timers.get(id));
    this.timers.set(id, setTimeout(() => { this.typists.delete(id); this.draw(); }, TYPING_LASTS));
    this.draw();
  }

  isSeen() {
    return !this.isAway && this.listeners.size > 0 && (globalThis.document?.visibilityState ?? "visible") === "visible";
  }

  /** The end of the room may be before the reader's eyes: then all of it is read. */
  see() {
    if (!this.isIn || !this.room.can_write || this.lastSeq <= this.readSeq || !this.isSeen()) return;
    this.readSeq = this.lastSeq;
    for (const stream of this.streams.values()) stream.seen?.(this.room.id, this.readSeq);
    this.reading ??= setTimeout(() => {
      this.reading = null;
      if (this.isIn) this.channel.push("read", { seq: this.readSeq });
    }, READ_EVERY);
  }

  wentFar(isFar) {
    if (isFar === this.isFar) return;
    this.isFar = isFar;
    this.draw();
  }

  /** The room was deleted, or is not for this person any more: what was said stays until the reader leaves. */
  closedBy(channel) {
    return () => {
      if (this.channel !== channel || this.phase === "refused") return;
      this.isIn = false;
      this.phase = "closed";
      this.people = [];
      this.typists.clear();
      this.giveUp({ reason: "not found" });
      this.draw();
    };
  }

  close() {
    this.isIn = false;
    clearTimeout(this.reading);
    this.reading = null;
    this.timers.forEach(clearTimeout);
    this.typists.clear();
    this.people = [];
    super.close();
  }

  view() {
    const view = super.view();
    const names = [...this.typists.values()];
    return {
      ...view, rows: asShown(this, view.rows.reverse()), people: this.people, people_count: this.people.length,
      typing_count: names.length, typing_one: names[0] ?? "", typing_two: names[1] ?? "", is_far: this.isFar,
      failure: this.refusal?.reason ?? "", failure_text: wordsOf(this.refusal),
    };
  }
}
