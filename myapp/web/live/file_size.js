// How large a file is, in the reader's language.
import { createElement as h } from "react";
import { useTexts } from "./browser/texts.js";

const UNITS = ["byte", "kilobyte", "megabyte"];

export function sizeIn(language, bytes) {
  const step = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), 2);
  // "11 bytes", but "11 kB": of the smallest unit the short form is a word that has no plural.
  const unitDisplay = step ? "short" : "long";
  const format = { style: "unit", unit: UNITS[step], unitDisplay, maximumFractionDigits: step > 1 ? 1 : 0 };
  return new Intl.NumberFormat(language, format).format(bytes / 1024 ** step);
}

export function FileSize({ bytes, className }) {
  const { language } = useTexts();
  return h("span", { className }, sizeIn(language, bytes));
}
