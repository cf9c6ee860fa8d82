// What was typed and not sent, kept in this browser: for a month, so that what nobody comes back to does not stay for good.
const MONTH = 30 * 24 * 60 * 60 * 1000; // ms
const ours = (key) => `draft:${key}`;

function kept(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } // forbidden, or somebody else's
}

/** What is kept under a key, or null. */
export const getDraft = (key) => kept(ours(key))?.fields ?? null;

export function setDraft(key, fields) {
  try { localStorage.setItem(ours(key), JSON.stringify({ at: Date.now(), fields })); } catch { /* full or forbidden */ }
}

export function removeDraft(key) {
  try { localStorage.removeItem(ours(key)); } catch { /* forbidden */ }
}

try {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("draft:") && !(Date.now() - kept(key)?.at < MONTH)) localStorage.removeItem(key);
  }
} catch { /* forbidden, or not in a browser */ }
