// A date and time in the reader's own zone, sent as an instant: the server never has to guess a zone.
import { createElement as h, useEffect, useRef } from "react";

const two = (number) => String(number).padStart(2, "0");

function wallTime(iso) {
  const at = iso ? new Date(iso) : null;
  if (!at || Number.isNaN(at.getTime())) return "";
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What is no time goes as it is, and the server says so. */
function instant(local) {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? local : at.toISOString();
}

/** The zone is written below the field, because "9:00" alone is not a time. */
export function LocalTime({ name, value, zoneLabel, ...props }) {
  const shown = useRef(null);
  const sent = useRef(null);
  const zone = useRef(null);
  useEffect(() => {
    // Listeners of our own on the fields themselves: whoever listens on the form already finds the new instant.
    const field = shown.current;
    const hidden = sent.current;
    let meant = ""; // to the second and less, where the field shows a minute: sent as it came while that minute stands
    const show = () => { meant = hidden.value; field.value = wallTime(meant); };
    const follow = () => { hidden.value = field.value === wallTime(meant) ? meant : instant(field.value); };
    hidden.value = value ?? "";
    show();
    field.addEventListener("input", follow);
    hidden.addEventListener("restored", show);
    zone.current.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll("_", " ");
    return () => {
      field.removeEventListener("input", follow);
      hidden.removeEventListener("restored", show);
    };
  }, [value]);
  return h("div", { className: "flex flex-col gap-1.5" },
    h("input", { ...props, ref: shown, type: "datetime-local", "data-sends": name }),
    // Not type="hidden", which a form that is reset leaves as it is.
    h("input", { ref: sent, name, defaultValue: value, hidden: true, readOnly: true }),
    h("p", { className: "text-sm text-muted" }, zoneLabel, " ", h("span", { ref: zone })));
}
