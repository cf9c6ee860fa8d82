// Rows in the order and with the words that a reader asks for. It knows no page, so that tests play it in Node.

/** "-size" is by size, the largest first. */
export const orderOf = (name) => ({ key: name.replace(/^-/, ""), isDescending: name.startsWith("-") });

/** Whether there is nothing to show. */
export const isMissing = (value) => value === null || value === undefined || value === "";

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}

/** What is missing comes last, whichever way the order goes; equals keep theirs. */
export function ordered(rows, { key, isDescending }) {
  return [...rows].sort((first, second) => {
    const [one, other] = [first[key], second[key]];
    if (isMissing(one) || isMissing(other)) return isMissing(one) - isMissing(other);
    return isDescending ? compare(other, one) : compare(one, other);
  });
}

/** The rows with what their values are called, where a column says so. */
export function worded(rows, columns) {
  const named = columns.filter(({ words }) => words && Object.keys(words).length);
  if (!named.length) return rows;
  return rows.map((row) => ({ ...row, ...Object.fromEntries(named.map(({ key, words }) => [key, words[row[key]] ?? row[key]])) }));
}

/** The rows in which every word is somewhere. */
export function found(rows, words, keys) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return rows;
  return rows.filter((row) => {
    const text = keys.map((key) => row[key] ?? "").join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
