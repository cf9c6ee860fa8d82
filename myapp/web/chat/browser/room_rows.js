// Messages made ready to be drawn: whose they are, where a day, a voice and the unread begin, what may be done with them.

const SAME_VOICE = 300000; // ms within which a person's messages stand under one name

/** What a form would say below its field. */
export const wordsOf = (failure) => Object.values(failure?.errors ?? {}).flat()[0] ?? "";

const dayOf = (row) => new Date(row.at).toDateString();

function begins(row, previous, line) {
  const day = !previous || dayOf(previous) !== dayOf(row);
  const unread = line !== null && row.seq > line && (previous ? previous.seq <= line : row.seq === line + 1);
  const sameVoice = previous && previous.user_id === row.user_id && Date.parse(row.at) - Date.parse(previous.at) < SAME_VOICE;
  return { starts_day: day, starts_unread: unread, starts_voice: day || unread || !sameVoice };
}

/** Rows from the oldest to the newest. One that looks as it did before is the same object, so it is not drawn again. */
export function asShown(topic, rows) {
  const { room, editing, confirming, line, drawnRows, pending } = topic;
  const kept = new Map();
  const failures = new Map(pending.map((entry) => [entry.row.id, entry.failure]));
  const shown = rows.map((row, at) => {
    const isMine = Boolean(room.user_id) && row.user_id === room.user_id;
    const isThere = !row.is_pending && !row.is_failed && !row.is_deleted;
    const failure = failures.get(row.id);
    const next = {
      ...row, ...begins(row, rows[at - 1], line), is_mine: isMine,
      is_editing: editing.id === row.id, is_confirming: confirming === row.id,
      can_edit: isThere && isMine && Boolean(room.can_write),
      can_delete: isThere && Boolean(room.can_moderate || (isMine && room.can_write)),
      failure: failure?.reason ?? "", failure_text: wordsOf(failure), retry_after: Math.max(1, Math.ceil(failure?.retry_after ?? 0)),
      edit_failure: editing.id === row.id ? editing.failure?.reason ?? "" : "",
      edit_failure_text: editing.id === row.id ? wordsOf(editing.failure) : "",
    };
    const look = JSON.stringify(next);
    const before = drawnRows.get(row.id);
    const use = before?.look === look ? before : { look, row: next };
    kept.set(row.id, use);
    return use.row;
  });
  topic.drawnRows = kept;
  return shown;
}
