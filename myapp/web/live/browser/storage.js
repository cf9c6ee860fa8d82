// What this browser keeps: nothing where that is forbidden, and what was there before when it is full.

/** The value under a key; null for what is not there, or is somebody else's. */
export function kept(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

export function keep(key, value) {
  try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ }
}

export function remove(key) {
  try { localStorage.removeItem(key); } catch { /* forbidden */ }
}

export function keptKeys() {
  try { return Object.keys(localStorage); } catch { return []; } // forbidden, or not in a browser
}
