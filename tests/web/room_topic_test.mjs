// A chat room's topic in the browser with a channel that the test answers for; run by test_stream_twins.py.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const kept = new Map();
globalThis.localStorage = {
  getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key),
};
const { RoomTopic } = await import(process.env.ROOM_TOPIC);

class Push {
  hooks = [];
  receive(status, hook) { this.hooks.push([status, hook]); return this; }
  answer(status, response = {}) { this.hooks.filter(([each]) => each === status).forEach(([, hook]) => hook(response)); }
}

class Channel {
  events = {};
  pushes = [];
  on(event, hook) { this.events[event] = hook; }
  onError(hook) { this.fail = hook; }
  onClose(hook) { this.shut = hook; }
  join() { this.joining = new Push(); return this.joining; }
  push(event, payload) { const push = Object.assign(new Push(), { event, payload }); this.pushes.push(push); return push; }
  leave() { this.hasLeft = true; }
  sent(event) { return this.pushes.filter((push) => push.event === event); }
}

class Presence { onSync() {} }

const ROOM = { id: "r", user_id: "me", can_write: true, can_moderate: false, last_seq: 2, last_read_seq: 2 };
const message = (seq, more = {}) => ({
  id: `m${seq}`, seq, client_id: `c${seq}`, body: `b${seq}`, body_html: `<p>b${seq}</p>`, user: { id: "mei", name: "Mei" },
  mentions: [], inserted_at: `2026-11-20T10:00:${String(seq % 60).padStart(2, "0")}Z`, edited_at: null, deleted_at: null, version: 1, ...more,
});
const page = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));
const shown = ({ shown: { rows } }) => rows.map(({ body, is_pending, is_failed }) => body + (is_pending ? "?" : "") + (is_failed ? "!" : ""));

function entered({ room = {}, messages = page(1, 2), has_more = false, limit = 300 } = {}) {
  const channel = new Channel();
  const topic = new RoomTopic(() => channel, () => {}, true, limit, { Presence, streams: new Map() });
  topic.subscribe(() => {});
  channel.joining.answer("ok", { ...ROOM, ...room });
  channel.events.messages({ messages, has_more });
  return { topic, channel };
}

beforeEach(() => kept.clear());

test("what one says is there at once, and once when it comes from the server, before its answer or after it", () => {
  for (const isAnsweredFirst of [true, false]) {
    const { topic, channel } = entered();
    topic.say("hi");
    assert.deepEqual(shown(topic), ["b1", "b2", "hi?"]);
    const [push] = channel.sent("new_msg");
    if (isAnsweredFirst) push.answer("ok", { id: "m3" });
    channel.events.new_msg(message(3, { body: "hi", client_id: push.payload.client_id, user: { id: "me", name: "Me" } }));
    if (!isAnsweredFirst) push.answer("ok", { id: "m3" });
    assert.deepEqual(shown(topic), ["b1", "b2", "hi"]);
    assert.equal(kept.size, 0);
  }
});

test("what is said while the connection is lost is sent in its order once it is back, and not again if it had arrived", () => {
  const { topic, channel } = entered();
  topic.say("arrived");
  const [{ payload: { client_id } }] = channel.sent("new_msg");
  channel.fail();
  channel.sent("new_msg")[0].answer("timeout");
  topic.say("one");
  topic.say("two");
  assert.equal(channel.sent("new_msg").length, 1);
  assert.deepEqual(shown(topic), ["b1", "b2", "arrived?", "one?", "two?"]);
  channel.joining.answer("ok", ROOM);
  const mine = message(3, { body: "arrived", client_id, user: { id: "me", name: "Me" } });
  channel.events.messages({ messages: [...page(1, 2), mine], has_more: false });
  assert.deepEqual(channel.sent("new_msg").slice(1).map(({ payload }) => payload.body), ["one", "two"]);
  assert.deepEqual(shown(topic), ["b1", "b2", "arrived", "one?", "two?"]);
});

test("what waited when the page was closed is sent by the next one, under the same name", () => {
  const first = entered();
  first.channel.fail();
  first.topic.say("kept");
  const second = entered();
  assert.deepEqual(shown(second.topic), ["b1", "b2", "kept?"]);
  const [{ payload }] = second.channel.sent("new_msg");
  assert.deepEqual([payload.body, payload.client_id], ["kept", first.topic.pending[0].row.id]);
});

