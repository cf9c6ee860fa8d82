// Marks that keep themselves up to date: times, initials, the state of the connection.
import { Fragment, createElement as h, useContext, useEffect, useState } from "react";
import { useLocation } from "react-router";
import { EventLoopContext } from "$/utils/context-registry";
import { goOnAsVisitor, tryAgain } from "./connection.js";
import { channelLoss, inBrowser, store } from "./store.js";
import { useTexts } from "./texts.js";
import { useHeldWays } from "./ways.js";

export function initials(name) {
  const words = String(name ?? "").trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0]).join("").toUpperCase();
}

const STEPS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
const clock = store(0);
if (inBrowser) setInterval(() => clock.set(Date.now()), 20000);

function ago(date, language, style) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: style === "short" ? "narrow" : "long" });
  for (const [unit, length] of STEPS) {
    // What is over counts whole: "2 days ago" has been two. What is to come is rounded: a week is not six days at once.
    if (Math.abs(seconds) >= length) return format.format(seconds < 0 ? Math.trunc(seconds / length) : Math.round(seconds / length), unit);
  }
  return format.format(0, "second");
}

export function RelativeTime({ at, styleName, className }) {
  clock.use();
  const { language } = useTexts();
  const date = at ? new Date(at) : null;
  if (!date || Number.isNaN(date.getTime())) return null;
  const exact = date.toLocaleString(language, { dateStyle: "full", timeStyle: "short" });
  return h("time", { dateTime: at, title: exact, className }, ago(date, language, styleName));
}

const online = store(true);
if (inBrowser) {
  const update = () => online.set(navigator.onLine);
  ["online", "offline"].forEach((name) => window.addEventListener(name, update));
  queueMicrotask(update);
}

/** Whether the server cannot be reached: "" while it can, else "offline" or "reconnecting". */
export function useConnectionLoss() {
  const [, errors] = useContext(EventLoopContext) ?? [];
  const isOnline = online.use();
  return !isOnline ? "offline" : errors?.length ? "reconnecting" : "";
}

const CUT_OFF = new Set(["too_many", "logged_out"]);

export function LiveDot() {
  const t = useTexts();
  const cut = channelLoss.use();
  const state = useConnectionLoss() || (CUT_OFF.has(cut) ? "paused" : cut) || "connected";
  const words = {
    connected: t.text("Connected"), reconnecting: t.text("Reconnecting"), offline: t.text("Offline"), paused: t.text("Not live"),
  };
  return h("span", { className: "live-dot", role: "status", "data-state": state },
    h("span", { className: "live-dot-mark", "aria-hidden": true }),
    h("span", { className: state === "connected" ? "sr-only" : "" }, words[state]));
}

// ms until something is worth a word: connections come back by themselves, and whoever logs out here leaves the page.
const PATIENCE = { lost: 3000, reconnecting: 3000, logged_out: 1500 };

/** What is wrong with the tab's connections, once it has been for long enough. */
function useLastingLoss() {
  const isLost = Boolean(useConnectionLoss());
  const cut = channelLoss.use();
  const loss = isLost && cut !== "logged_out" ? "lost" : cut;
  const [lasting, setLasting] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setLasting(loss), PATIENCE[loss] ?? 0);
    return () => clearTimeout(timer);
  }, [loss]);
  return lasting === loss ? loss : "";
}

/** Says what the page can't do just now, what becomes of what one writes, and how to go on. `logIn` is where that is. */
export function ConnectionNotice({ logIn }) {
  const t = useTexts();
  const way = useHeldWays(Boolean(useConnectionLoss()));
  const lasting = useLastingLoss();
  const loss = way ? "held" : lasting;
  const { pathname, search } = useLocation();
  const back = `${logIn}?back=${encodeURIComponent(pathname + search)}`;
  const isThere = pathname === logIn;
  useEffect(() => {
    if (loss !== "logged_out") return;
    if (isThere) goOnAsVisitor(); // the server has led here already
    else window.location.assign(`${back}&ended=1`); // loads anew: the connection knows the old cookie
  }, [loss]);
  const notice = (...words) => h("p", { className: "connection-notice" }, ...words);
  const said = {
    lost: () => notice(t.text("The connection is lost. Go on reading and typing: what you write is kept, and sent when it is back.")),
    held: () => notice(t.text("The connection is lost. The page you chose opens as soon as it is back.")),
    reconnecting: () => notice(t.text("What is new does not come in just now. It is caught up with as soon as the connection is back.")),
    too_many: () => notice(
      t.text("You have this site open in too many windows, so this one does not hear what is new. Close another one."), " ",
      h("button", { type: "button", onClick: tryAgain }, t.text("Try again"))),
  };
  return h(Fragment, null,
    h("div", { role: "status" }, said[loss]?.()),
    h("div", { role: "alert" }, loss === "logged_out" && !isThere && notice(
      t.text("Your session has ended, so this page does not hear what is new."), " ",
      h("a", { href: back }, t.text("Log in")))));
}
