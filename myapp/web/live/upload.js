// Sends one file as the body of a request and shows how much of it has arrived.
import { createElement as h, useRef, useState } from "react";
import { named, sendFile } from "./sending.js";

/** `action` is where the file goes, its name is added as `?filename=`; `texts` is what is said on the way. */
export function FileUpload({ action, name, label, help, accept, texts }) {
  const field = useRef(null);
  const request = useRef(null);
  const [sent, setSent] = useState(-1); // percent; -1 while nothing is on its way
  const [problem, setProblem] = useState("");
  const id = `upload-${name}`;
  const isBusy = sent >= 0;

  const send = (event) => {
    event.preventDefault();
    const [file] = field.current.files;
    if (isBusy) return;
    if (!file) {
      setProblem(texts.none);
      field.current.focus();
      return;
    }
    const fail = (text) => {
      setSent(-1);
      setProblem(text);
      field.current?.focus();
    };
    setProblem("");
    setSent(0);
    request.current = sendFile(named(action, file), file, texts, {
      progress: setSent,
      failed: fail,
      stopped: () => fail(""),
      done: () => {
        setSent(-1);
        field.current.value = "";
      },
    });
  };

  return h("form", { onSubmit: send, noValidate: true, className: "flex flex-col gap-3" },
    h("div", { className: "flex flex-col gap-1.5" },
      h("label", { htmlFor: id, className: "text-sm font-medium" }, label),
      h("input", {
        ref: field, id, type: "file", accept, disabled: isBusy,
        className: "file-input w-full border-edge bg-base-100 aria-invalid:border-error",
        "aria-invalid": problem ? "true" : "false", "aria-describedby": `${id}-help ${id}-problem`,
        onChange: () => setProblem(""),
      }),
      h("p", { id: `${id}-problem`, role: "alert", className: "text-sm text-error empty:hidden" }, problem),
      h("p", { id: `${id}-help`, className: "text-sm text-muted" }, help)),
    h("div", { className: "flex items-center gap-3" },
      isBusy
        ? h("button", { key: "stop", type: "button", className: "btn btn-ghost", onClick: () => request.current.abort() },
            texts.cancel)
        : h("button", { key: "send", type: "submit", className: "btn btn-primary shadow-none" }, texts.send),
      isBusy && h("div", { className: "flex min-w-0 grow items-center gap-3" },
        h("progress", { value: sent, max: 100, "aria-label": texts.progress, className: "progress progress-primary h-2 grow" }),
        h("span", { role: "status", className: "w-12 text-sm tabular text-muted" }, `${sent} %`))));
}
