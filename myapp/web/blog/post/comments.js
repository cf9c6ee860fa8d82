// A comment on its way: how it looks until the server has it.
import { rowOf, submitRow } from "../../live/browser/streams.js";

const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const htmlOf = (text) => text.split(/\n{2,}/).map((part) => `<p>${escaped(part).replaceAll("\n", "<br>")}</p>`).join("");

/** It is drawn when it has come back over the channel, before its answer or just after. */
function focusOn(id, frames) {
  if (document.activeElement?.value) return; // it may come late, when its writer has gone on to other words
  const comment = document.getElementById(id);
  if (comment) comment.focus();
  else if (frames) requestAnimationFrame(() => focusOn(id, frames - 1));
}

/** What a form sends its words with: see LiveForm. `parentId` is the comment that is answered, or "". */
export function commentSender(topic, person, avatar, personId, parentId) {
  return ({ body, tags }, clientId, hooks) => {
    if (!body.trim()) return false; // nothing to show: the form says so
    const at = new Date().toISOString();
    const parent = parentId && rowOf(topic, parentId);
    const row = {
      id: clientId, client_id: clientId, version: 0, sort: parent ? [...parent.sort.slice(0, 2), 1, at] : [],
      author: person, author_avatar: avatar, author_id: personId, author_url: "", at, is_edited: false, is_reply: Boolean(parentId),
      body_html: htmlOf(body.trim()), standing: "shown", tags: tags.split(",").map((tag) => tag.trim()).filter(Boolean),
    };
    const sent = (id) => { hooks.sent(id); focusOn(`comment-${id}`, 60); };
    submitRow(topic, "create", { body, tags, parent_id: parentId, client_id: clientId }, row, parent ? "sort" : "tail", { ...hooks, sent });
    return true;
  };
}
