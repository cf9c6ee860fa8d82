// A stream whose channel has events of its own instead of operations: subclasses turn the ones into the others.
import { Stream } from "./stream_topic.js";

const EPOCH = "events"; // the numbers of our own counting go up as long as the page lives

export class EventTopic extends Stream {
  params() { return {}; }

  settle() {} // a subclass knows what has come of what waits

  /** All rows anew, or with operations of another kind: what is held now, with these applied. */
  begin(...ops) { this.replica.joined({ epoch: EPOCH, seq: this.replica.position?.seq ?? 0, ops }); }

  apply(...ops) {
    const from = this.replica.position?.seq ?? 0;
    return this.replica.heard({ epoch: EPOCH, from, seq: from + 1, ops });
  }

  /** A page that was asked for when the last operation had the number `seq`. */
  extend(towards, rows, more, seq) { this.replica.answered(towards, { epoch: EPOCH, seq, rows, more }); }

  get rows() { return this.replica.window.rows; }
}
