// A value that components can subscribe to.
import { useSyncExternalStore } from "react";

export const inBrowser = typeof window !== "undefined";

/** A value that components can subscribe to; the server always sees `initial`. */
export function store(initial) {
  let value = initial;
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      if (Object.is(value, next)) return;
      value = next;
      listeners.forEach((listener) => listener());
    },
    use: () =>
      useSyncExternalStore(
        (listener) => (listeners.add(listener), () => listeners.delete(listener)),
        () => value,
        () => initial,
      ),
  };
}

/** Why the tab does not hear what happens: see connection.js. "" while it does, or has not asked to. */
export const channelLoss = store("");
