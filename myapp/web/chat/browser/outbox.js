// What waits to be sent, kept by the browser under a key until the server has it.
export const outbox = {
  get(key) { try { return JSON.parse(localStorage.getItem(key)) ?? []; } catch { return []; } },
  set(key, rows) {
    try {
      if (rows.length) localStorage.setItem(key, JSON.stringify(rows)); else localStorage.removeItem(key);
    } catch { /* full or forbidden */ }
  },
};
