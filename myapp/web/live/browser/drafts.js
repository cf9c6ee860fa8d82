// What was typed and not sent, kept in this browser: for a month, so that what nobody comes back to does not stay for good.
import { keep, kept, keptKeys, remove } from "./storage.js";

const MONTH = 30 * 24 * 60 * 60 * 1000; // ms
const ours = (key) => `draft:${key}`;

/** What is kept under a key, or null. */
export const getDraft = (key) => kept(ours(key))?.fields ?? null;
export const setDraft = (key, fields) => keep(ours(key), { at: Date.now(), fields });
export const removeDraft = (key) => remove(ours(key));

for (const key of keptKeys()) {
  if (key.startsWith("draft:") && !(Date.now() - kept(key)?.at < MONTH)) remove(key);
}