test("what was refused says why, and is tried again under the same name or let go", () => {
  const { topic, channel } = entered();
  topic.say("hi");
  const refusal = { reason: "rate limit exceeded", retry_after: 2.1 };
  channel.sent("new_msg")[0].answer("error", refusal);
  const row = topic.shown.rows.at(-1);
  assert.deepEqual([row.is_failed, row.failure, row.retry_after], [true, refusal.reason, 3]);
  topic.retry(row.id);
  assert.deepEqual(shown(topic).at(-1), "hi?");
  const [first, again] = channel.sent("new_msg").map(({ payload }) => payload);
  assert.deepEqual(first, again);
  topic.discard(row.id);
  assert.deepEqual([shown(topic), kept.size], [["b1", "b2"], 0]);
});

test("a message beyond a window that was cut is counted and not shown, and the way to the end brings all of it", () => {
  const { topic, channel } = entered({ messages: page(51, 100), has_more: true, limit: 60 });
  topic.moved(true);
  topic.ask("tail");
  channel.sent("older")[0].answer("ok", { messages: page(1, 50), has_more: false });
  assert.deepEqual([shown(topic)[0], shown(topic).at(-1), topic.shown.rows.length], ["b1", "b60", 60]);
  channel.events.new_msg(message(101));
  assert.deepEqual([topic.shown.fresh, shown(topic).at(-1)], [1, "b60"]);
  topic.ask("head");
  channel.events.new_msg(message(102));
  channel.sent("newer")[0].answer("ok", { messages: page(61, 100), has_more: true });
  assert.equal(shown(topic).at(-1), "b100");
  topic.latest();
  channel.events.new_msg(message(103));
  channel.sent("older")[1].answer("ok", { messages: page(53, 102), has_more: true });
  assert.deepEqual([shown(topic)[0], shown(topic).at(-1), topic.shown.fresh], ["b53", "b103", 0]);
});

test("who reads further up stays there when the connection was lost, and gets what changed meanwhile", () => {
  const { topic, channel } = entered({ messages: page(1, 50), has_more: false });
  topic.moved(true);
  channel.fail();
  channel.joining.answer("ok", ROOM);
  channel.events.messages({ messages: page(71, 120), has_more: true });
  assert.deepEqual([shown(topic)[0], shown(topic).at(-1)], ["b1", "b50"]);
  const changed = message(7, { body: "changed", version: 2 });
  channel.sent("newer")[0].answer("ok", { messages: [changed], has_more: true });
  assert.equal(shown(topic)[6], "changed");
  topic.ask("head");
  assert.deepEqual(channel.sent("newer")[1].payload, { after: 50 });
});

test("what is unread begins with a line, days and voices begin where they do, and rows that look the same are the same", () => {
  const own = message(3, { user: { id: "me", name: "Me" } });
  const { topic, channel } = entered({ room: { last_seq: 3, last_read_seq: 1 }, messages: [...page(1, 2), own] });
  const [one, two, three] = topic.shown.rows;
  assert.deepEqual([one, two, three].map((row) => row.starts_day), [true, false, false]);
  assert.deepEqual([one, two, three].map((row) => row.starts_unread), [false, true, false]);
  assert.deepEqual([one, two, three].map((row) => row.starts_voice), [true, true, true]);
  assert.deepEqual([one, two, three].map((row) => row.can_edit), [false, false, true]);
  channel.events.user_typing({ user_id: "mei", name: "Mei" });
  assert.equal(topic.shown.typing_one, "Mei");
  assert.ok(topic.shown.rows[0] === one);
  channel.events.new_msg(message(4));
  assert.equal(topic.shown.typing_count, 0);
});

test("the end of a room is read when it is seen, not while its reader is elsewhere", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { topic, channel } = entered();
  topic.moved(true);
  channel.events.new_msg(message(3));
  topic.see();
  context.mock.timers.tick(2000);
  assert.equal(channel.sent("read").length, 0);
  topic.moved(false);
  topic.see();
  channel.events.new_msg(message(4));
  topic.see();
  context.mock.timers.tick(2000);
  assert.deepEqual(channel.sent("read").map(({ payload }) => payload), [{ seq: 4 }]);
});

test("who is shown out keeps what was said, and what waits says that it was not sent", () => {
  const { topic, channel } = entered();
  topic.say("hi");
  channel.shut();
  assert.deepEqual([topic.shown.phase, shown(topic)], ["closed", ["b1", "b2", "hi!"]]);
});
