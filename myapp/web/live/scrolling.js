// Tells the page when its reader has scrolled past a mark, so that news can wait instead of moving the text.
import { createElement as h, useEffect, useRef } from "react";

/** Nothing to see; calls `onAway(true)` when it has left the window at the top, `onAway(false)` when it is back. */
export function ScrollMark({ onAway }) {
  const mark = useRef(null);
  const tell = useRef(onAway);
  tell.current = onAway;
  useEffect(() => {
    let away = false;
    const observer = new IntersectionObserver(([entry]) => {
      const now = !entry.isIntersecting && entry.boundingClientRect.top < 0;
      if (now !== away) tell.current?.((away = now));
    });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, []);
  return h("div", { ref: mark, "aria-hidden": true });
}
