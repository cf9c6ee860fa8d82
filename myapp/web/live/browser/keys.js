// The keyboard, and where the focus goes.
import { createElement as h, useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { useConnectionLoss } from "./marks.js";
import { useWay } from "./ways.js";

export function SkipLink({ children }) {
  const skip = (event) => { event.preventDefault(); document.getElementById("main")?.focus(); };
  return h("a", { href: "#main", className: "skip-link", onClick: skip }, children);
}

const isTyping = (target) => target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);

/** `keys` maps "g p", "n", "/" to an address, "#hash", or "focus:<id>". */
export function Shortcuts({ keys }) {
  const navigate = useNavigate();
  const isLost = Boolean(useConnectionLoss());
  const go = useWay(isLost);
  const first = useRef("");
  useEffect(() => {
    const act = (what) => {
      if (what.startsWith("focus:")) document.getElementById(what.slice(6))?.focus();
      else if (what.startsWith("#")) navigate({ search: window.location.search, hash: what });
      else go(what);
    };
    const onKey = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
      if (document.querySelector("dialog[open]")) return;
      const pressed = first.current ? `${first.current} ${event.key}` : event.key;
      first.current = "";
      if (keys[pressed]) { event.preventDefault(); act(keys[pressed]); }
      else if (Object.keys(keys).some((key) => key.startsWith(`${event.key} `))) {
        first.current = event.key;
        setTimeout(() => { first.current = ""; }, 1200);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [keys, navigate, isLost]);
  return null;
}

const isBusy = () => document.getElementById("main")?.getAttribute("aria-busy") === "true";

/** Takes the focus to a new page at once, and says its name once that is known. */
export function RouteAnnouncer() {
  const { pathname } = useLocation();
  const before = useRef(pathname);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (before.current === pathname) return undefined;
    before.current = pathname;
    let timer = 0;
    const say = () => {
      if (isBusy()) timer = setTimeout(say, 100);
      else setSaid(document.title);
    };
    timer = setTimeout(() => {
      if (document.activeElement === document.body || !document.activeElement?.closest("main")) {
        document.getElementById("main")?.focus({ preventScroll: true });
      }
      say();
    }, 100);
    return () => clearTimeout(timer);
  }, [pathname]);
  return h("p", { className: "sr-only", role: "status" }, said);
}
