// Pieces of the frame around the page: menus, the choice of a theme, and what is left when drawing fails.
import { Component, createElement as h, useContext, useEffect, useRef, useState } from "react";
import { useLocation, useNavigation } from "react-router";
import { ColorModeContext } from "$/utils/context-registry";
import { currentTexts, useTexts } from "./texts.js";

export function Menu({ name, label, face, side, children }) {
  const panel = useRef(null);
  const [open, setOpen] = useState(false);
  const { key } = useLocation();
  useEffect(() => { if (panel.current?.matches(":popover-open")) panel.current.hidePopover(); }, [key]);
  return h("div", { className: "menu-anchor" },
    h("button", {
      type: "button", className: "menu-button", popoverTarget: `menu-${name}`,
      "aria-label": label, "aria-expanded": open, "aria-controls": `menu-${name}`,
    }, face),
    h("div", {
      ref: panel, id: `menu-${name}`, popover: "auto", className: "menu-panel", "data-side": side,
      onToggle: (event) => setOpen(event.newState === "open"),
    }, children));
}

export function ThemeChoice() {
  const t = useTexts();
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const modes = [["light", t.text("Light")], ["dark", t.text("Dark")], ["system", t.text("System")]];
  return h("fieldset", { className: "choice" }, h("legend", null, t.text("Theme")),
    h("div", { className: "segments" }, modes.map(([mode, text]) =>
      h("button", { key: mode, type: "button", "aria-pressed": rawColorMode === mode, onClick: () => setColorMode(mode) }, text))));
}

/** A line at the top while the next page's code is on its way; a quick answer shows none. */
export function RouteProgress() {
  const { state } = useNavigation();
  return state === "idle" ? null : h("div", { className: "route-progress", "aria-hidden": true });
}

/** A list of ways that may be wider than the screen: the one to the page that is shown is in sight. */
export function Strip({ className, children }) {
  const list = useRef(null);
  useEffect(() => {
    const show = () => {
      const here = list.current.querySelector('[aria-current="page"]')?.getBoundingClientRect();
      const all = list.current.getBoundingClientRect();
      if (here) list.current.scrollLeft += here.left + here.width / 2 - all.left - all.width / 2;
    };
    show();
    const marks = new MutationObserver(show); // the server says which one it is, a little after the page has changed
    marks.observe(list.current, { subtree: true, attributeFilter: ["aria-current"] });
    return () => marks.disconnect();
  }, []);
  return h("ul", { ref: list, className }, children);
}

export class Boundary extends Component {
  state = { failed: false };
  static getDerivedStateFromError() { return { failed: true }; }
  componentDidCatch(error) { window.reportError?.(error); }
  render() {
    if (!this.state.failed) return this.props.children;
    const t = currentTexts.get();
    return h("main", { className: "failed-page", role: "alert" },
      h("h1", { className: "text-xl" }, t.text("This page could not be shown")),
      h("p", null, t.text("Something went wrong on our side, and it is noted. What you typed is kept.")),
      h("button", { type: "button", className: "btn btn-primary", onClick: () => window.location.reload() }, t.text("Load it again")));
  }
}
