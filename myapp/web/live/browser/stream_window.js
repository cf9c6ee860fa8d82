// What a browser keeps of a stream: the same rules as myapp/kit/streams/window.py and replica.py, which explain them.
// Pure: it knows neither a connection nor a page, and the tests compare it with its twin in Node.

export const keyOf = (row) => [...row.sort, row.id];

function compare(one, other) {
  for (let at = 0; at < one.length; at += 1) {
    if (one[at] !== other[at]) return isLess(one[at], other[at]) ? -1 : 1;
  }
  return 0;
}

// Texts by code points, as the database has them. JavaScript goes by halves of those beyond 0xffff, which are less than
// the last of the others.
function isLess(one, other) {
  if (typeof one !== "string" || typeof other !== "string") return one < other;
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const [here, there] = [one.charCodeAt(at), other.charCodeAt(at)];
  const areHalves = [here, there].map((unit) => unit >= 0xd800 && unit < 0xe000);
  return here >= 0xd800 && there >= 0xd800 && areHalves[0] !== areHalves[1] ? areHalves[1] : one < other;
}

const emptyWindow = (descending = true) => ({ rows: [], start: null, end: null, descending });

const isBefore = (window, one, other) => (window.descending ? compare(one, other) > 0 : compare(one, other) < 0);

export const holds = (window, key) =>
  (window.start === null || !isBefore(window, key, window.start)) && (window.end === null || !isBefore(window, window.end, key));

const find = (window, id) => window.rows.find((row) => row.id === id);
const without = (window, id) => ({ ...window, rows: window.rows.filter((row) => row.id !== id) });
const replaced = (window, known, row) => ({ ...window, rows: window.rows.map((each) => (each === known ? row : each)) });

function insert(window, row, at) {
  const known = find(window, row.id);
  if (known && known.version > row.version) return window;
  if (at !== "sort") {
    if (known) return replaced(window, known, row);
    if (at === "head") return window.start === null ? { ...window, rows: [row, ...window.rows] } : window;
    return window.end === null ? { ...window, rows: [...window.rows, row] } : window;
  }
  const rest = without(window, row.id);
  const key = keyOf(row);
  if (!holds(window, key)) return rest;
  const place = rest.rows.filter((each) => isBefore(window, keyOf(each), key)).length;
  return { ...rest, rows: rest.rows.toSpliced(place, 0, row) };
}

function update(window, changes) {
  const known = find(window, changes.id);
  if (!known || known.version > changes.version) return window;
  const changed = { ...known, ...changes };
  return compare(changed.sort, known.sort) ? insert(window, changed, "sort") : replaced(window, known, changed);
}

const boundOf = (row, bound) => (row ? keyOf(row) : bound);

export function apply(window, [name, value, more, changes]) {
  switch (name) {
    case "insert": return insert(window, value, more ?? "sort");
    case "update": return update(window, value);
    case "delete": return without(window, value);
    case "reset": return { rows: value, start: null, end: more ? boundOf(value.at(-1), null) : null, descending: window.descending };
    case "change": return { ...window, rows: window.rows.map((row) => (row[value] === more ? { ...row, ...changes } : row)) };
    default: return window; // an operation that a newer server knows
  }
}

export function extend(window, rows, towards, hasMore) {
  const bound = towards === "tail"
    ? { end: hasMore ? boundOf(rows.at(-1), window.end) : null }
    : { start: hasMore ? boundOf(rows[0], window.start) : null };
  return rows.reduce((each, row) => insert(each, row, "sort"), { ...window, ...bound });
}

export function limited(window, limit, keep = "head") {
  if (!limit || window.rows.length <= limit) return window;
  if (keep === "head") {
    const rows = window.rows.slice(0, limit);
    return { ...window, rows, end: keyOf(rows.at(-1)) };
  }
  const rows = window.rows.slice(-limit);
  return { ...window, rows, start: keyOf(rows[0]) };
}

/** A copy of a topic. Tell it what came, in the order in which it came. */
export class Replica {
  constructor(descending = true, limit = 0) {
    this.window = emptyWindow(descending);
    this.position = null;
    this.isLost = false;
    this.readsAfter = null; // the key before the first row that its reader sees, who is not at the head
    this.returnsTo = null; // where they were before a reset, until the page after it is there
    this.hasAskedToReturn = false;
    this.returns = 0; // how often they were sent back to where they were; an older page than the last is none
    this.keep = "head"; // the end that its reader is at, which a limit leaves alone
    this.limit = limit;
    this.recent = [];
    this.asked = new Map();
  }

  params() { return this.position ? { ...this.position } : {}; }

  joined({ epoch, seq, ops }) {
    this.asked.clear();
    this.recent = [];
    this.hasAskedToReturn = false;
    this.returns += 1;
    this.isLost = false;
    this.position = { epoch, seq };
    this.happened(ops);
  }

