// What the person is told of, with a channel that the test answers for; run by test_stream_twins.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const { UserTopic } = await import(process.env.USER_TOPIC);

class Push {
  hooks = [];
  receive(status, hook) { this.hooks.push([status, hook]); return this; }
  answer(status, response = {}) { this.hooks.filter(([each]) => each === status).forEach(([, hook]) => hook(response)); }
}

class Channel {
  events = {};
  pushes = [];
  on(event, hook) { this.events[event] = hook; }
  onClose() {}
  join() { this.joining = new Push(); return this.joining; }
  push(event, payload) { const push = Object.assign(new Push(), { event, payload }); this.pushes.push(push); return push; }
  leave() {}
  get said() { return this.pushes.map(({ event, payload }) => [event, payload]); }
}

const row = (number, more = {}) => ({
  id: `0${number}`, kind: "post.comment", place_id: `p${number}`, url: `/o/demo/posts/${number}#comment-1`, is_read: false,
  sort: [], version: 0, ...more,
});

function joined(latest, unread, looksAt = null) {
  const channel = new Channel();
  const topic = new UserTopic(() => channel, () => {});
  topic.looksAt = () => looksAt;
  topic.subscribe(() => {});
  channel.joining.answer("ok", { unread, latest });
  return { topic, channel };
}

const shown = ({ shown: { rows, unread } }) => [rows.map(({ id, is_read }) => id + (is_read ? "" : "!")).join(" "), unread];

test("the newest come first, five at most, and how many are unread is the server's word", () => {
  const { topic, channel } = joined([row(9), row(8), row(7), row(6), row(5), row(4), row(3), row(2)], 40);
  assert.deepEqual(shown(topic), ["09! 08! 07! 06! 05!", 40]);
  channel.events.notification({ row: row("a"), unread: 41 });
  assert.deepEqual(shown(topic), ["0a! 09! 08! 07! 06!", 41]);
  assert.equal(topic.shown.news.row.id, "0a");
});

test("what comes twice is there once and is no news again", () => {
  const { topic, channel } = joined([row(1)], 1);
  channel.events.notification({ row: row(1), unread: 1 });
  assert.deepEqual(shown(topic), ["01!", 1]);
  assert.equal(topic.shown.news.kind, "");
});

test("what is told from where one looks is read, without a word", () => {
  const { topic, channel } = joined([row(1)], 1, "/o/demo/posts/2");
  channel.events.notification({ row: row(2), unread: 2 });
  assert.deepEqual(shown(topic), ["02 01!", 1]);
  assert.deepEqual(channel.said, [["mark_place_read", { place_id: "p2" }]]);
  assert.equal(topic.shown.news.kind, "");
});

test("going to a place reads all that is told from there", () => {
  const { topic, channel } = joined([row(2), row(1), row(0, { place_id: "p1", url: "/o/demo/posts/1#comment-0" })], 3);
  topic.looksAt = () => "/o/demo/posts/1";
  topic.look();
  topic.look();
  assert.deepEqual(shown(topic), ["02! 01 00", 1]);
  assert.deepEqual(channel.said, [["mark_place_read", { place_id: "p1" }]]);
  channel.pushes[0].answer("ok", { unread: 5 });
  assert.deepEqual(shown(topic), ["02! 01 00", 5]);
});

test("what is read or gone elsewhere is so here", () => {
  const { topic, channel } = joined([row(2), row(1)], 2);
  channel.events.read({ ids: ["01", "unknown"], unread: 1 });
  assert.deepEqual(shown(topic), ["02! 01", 1]);
  channel.events.gone({ id: "02", unread: 0 });
  assert.deepEqual(shown(topic), ["01", 0]);
  channel.events.latest({ unread: 1, latest: [row(3)] });
  assert.deepEqual(shown(topic), ["03!", 1]);
});

test("everything is read at once, before the server says so", () => {
  const { topic, channel } = joined([row(2), row(1)], 12);
  topic.readAll();
  assert.deepEqual(shown(topic), ["02 01", 0]);
  assert.deepEqual(channel.said, [["mark_all_read", {}]]);
});

test("what was told while the first list was on its way is in that list", () => {
  const channel = new Channel();
  const topic = new UserTopic(() => channel, () => {});
  topic.subscribe(() => {});
  channel.events.notification({ row: row(1), unread: 1 });
  assert.deepEqual(topic.shown.rows, []);
  channel.joining.answer("ok", { unread: 1, latest: [row(1)] });
  assert.deepEqual(shown(topic), ["01!", 1]);
});
