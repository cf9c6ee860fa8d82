// The row that an address names, such as the comment of `#comment-7`: whoever follows a link to it is led there.
import { useEffect, useRef } from "react";
import { useLocation } from "react-router";

const MOST_PAGES = 20; // asked for on the way: a row that is gone is not looked for to the end of a long list

/** `prefix` is what the ids of rows have before their own; `stream` is asked for more until the row is there. */
export function useSought(prefix, stream, { rows, phase, has_more: hasMore }) {
  const { hash, key } = useLocation();
  const done = useRef("");
  const asked = useRef({ key: "", pages: 0 });
  const id = prefix && hash.startsWith(`#${prefix}`) ? hash.slice(prefix.length + 1) : "";
  useEffect(() => {
    if (!id || phase !== "ready" || done.current === key) return;
    if (rows.some((row) => row.id === id)) {
      done.current = key;
      arriveAt(prefix + id, 60);
      stream.point(id);
      return;
    }
    if (asked.current.key !== key) asked.current = { key, pages: 0 };
    if (!hasMore || asked.current.pages === MOST_PAGES) return;
    asked.current.pages += 1;
    stream.ask("tail");
  }, [id, key, rows, phase, hasMore]);
}

/** It may be drawn a moment later. */
function arriveAt(id, frames) {
  const row = document.getElementById(id);
  if (!row) { if (frames) requestAnimationFrame(() => arriveAt(id, frames - 1)); return; }
  row.scrollIntoView({ block: "start", behavior: "instant" });
  row.focus({ preventScroll: true });
}