  /** Whether anything may have changed. */
  heard({ epoch, from, seq, ops }) {
    if (!this.position || this.isLost) return false;
    const here = epoch === this.position.epoch ? this.position.seq : null;
    const isNumbered = seq > from;
    if (here !== null && (seq < here || (isNumbered && seq === here))) return false;
    const hasReset = ops.some(([name]) => name === "reset");
    if ((here === null || from > here) && !hasReset) {
      this.isLost = true;
      this.position = null;
      return true;
    }
    if (here === null) this.recent = [];
    this.position = { epoch, seq };
    this.happened(ops);
    if (this.asked.size || (this.returnsTo && !hasReset)) this.recent.push([seq, ops, isNumbered]);
    return true;
  }

  /** The key to ask the next page with; null when there is none, or it has been asked for. */
  ask(towards) {
    const key = towards === "tail" ? this.window.end : this.window.start;
    if (key === null || this.asked.has(towards) || !this.position || this.returnsTo) return null;
    this.asked.set(towards, key);
    return key;
  }

  /** The page did not come: it may be asked for again. */
  unanswered(towards) { this.asked.delete(towards); }

  answered(towards, { epoch, seq, rows, more }) {
    const asked = this.asked.get(towards);
    this.asked.delete(towards);
    const bound = towards === "tail" ? this.window.end : this.window.start;
    if (asked && bound && !compare(asked, bound) && epoch === this.position?.epoch) {
      this.window = extend(this.window, rows, towards, more);
      this.applyAgain(seq, towards);
      this.window = limited(this.window, this.limit, towards);
    }
    if (!this.asked.size) this.recent = [];
  }

  /** After a reset: the key to ask the page with that its reader was at; null when they are at the head. */
  askToReturn() {
    if (this.hasAskedToReturn || !this.position) return null;
    this.hasAskedToReturn = this.returnsTo !== null;
    return this.returnsTo;
  }

  /** The page that its reader was at, and `returns` when it was asked for: one that a later reset has overtaken says
      nothing. Null when it did not come; without one the list is lost. */
  returned(page, returns) {
    if (!this.returnsTo || returns !== this.returns) return;
    this.returnsTo = this.readsAfter = null;
    if (!page || page.epoch !== this.position?.epoch || !page.rows.length) {
      this.isLost = true;
      this.position = null;
      return;
    }
    const { rows, more, seq } = page;
    this.window = extend({ ...this.window, rows: [], start: keyOf(rows[0]), end: keyOf(rows.at(-1)) }, rows, "tail", more);
    this.applyAgain(seq, "tail");
    this.window = limited(this.window, this.limit, "tail");
    this.recent = [];
  }

  happened(ops) {
    if ((this.readsAfter || this.returnsTo) && ops.some(([name]) => name === "reset")) {
      this.returnsTo = this.readsAfter;
      this.hasAskedToReturn = false;
      this.returns += 1;
      this.asked.clear();
      this.recent = [];
    }
    if (!this.returnsTo) this.apply(ops, this.keep);
  }

  /** What a page that was read at this position, or later, may not know. */
  applyAgain(at, keep) {
    for (const [seq, ops, isNumbered] of this.recent) if (seq > at || (seq === at && !isNumbered)) this.apply(ops, keep);
  }

  apply(ops, keep) {
    this.window = limited(ops.reduce(apply, this.window), this.limit, keep);
  }
}

/** The key before a row: the page after it begins with the row. Null for a row that is not there. */
export function keyBefore({ rows }, id) {
  const place = rows.findIndex((row) => row.id === id);
  return place < 0 ? null : keyOf(rows[Math.max(place - 1, 0)]);
}

export const isAhead = (window, key) => window.start !== null && isBefore(window, key, window.start);

function placeOf(window, rows, row) {
  const place = rows.findIndex((each) => isBefore(window, keyOf(row), keyOf(each)));
  return place < 0 ? rows.length : place;
}

/** The rows to draw: those of the window, those on their way out where they stood, those that wait to be accepted. */
export function drawn(window, leaving, pending, changed) {
  const rows = window.rows.map((row) => ({ ...row, is_changed: changed.has(row.id), is_leaving: false, is_pending: false, is_failed: false }));
  for (const { row, place } of leaving) rows.splice(Math.min(place, rows.length), 0, { ...row, is_leaving: true });
  for (const { row, at, id, hasFailed } of pending) {
    const shown = { ...row, id: id ?? row.id, is_pending: !hasFailed && !id, is_failed: hasFailed, is_changed: false, is_leaving: false };
    if (at === "tail") rows.push(shown);
    else if (at === "head") rows.unshift(shown);
    else rows.splice(placeOf(window, rows, row), 0, shown);
  }
  return rows;
}
