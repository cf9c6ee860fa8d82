// A form that is posted to an endpoint, as those are that set the session cookie: scripts cannot. It is checked while one
// types as other forms are, but nothing of it is kept in the browser: passwords are typed here.
import { createElement as h, useEffect, useRef, useState } from "react";
import { useTexts } from "./texts.js";

const fieldsOf = (form) => Object.fromEntries(
  [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit")
    .map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]));

/** `onRefused` takes the complaints by field, and what is wrong with all of it. Before it lives, the browser posts it. */
export function PostForm({ name, action, label, refused = 0, onValidate, onRefused, className, children }) {
  const t = useTexts();
  const form = useRef(null);
  const touched = useRef(new Set());
  const timer = useRef(0);
  const [sending, setSending] = useState(false);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!refused) return;
    (form.current.querySelector('[aria-invalid="true"]') ?? form.current.querySelector('[role="alert"]'))?.focus();
  }, [refused]);

  const onInput = (event) => {
    if (event.target.name) touched.current.add(event.target.name);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onValidate(fieldsOf(form.current), [...touched.current]), 300);
  };
  const onSubmit = async (event) => {
    event.preventDefault();
    if (sending) return;
    clearTimeout(timer.current);
    setSending(true);
    const target = event.nativeEvent.submitter?.getAttribute("formaction") || action;
    try {
      const answer = await fetch(target, {
        method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(new FormData(form.current)),
      });
      const { data, errors } = await answer.json();
      if (data) { window.location.assign(data.to); return; } // loads anew: the connection knows the old cookie
      onRefused(errors.fields ?? {}, errors.detail ?? "");
    } catch {
      onRefused({}, t.text("The server did not answer. Try again."));
    }
    setSending(false);
  };
  return h("form", {
    ref: form, id: `${name}-form`, method: "post", action, noValidate: true, "aria-label": label || undefined,
    "data-sending": sending ? "" : undefined, className, onInput, onSubmit,
  }, children);
}
