// Who else has a post open: `reading:<post>` as a stream of people, by name.
import { EventTopic } from "../../live/browser/event_topic.js";
import { setKind, useStream } from "../../live/browser/streams.js";

class ReadingTopic extends EventTopic {
  constructor(channelOf, onClosed, descending, limit, { Presence }) {
    super(channelOf, onClosed, false, 0);
    this.Presence = Presence;
  }

  listen(channel) {
    const presence = new this.Presence(channel);
    presence.onSync(() => {
      const people = presence.list((id, { metas: [{ name, avatar }] }) => ({ id, name, avatar: avatar ?? "", sort: [name], version: 0 }));
      const others = people.filter(({ id }) => id !== this.user);
      others.sort((one, other) => one.name.localeCompare(other.name));
      this.begin(["reset", others, false]);
      this.draw();
    });
  }

  joined({ user_id }) {
    this.user = user_id;
    this.phase = "ready";
    this.draw();
  }
}

setKind("reading", ReadingTopic);
export const useReaders = (topic) => useStream(topic, false, 0);
