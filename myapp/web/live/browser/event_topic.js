// A stream whose channel has events of its own instead of operations: subclasses turn the ones into the others.
import { Stream } from "./stream_topic.js";
import { drawn } from "./stream_window.js";

const FINAL = new Set(["unauthorized", "not found", "unmatched topic"]);
const EPOCH = "events"; // the numbers of our own counting go up as long as the page lives

export class EventTopic extends Stream {
  open() {
    this.channel = this.channelOf(() => ({}));
    this.channel.onClose(this.closedBy(this.channel));
    this.listen(this.channel);
    this.channel.join()
      .receive("ok", (reply) => this.joined(reply))
      .receive("error", ({ reason }) => {
        if (!FINAL.has(reason)) return; // the client tries again by itself
        this.phase = "refused";
        this.channel.leave();
        this.draw();
      });
  }

  /** All rows anew, or with operations of another kind: what is held now, with these applied. */
  begin(...ops) { this.replica.joined({ epoch: EPOCH, seq: this.replica.position?.seq ?? 0, ops }); }

  apply(...ops) { return this.replica.heard({ epoch: EPOCH, seq: (this.replica.position?.seq ?? 0) + 1, ops }); }

  /** A page that was asked for when the last operation had the number `seq`. */
  extend(towards, rows, more, seq) { this.replica.answered(towards, { epoch: EPOCH, seq, rows, more }); }

  get rows() { return this.replica.window.rows; }

  view() {
    const rows = drawn(this.replica.window, this.leaving, this.pending, this.changed);
    const hasMore = this.replica.window.end !== null;
    return { rows, phase: this.phase, fresh: this.fresh.size, has_more: hasMore, news: this.news };
  }

  draw() {
    this.shown = this.view();
    this.frames.forEach((frame) => frame.look?.());
    this.listeners.forEach((listener) => listener());
  }
}
