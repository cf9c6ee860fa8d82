// What the operators' topics tell: the latest snapshot of each, as it comes.
import { EventTopic } from "../../live/browser/event_topic.js";
import { setKind, useStream } from "../../live/browser/streams.js";

const NOT_YET = { phase: "loading", data: {} };

class BoardTopic extends EventTopic {
  listen(channel) { channel.on("snapshot", (snapshot) => this.joined(snapshot)); }

  joined(snapshot) {
    this.phase = "ready";
    this.data = snapshot;
    this.draw();
  }

  view() { return { phase: this.phase, data: this.data ?? {}, rows: [] }; }
}

setKind("ops", BoardTopic);

/** The snapshot as `data`, once `phase` is "ready". */
export function useBoard(topic) {
  const shown = useStream(topic, true, 0);
  return shown.data ? shown : NOT_YET;
}
