// Native dialogs that the URL's hash opens.
import { createElement as h, useEffect, useRef } from "react";
import { useLocation, useNavigate } from "react-router";
import { inBrowser } from "./store.js";

/** What an address's hash names; as it stands there where it is no quoted text, as anybody may write into it. */
function nameIn(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return hash.slice(1);
  }
}

function useHash() {
  const location = useLocation();
  return inBrowser ? nameIn(location.hash) : "";
}

export function Dialog({ name, title, closeLabel, children }) {
  const element = useRef(null);
  const navigate = useNavigate();
  const location = useLocation();
  const open = useHash() === name;
  const close = () => open && navigate(location.pathname + location.search, { replace: true, preventScrollReset: true });
  useEffect(() => {
    const dialog = element.current;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  const [body, actions] = children;
  return h("dialog", {
    ref: element, className: "dialog", "aria-labelledby": `dialog-${name}`,
    onCancel: (event) => { event.preventDefault(); close(); },
    onClick: (event) => event.target === element.current && close(),
  }, h("div", { className: "dialog-box" },
    h("h2", { id: `dialog-${name}`, className: "text-lg" }, title),
    body,
    h("div", { className: "dialog-actions" },
      h("button", { type: "button", className: "btn btn-ghost", onClick: close, autoFocus: true }, closeLabel),
      actions)));
}
