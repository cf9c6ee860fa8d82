// What the person is told of: `user:<person>` as a stream of the newest, with how many are unread.
import { EventTopic } from "../live/browser/event_topic.js";

const SHOWN = 5;

export class UserTopic extends EventTopic {
  constructor(channelOf, onClosed) {
    super(channelOf, onClosed, true, 0);
    this.unread = 0;
    this.looksAt = () => null; // where the person is, if they look
  }

  listen(channel) {
    channel.on("notification", ({ row, unread }) => this.told(row, unread));
    channel.on("read", ({ ids, unread }) => this.read((row) => ids.includes(row.id), unread));
    channel.on("gone", ({ id, unread }) => { this.apply(["delete", id]); this.counted(unread); });
    channel.on("latest", (list) => this.joined(list));
  }

  joined({ unread, latest }) {
    this.phase = "ready";
    this.begin(["reset", latest, false]);
    this.counted(unread);
    this.look();
  }

  told(row, unread) {
    if (!this.replica.position) return;
    const before = this.rows;
    const isSeen = row.url.split("#")[0] === this.looksAt();
    this.apply(["insert", isSeen ? { ...row, is_read: true, version: 1 } : row]);
    if (isSeen) this.push("mark_place_read", { place_id: row.place_id });
    else if (!before.some(({ id }) => id === row.id)) this.news = { kind: "added", row };
    this.counted(isSeen ? unread - 1 : unread);
  }

  read(isRead, unread) {
    this.rows.filter((row) => !row.is_read && isRead(row))
      .forEach((row) => this.apply(["update", { ...row, is_read: true, version: 1 }]));
    this.counted(unread);
  }

  counted(unread) {
    this.unread = Math.max(unread, 0);
    this.draw();
  }

  /** The person looks at a place: what is told from there is read. */
  look() {
    const here = this.looksAt();
    const unread = this.rows.filter((row) => !row.is_read && row.url.split("#")[0] === here);
    new Set(unread.map((row) => row.place_id)).forEach((place) => this.visit(place));
  }

  visit(place) {
    const here = this.rows.filter((row) => !row.is_read && row.place_id === place);
    this.read((row) => here.includes(row), this.unread - here.length);
    this.push("mark_place_read", { place_id: place });
  }

  readAll() {
    this.read(() => true, 0);
    this.push("mark_all_read", {});
  }

  push(event, payload) {
    this.channel?.push(event, payload).receive("ok", ({ unread }) => this.counted(unread));
  }

  view() {
    const view = super.view();
    return { ...view, rows: view.rows.slice(0, SHOWN), unread: this.unread };
  }
}
