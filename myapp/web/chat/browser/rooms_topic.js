// The rooms of an organisation with what is unread in them: `rooms:<slug>` as a stream, by name.
import { EventTopic } from "../../live/browser/event_topic.js";

export class RoomsTopic extends EventTopic {
  constructor(channelOf, onClosed, descending, limit, { streams }) {
    super(channelOf, onClosed, false, 0);
    this.streams = streams;
    this.user = null;
  }

  listen(channel) {
    channel.on("rooms", (list) => this.joined(list));
    channel.on("said", (said) => this.said(said));
    channel.on("read", ({ id, last_read_seq }) => this.seen(id, last_read_seq));
  }

  joined({ user_id, rooms }) {
    this.phase = "ready";
    this.user = user_id;
    // What was told while the list was read may already be ahead of it.
    const rows = rooms.map((room) => {
      const { last_seq = 0, last_read_seq = 0 } = this.room(room.id) ?? {};
      const isOpen = room.is_member && this.isLookedAt(room.id);
      return this.counted({
        ...room, sort: [room.name], version: 0, last_seq: Math.max(last_seq, room.last_seq),
        last_read_seq: isOpen ? Math.max(last_seq, room.last_seq) : Math.max(last_read_seq, room.last_read_seq),
      });
    });
    this.begin(["reset", rows, false]);
    this.draw();
  }

  room(id) { return this.rows.find((row) => row.id === id); }

  isLookedAt(id) { return Boolean(this.streams.get(`room:${id}`)?.isSeen()); }

  /** Counts are for rooms that one is in: what a person never opened does not ask for attention, unless it names them. */
  counted(room) {
    const unread = this.user && room.is_member ? Math.max(room.last_seq - room.last_read_seq, 0) : 0;
    return { ...room, unread, mentions: room.last_read_seq < room.last_seq ? room.mention_count : 0 };
  }

  change(id, change) {
    const room = this.room(id);
    if (!room || !this.replica.position) return;
    this.apply(["update", this.counted({ ...room, ...change(room) })]);
    this.draw();
  }

  said({ id, seq, user_id, mentions }) {
    const isOwn = user_id === this.user;
    this.change(id, (room) => ({
      last_seq: Math.max(room.last_seq, seq),
      last_read_seq: isOwn || this.isLookedAt(id) ? Math.max(room.last_read_seq, seq) : room.last_read_seq,
      mention_count: room.mention_count + (seq > room.last_seq && !isOwn && mentions.includes(this.user) ? 1 : 0),
      is_member: room.is_member || (isOwn && room.visibility === "public"),
    }));
  }

  /** The person has read so far, here or in another tab. */
  seen(id, seq) {
    this.change(id, (room) => ({
      last_read_seq: Math.max(room.last_read_seq, seq),
      mention_count: seq >= room.last_seq ? 0 : room.mention_count,
      is_member: room.is_member || room.visibility === "public",
    }));
  }

  view() {
    const view = super.view();
    const sum = (name) => view.rows.reduce((total, row) => total + row[name], 0);
    return { ...view, unread: sum("unread"), mentions: sum("mentions") };
  }
}
