// The files of a post that is being written: sent as soon as they are chosen, listed in a field of the form.
import { createElement as h, useEffect, useRef, useState } from "react";
import { useTexts } from "../../live/browser/texts.js";
import { sizeIn } from "../../live/file_size.js";
import { named, sendFile } from "../../live/sending.js";

function itemsOf(text) {
  try {
    const items = JSON.parse(text || "[]");
    return Array.isArray(items) ? items : [];
  } catch {
    return [];
  }
}

/** What is kept under `name` is the JSON of the files that are there; `single` keeps one, and shows it. */
export function FilesField({ name, value, action, label, help, error, accept, limit, single, texts }) {
  const { language } = useTexts();
  const field = useRef(null);
  const kept = useRef(null);
  const queue = useRef([]);
  const wire = useRef(null);
  const list = useRef(null);
  const [items, setItems] = useState(() => itemsOf(value));
  const [sending, setSending] = useState(null); // {filename, percent}
  const [problems, setProblems] = useState([]);
  const id = `post-${name}`;

  useEffect(() => {
    const input = kept.current;
    const show = () => setItems(itemsOf(input.value)); // what the browser kept while the page was away
    input.addEventListener("restored", show);
    return () => {
      input.removeEventListener("restored", show);
      queue.current = [];
      wire.current?.abort();
    };
  }, []);

  // The form hears of it as of a letter that was typed: it keeps a draft of it and checks it.
  const keep = (change) => {
    const next = change(itemsOf(kept.current.value));
    kept.current.value = next.length ? JSON.stringify(next) : "";
    kept.current.dispatchEvent(new Event("input", { bubbles: true }));
    setItems(next);
  };
  const complain = (file, text) => setProblems((before) => [...before, { filename: file.name, text }]);
  const sendNext = () => {
    const file = queue.current.shift();
    if (!file) { setSending(null); return; }
    if (file.size > limit) { complain(file, texts.large); sendNext(); return; }
    setSending({ filename: file.name, percent: 0 });
    wire.current = sendFile(named(action, file), file, texts, {
      progress: (percent) => setSending({ filename: file.name, percent }),
      failed: (text) => { complain(file, text); sendNext(); },
      stopped: () => { if (field.current) sendNext(); },
      done: (item) => { keep((before) => (single ? [item] : [...before, item])); sendNext(); },
    });
  };
  const choose = (event) => {
    event.stopPropagation();
    setProblems([]);
    const isIdle = !sending;
    queue.current.push(...field.current.files);
    field.current.value = ""; // the same file may be chosen again
    if (isIdle) sendNext();
  };
  const remove = (item, index) => {
    keep((before) => before.filter((each) => each.id !== item.id));
    const others = list.current?.querySelectorAll("button") ?? [];
    (others[index + 1] ?? others[index - 1] ?? field.current).focus();
  };

  const removal = (item, index) => h("button", {
    type: "button", className: "btn btn-ghost btn-sm font-medium shadow-none", onClick: () => remove(item, index),
    "aria-label": `${texts.remove}: ${item.filename}`,
  }, texts.remove);
  const shown = single
    ? items.map((item, index) => h("div", { key: item.id, ref: list, className: "flex flex-col gap-2" },
        h("img", { src: item.url, alt: "", className: "aspect-[2/1] w-full rounded-box bg-base-200 object-cover" }),
        h("div", { className: "flex items-center gap-3 text-sm" },
          h("span", { dir: "auto", className: "min-w-0 flex-1 truncate text-muted" }, item.filename),
          removal(item, index))))
    : items.length > 0 && h("ul", { ref: list, className: "divide-y divide-line rounded-box border border-line" },
        items.map((item, index) => h("li", { key: item.id, className: "flex items-center gap-3 py-1 ps-3 pe-1 text-sm" },
          h("a", { href: item.url, download: item.filename, dir: "auto", className: "min-w-0 flex-1 truncate hover:underline" }, item.filename),
          h("span", { className: "shrink-0 tabular text-muted" }, sizeIn(language, item.size)),
          removal(item, index))));
  const told = [...problems.map(({ filename, text }) => `${filename}: ${text}`), ...(error ? [error] : [])];
  return h("div", { className: "flex flex-col gap-2" },
    h("label", { htmlFor: id, className: "flex items-baseline gap-2 text-sm font-medium" }, label,
      h("span", { className: "text-xs font-normal text-muted" }, texts.optional)),
    shown,
    h("input", {
      ref: field, id, type: "file", accept, multiple: !single, onChange: choose, onInput: (event) => event.stopPropagation(),
      className: "file-input w-full border-edge bg-base-100 aria-invalid:border-error",
      "aria-invalid": told.length ? "true" : "false", "aria-describedby": `${id}-problem ${id}-help`,
    }),
    sending && h("div", { className: "flex items-center gap-3", tabIndex: -1, "data-busy": "" },
      h("progress", { value: sending.percent, max: 100, "aria-label": `${texts.progress}: ${sending.filename}`, className: "progress progress-primary h-2 grow" }),
      h("span", { role: "status", className: "w-12 text-sm tabular text-muted" }, `${sending.percent} %`),
      h("button", { type: "button", className: "btn btn-ghost btn-sm font-medium shadow-none", onClick: () => wire.current.abort() }, texts.cancel)),
    h("div", { id: `${id}-problem`, role: "alert", className: "flex flex-col gap-1 text-sm text-error empty:hidden" },
      told.map((text) => h("p", { key: text, dir: "auto" }, text))),
    h("p", { id: `${id}-help`, className: "text-sm text-muted" }, help),
    h("input", { ref: kept, name, defaultValue: value, hidden: true, readOnly: true }));
}
