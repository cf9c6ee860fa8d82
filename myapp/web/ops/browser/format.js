// Figures as the reader's language writes them. It knows no page, so that tests play it in Node.

const formats = new Map();
const clocks = new Map();
const NOTHING = "–";

function formatted(language, value, options) {
  const key = `${language} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language, options));
  return formats.get(key).format(value);
}

/** The hours and minutes of the reader's clock. */
export function clock(language) {
  if (!clocks.has(language)) {
    clocks.set(language, new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
  }
  return clocks.get(language);
}

const unit = (language, value, name, digits = 1, display = "short") => formatted(language, value, {
  style: "unit", unit: name, unitDisplay: display, maximumFractionDigits: Math.abs(value) < 10 ? digits : Math.min(digits, Math.abs(value) < 100 ? 1 : 0),
});

const BYTES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

function bytes(language, value) {
  const step = Math.min(BYTES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3)));
  return unit(language, value / 1000 ** step, BYTES[step], step ? 1 : 0, step ? "short" : "long");
}

function duration(language, seconds) {
  if (seconds < 0.0009995) return `${formatted(language, seconds * 1e6, { maximumFractionDigits: 0 })} µs`;
  if (seconds < 1) return unit(language, seconds * 1000, "millisecond");
  if (seconds < 120) return unit(language, seconds, "second");
  if (seconds < 7200) return unit(language, Math.floor(seconds / 60), "minute", 0);
  if (seconds < 172800) return unit(language, Math.floor(seconds / 3600), "hour", 0);
  return unit(language, Math.floor(seconds / 86400), "day", 0);
}

const kinds = {
  number: (language, value) => formatted(language, value, { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 }),
  bytes,
  duration,
  clock: (language, value) => clock(language).format(value * 1000),
  percent: (language, value) => formatted(language, value, { style: "percent", maximumFractionDigits: 1 }),
};

export const isFigure = (kind) => kind in kinds;

/** A value as this kind of figure; a text as it is; a dash for what there is not. */
export function show(texts, value, kind) {
  if (Array.isArray(value)) return show(texts, value.join(", "), kind);
  if (value === null || value === undefined || value === "") return NOTHING;
  return isFigure(kind) ? kinds[kind](texts.language, Number(value)) : String(value);
}
