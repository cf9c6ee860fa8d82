// The way to another page while the server cannot be reached: its code would not come, and the browser would show a page
// of its own in place of the one that is being read. The way is kept, and taken when the connection is back.
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { store } from "./store.js";

export const held = store("");

const isPlain = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
const isElsewhere = ({ origin, pathname }) => origin === window.location.origin && pathname !== window.location.pathname;

/** Like React Router's: leads to another page, or keeps the way there while the connection `isLost`. */
export function useWay(isLost) {
  const navigate = useNavigate();
  return (to) => {
    if (isLost && typeof to === "string") held.set(to);
    else navigate(to);
  };
}

/** Keeps what links and forms lead to while the connection `isLost`, and goes there then. Who types has gone on. */
export function useHeldWays(isLost) {
  const navigate = useNavigate();
  const way = held.use();
  useEffect(() => {
    if (!isLost) return undefined;
    const hold = (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link || link.target || link.hasAttribute("download") || !isPlain(event) || !isElsewhere(link)) return;
      event.preventDefault();
      held.set(link.pathname + link.search + link.hash);
    };
    const forget = () => held.set("");
    document.addEventListener("click", hold, true);
    document.addEventListener("input", forget, true);
    return () => {
      document.removeEventListener("click", hold, true);
      document.removeEventListener("input", forget, true);
    };
  }, [isLost]);
  useEffect(() => {
    if (isLost || !way) return;
    held.set("");
    navigate(way);
  }, [isLost, way]);
  return way;
}
