// Choosing a picture of oneself: a round window over it that is moved and zoomed, then sent with what it shows.
import { createElement as h, useEffect, useRef, useState } from "react";
import { sendFile } from "../../live/sending.js";
import { CLOSEST, centred, scaledTo, within } from "./square.js";

const SIDE = 256; // pixels of the window
const STEP = 0.05; // of what it shows, with an arrow key
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ZOOMS = { "+": 0.9, "=": 0.9, "-": 1 / 0.9, _: 1 / 0.9 };

export function AvatarForm({ action, accept, limit, texts, onSaved }) {
  const field = useRef(null);
  const canvas = useRef(null);
  const wire = useRef(null);
  const grip = useRef(null);
  const [chosen, setChosen] = useState(null); // {file, bitmap}
  const [square, setSquare] = useState(null);
  const [sent, setSent] = useState(-1); // percent; -1 while nothing is on its way
  const [problem, setProblem] = useState("");
  const isBusy = sent >= 0;

  useEffect(() => () => wire.current?.abort(), []);
  useEffect(() => {
    if (!chosen) return undefined;
    canvas.current.focus();
    return () => chosen.bitmap.close();
  }, [chosen]);
  useEffect(() => {
    if (!chosen || !square) return;
    const { bitmap } = chosen;
    const unit = Math.min(bitmap.width, bitmap.height);
    const context = canvas.current.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.clearRect(0, 0, SIDE, SIDE);
    context.drawImage(bitmap, square.left * unit, square.top * unit, square.side * unit, square.side * unit, 0, 0, SIDE, SIDE);
  }, [chosen, square]);

  const change = (alter) => setSquare((before) => within(chosen.bitmap, alter(before)));
  const leave = (text = "") => {
    setChosen(null);
    setSquare(null);
    setSent(-1);
    setProblem(text);
    field.current.value = "";
    field.current.focus();
  };
  const choose = async () => {
    const [file] = field.current.files;
    if (!file) return;
    setProblem("");
    if (file.size > limit) { leave(texts.large); return; }
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (!bitmap) { leave(texts.unacceptable); return; }
    setSquare(centred(bitmap));
    setChosen({ file, bitmap });
  };
  const onKeyDown = (event) => {
    const move = MOVES[event.key];
    const zoom = ZOOMS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!move && !zoom)) return;
    event.preventDefault();
    if (move) change((now) => ({ ...now, left: now.left + move[0] * STEP * now.side, top: now.top + move[1] * STEP * now.side }));
    else change((now) => scaledTo(now, now.side * zoom));
  };
  const onPointerDown = (event) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = { x: event.clientX, y: event.clientY };
  };
  const onPointerMove = (event) => {
    if (!grip.current) return;
    const { x, y } = grip.current;
    const scale = square.side / event.currentTarget.clientWidth;
    grip.current = { x: event.clientX, y: event.clientY };
    change((now) => ({ ...now, left: now.left - (event.clientX - x) * scale, top: now.top - (event.clientY - y) * scale }));
  };
  const letGo = () => { grip.current = null; };
  const send = () => {
    setProblem("");
    setSent(0);
    const { left, top, side } = square;
    wire.current = sendFile(`${action}?left=${left.toFixed(5)}&top=${top.toFixed(5)}&side=${side.toFixed(5)}`, chosen.file, texts, {
      progress: setSent,
      failed: (text) => leave(text),
      stopped: () => { if (field.current) setSent(-1); },
      done: () => { leave(); onSaved(); },
    });
  };

  const crop = chosen && h("div", { className: "flex flex-wrap items-center gap-6" },
    h("canvas", {
      ref: canvas, width: SIDE, height: SIDE, tabIndex: 0, role: "application", "aria-label": texts.crop,
      "aria-describedby": "avatar-keys", onKeyDown, onPointerDown, onPointerMove, onPointerUp: letGo, onPointerCancel: letGo,
      className: "size-48 shrink-0 cursor-grab touch-none rounded-full border border-line bg-base-200 active:cursor-grabbing",
    }),
    h("div", { className: "flex min-w-48 flex-1 flex-col gap-3" },
      h("label", { className: "flex flex-col gap-1.5 text-sm font-medium" }, texts.zoom,
        h("input", {
          type: "range", min: 1, max: 1 / CLOSEST, step: 0.1, value: 1 / square.side, className: "range range-sm range-primary w-full",
          onChange: (event) => change((now) => scaledTo(now, 1 / Number(event.target.value))),
        })),
      h("p", { id: "avatar-keys", className: "text-sm text-muted" }, texts.keys),
      isBusy
        ? h("div", { className: "flex items-center gap-3" },
            h("progress", { value: sent, max: 100, "aria-label": texts.progress, className: "progress progress-primary h-2 grow" }),
            h("span", { role: "status", className: "w-12 text-sm tabular text-muted" }, `${sent} %`),
            h("button", { type: "button", className: "btn btn-ghost btn-sm", onClick: () => wire.current.abort() }, texts.cancel))
        : h("div", { className: "flex flex-wrap gap-2" },
            h("button", { type: "button", className: "btn btn-primary font-medium shadow-none", onClick: send }, texts.save),
            h("button", { type: "button", className: "btn btn-ghost font-medium shadow-none", onClick: () => leave() }, texts.cancel))));
  return h("div", { className: "flex flex-col gap-4" },
    h("div", { className: "flex flex-col gap-1.5" },
      h("label", { htmlFor: "avatar-file", className: "text-sm font-medium" }, texts.label),
      h("input", {
        ref: field, id: "avatar-file", type: "file", accept, disabled: isBusy, onChange: choose,
        className: "file-input w-full border-edge bg-base-100 aria-invalid:border-error",
        "aria-invalid": problem ? "true" : "false", "aria-describedby": "avatar-problem avatar-help",
      }),
      h("p", { id: "avatar-problem", role: "alert", className: "text-sm text-error first-letter:uppercase empty:hidden" }, problem),
      h("p", { id: "avatar-help", className: "text-sm text-muted" }, texts.help)),
    crop);
}
