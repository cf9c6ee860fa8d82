// The bell: how much is unread, the newest of it, and marking it as read by looking at it.
import { useEffect } from "react";
import { useLocation } from "react-router";
import { inBrowser } from "../live/browser/store.js";
import { setKind, streamOf, useStream } from "../live/browser/streams.js";
import { UserTopic } from "./user_topic.js";

setKind("user", UserTopic);

const topicOf = (topic) => streamOf(topic, true, 0);
const place = () => (document.visibilityState === "visible" ? window.location.pathname : null);

/** The newest, and `unread`; what one looks at becomes read. */
export function useNotifications(topic) {
  const shown = useStream(topic, true, 0);
  const { pathname } = useLocation();
  useEffect(() => {
    if (!inBrowser || !topic) return undefined;
    const stream = topicOf(topic);
    stream.looksAt = place;
    const look = () => stream.look();
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [topic, pathname]);
  return shown;
}

export function readAll(topic) { topicOf(topic).readAll(); }
export function visitPlace(topic, id) { topicOf(topic).visit(id); }
