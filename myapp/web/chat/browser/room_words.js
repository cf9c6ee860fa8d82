// What one says in a room: shown at once, kept by the browser until the server has it, sent again under the same name
// after a lost connection, so that it is there once. And what one changes or takes back of it.
import { EventTopic } from "../../live/browser/event_topic.js";
import { keep, kept, remove } from "../../live/browser/storage.js";

const LAST = Number.MAX_SAFE_INTEGER; // after all that has a number

export class RoomWords extends EventTopic {
  room = {}; // what the last join was answered with
  visit = 0; // counts joins: what was sent in an earlier one may not have arrived
  isIn = false;
  editing = { id: "", failure: null };
  confirming = "";
  refusal = null; // of a deletion

  say(body) {
    this.wait({ id: newId(), body, at: new Date().toISOString() });
    this.keep();
    this.line = null;
    this.latest();
    this.send(this.pending.at(-1));
    this.draw();
  }

  wait({ id, body, at }) {
    const { user_id } = this.room;
    const row = { id, body, at, html: "", seq: LAST, version: 1, user_id, name: "", is_edited: false, is_deleted: false };
    this.pending = [...this.pending, { row, at: "head", hasFailed: false, failure: null, isStored: false, visit: 0 }];
  }

  send(entry) {
    entry.hasFailed = false;
    entry.failure = null;
    if (!this.isIn) return; // it is sent once the connection is back
    const visit = entry.visit = this.visit;
    const fail = (failure) => {
      if (entry.visit !== visit || !this.isIn) return;
      Object.assign(entry, { hasFailed: true, failure });
      this.draw();
    };
    this.channel.push("new_msg", { body: entry.row.body, client_id: entry.row.id })
      .receive("ok", () => {
        entry.isStored = true;
        if (this.replica.window.start !== null) this.discard(entry.row.id);
        else this.keep();
      })
      .receive("error", fail)
      .receive("timeout", () => fail({ reason: "timeout" }));
  }

  /** After a join, when the end of the room has come: what is not in it, and has not been refused, is sent again. */
  sendWhatWaits() {
    this.pending = this.pending.filter((entry) => !entry.isStored);
    for (const entry of this.pending) if (!entry.hasFailed && entry.visit !== this.visit) this.send(entry);
  }

  /** What the server has waits no longer. */
  come(rows) {
    const own = new Set(rows.filter(({ user_id }) => user_id === this.room.user_id).map(({ client_id }) => client_id));
    const waiting = this.pending.filter((entry) => !own.has(entry.row.id));
    if (waiting.length === this.pending.length) return;
    this.pending = waiting;
    this.keep();
  }

  retry(id) {
    const entry = this.pending.find((each) => each.row.id === id);
    if (!entry) return;
    this.send(entry);
    this.draw();
  }

  discard(id) {
    this.pending = this.pending.filter((entry) => entry.row.id !== id);
    this.keep();
    this.draw();
  }

  giveUp(failure) { for (const entry of this.pending) Object.assign(entry, { hasFailed: true, failure }); }

  get outboxKey() { return `outbox:${this.room.user_id}:${this.room.id}`; }

  keep() {
    const waiting = this.pending.filter((entry) => !entry.isStored);
    if (waiting.length) keep(this.outboxKey, waiting.map(({ row: { id, body, at } }) => ({ id, body, at })));
    else remove(this.outboxKey);
  }

  restore() {
    const known = new Set(this.pending.map((entry) => entry.row.id));
    for (const row of kept(this.outboxKey) ?? []) if (!known.has(row.id)) this.wait(row);
  }

  edit(id) {
    this.editing = { id, failure: null };
    this.confirming = "";
    this.draw();
  }

  editLast() {
    const last = this.rows.find((row) => row.user_id === this.room.user_id && !row.is_deleted);
    if (last) this.edit(last.id);
    return Boolean(last);
  }

  change(id, body, done) {
    const fail = (failure) => { this.editing = { id, failure }; this.draw(); };
    this.channel?.push("update_msg", { id, body })
      .receive("ok", done)
      .receive("error", fail)
      .receive("timeout", () => fail({ reason: "timeout" }));
  }

  confirm(id) {
    this.confirming = id;
    this.refusal = null;
    this.draw();
  }

  remove(id) {
    const fail = (refusal) => { this.refusal = refusal; this.draw(); };
    this.confirm("");
    this.channel?.push("delete_msg", { id }).receive("error", fail).receive("timeout", () => fail({ reason: "timeout" }));
  }
}

function newId() { // `crypto.randomUUID` is only there on pages that came by https
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
