// A stream's topic in the browser with a channel that the test answers for; run by test_stream_twins.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const { Stream } = await import(process.env.STREAM_TOPIC);

class Push {
  hooks = [];
  receive(status, hook) { this.hooks.push([status, hook]); return this; }
  answer(status, response) { this.hooks.filter(([each]) => each === status).forEach(([, hook]) => hook(response)); }
}

class Channel {
  constructor(params) { this.params = params; }
  pushes = [];
  on(event, hook) { this.diff = hook; }
  join() { this.joining = new Push(); return this.joining; }
  push(event, payload) { const push = Object.assign(new Push(), { event, payload }); this.pushes.push(push); return push; }
  onClose(hook) { this.close = hook; }
  leave() { this.hasLeft = true; this.close(); }
}

const row = (id, sort) => ({ id, sort: [sort], version: 1 });
const shown = (stream) => stream.shown.rows.map(({ id, is_pending, is_failed }) => id + (is_pending ? "?" : "") + (is_failed ? "!" : ""));

function joined() {
  const channels = [];
  const stream = new Stream((params) => { channels.push(new Channel(params)); return channels.at(-1); }, () => {});
  stream.subscribe(() => {});
  channels[0].joining.answer("ok", { epoch: "e", seq: 1, ops: [["reset", [row("b", 2)], true]] });
  return { stream, channels, channel: channels[0] };
}

test("a row that was submitted waits at the head until it comes from the server", () => {
  const { stream, channel } = joined();
  stream.submit("new", { body: "hi" }, row("mine", 0));
  assert.deepEqual(shown(stream), ["mine?", "b"]);
  assert.deepEqual([channel.pushes[0].event, channel.pushes[0].payload], ["new", { body: "hi" }]);
  channel.pushes[0].answer("ok", { id: "c" });
  assert.deepEqual(shown(stream), ["c", "b"]);
  channel.diff({ epoch: "e", from: 1, seq: 2, ops: [["insert", row("c", 3)]] });
  assert.deepEqual(shown(stream), ["c", "b"]);
});

test("a row that comes before its answer is not shown twice once that is there", () => {
  const { stream, channel } = joined();
  stream.submit("new", {}, row("mine", 0));
  channel.diff({ epoch: "e", from: 1, seq: 2, ops: [["insert", row("c", 3)]] });
  channel.pushes[0].answer("ok", { id: "c" });
  assert.deepEqual(shown(stream), ["c", "b"]);
});

test("a row that comes before its answer under the name its sender gave it is shown once", () => {
  const { stream, channel } = joined();
  stream.submit("new", {}, row("mine", 0));
  channel.diff({ epoch: "e", from: 1, seq: 2, ops: [["insert", { ...row("c", 3), client_id: "mine" }]] });
  assert.deepEqual(shown(stream), ["c", "b"]);
});

for (const status of ["", "timeout"]) {
  test(`who sent a row is told once that it is there, although its answer is ${status || "later than it"}`, () => {
    const { stream, channel } = joined();
    const told = [];
    stream.submit("new", {}, row("mine", 0), "head", { sent: (id) => told.push(id) });
    if (status) channel.pushes[0].answer(status, {});
    channel.diff({ epoch: "e", from: 1, seq: 2, ops: [["insert", { ...row("c", 3), client_id: "mine" }]] });
    if (!status) channel.pushes[0].answer("ok", { id: "c" });
    assert.deepEqual([told, shown(stream)], [["c"], ["c", "b"]]);
  });
}

test("a row that waits stands where its order puts it", () => {
  const { stream } = joined();
  stream.submit("new", {}, row("z", 1), "sort");
  stream.submit("new", {}, row("y", 3), "sort");
  assert.deepEqual(shown(stream), ["y?", "b", "z?"]);
});

test("what the server finds invalid goes back to its sender", () => {
  const { stream, channel } = joined();
  const told = [];
  stream.submit("new", {}, row("mine", 0), "head", { refused: () => told.push("refused"), sent: (id) => told.push(id) });
  channel.pushes[0].answer("error", { reason: "invalid", errors: {} });
  assert.deepEqual([told, shown(stream)], [["refused"], ["b"]]);
  stream.submit("new", {}, row("mine", 0), "head", { dropped: () => told.push("dropped") });
  channel.pushes[1].answer("timeout", {});
  stream.discard("mine");
  assert.deepEqual(told, ["refused", "dropped"]);
});

for (const status of ["error", "timeout"]) {
  test(`a row whose answer is ${status} says so, and may be sent again or dropped`, () => {
    const { stream, channel } = joined();
    stream.submit("new", {}, row("mine", 0), "tail");
    channel.pushes[0].answer(status, {});
    assert.deepEqual(shown(stream), ["b", "mine!"]);
    stream.retry("mine");
    assert.deepEqual(shown(stream), ["b", "mine?"]);
    assert.equal(channel.pushes.length, 2);
    channel.pushes[1].answer(status, {});
    stream.discard("mine");
    assert.deepEqual(shown(stream), ["b"]);
  });
}

test("a page that did not come may be asked for again", () => {
  const { stream, channel } = joined();
  stream.ask("tail");
  stream.ask("tail");
  assert.deepEqual(channel.pushes.map(({ payload }) => payload), [{ after: [2, "b"] }]);
  channel.pushes[0].answer("timeout", {});
  stream.ask("tail");
  channel.pushes[1].answer("ok", { epoch: "e", seq: 1, rows: [row("a", 1)], more: false });
  assert.deepEqual(shown(stream), ["b", "a"]);
  assert.equal(stream.shown.has_more, false);
});

test("after a lost connection it asks from where it was, and after a gap from the beginning", () => {
  const { stream, channels, channel } = joined();
  assert.deepEqual(channel.params(), { epoch: "e", seq: 1 });
  channel.diff({ epoch: "e", from: 2, seq: 3, ops: [] });
  assert.ok(channel.hasLeft);
  assert.deepEqual(channels[1].params(), {});
  channels[1].joining.answer("ok", { epoch: "e", seq: 3, ops: [["reset", [row("c", 3)], false]] });
  assert.deepEqual(shown(stream), ["c"]);
});

test("what comes in above a reader who is away is counted until they are back", () => {
  const { stream, channel } = joined();
  stream.moved(true);
  channel.diff({ epoch: "e", from: 1, seq: 2, ops: [["insert", row("c", 3)]] });
  assert.equal(stream.shown.fresh, 1);
  stream.moved(false);
  assert.equal(stream.shown.fresh, 0);
});

test("who may not follow a topic is told so once", () => {
  const { stream, channel } = joined();
  channel.joining.answer("error", { reason: "rate limit exceeded" });
  assert.equal(stream.shown.phase, "ready");
  channel.joining.answer("error", { reason: "unauthorized" });
  assert.equal(stream.shown.phase, "refused");
  assert.ok(channel.hasLeft);
});

test("who is shown out of a topic sees nothing more of it, and who leaves it by themselves keeps what there was", () => {
  const { stream, channel } = joined();
  stream.close();
  assert.equal(stream.shown.phase, "ready");
  const other = joined();
  other.channel.close();
  assert.equal(other.stream.shown.phase, "refused");
});

test("a reset leaves a reader who is away where they were", () => {
  const { stream, channel } = joined();
  stream.ask("tail");
  channel.pushes[0].answer("ok", { epoch: "e", seq: 1, rows: [row("a", 1), row("0", 0)], more: false });
  stream.frames.add({ look: () => {}, firstInSight: () => "0" });
  stream.moved(true);
  channel.joining.answer("ok", { epoch: "f", seq: 9, ops: [["reset", [row("z", 9)], true]] });
  assert.deepEqual(shown(stream), ["b", "a", "0"]);
  assert.deepEqual(channel.pushes[1].payload, { after: [1, "a"] });
  channel.pushes[1].answer("ok", { epoch: "f", seq: 9, rows: [row("0", 0)], more: false });
  assert.deepEqual(shown(stream), ["0"]);
  channel.diff({ epoch: "f", from: 9, seq: 10, ops: [["insert", row("zz", 10)]] });
  assert.deepEqual([stream.shown.fresh, shown(stream)], [1, ["0"]]);
});

test("a place that is gone after a reset leads to the head", () => {
  const { stream, channels, channel } = joined();
  stream.frames.add({ look: () => {}, firstInSight: () => "b" });
  stream.moved(true);
  channel.joining.answer("ok", { epoch: "f", seq: 9, ops: [["reset", [row("z", 9)], true]] });
  channel.pushes[0].answer("error", {});
  assert.deepEqual(channels[1].params(), {});
  channels[1].joining.answer("ok", { epoch: "f", seq: 9, ops: [["reset", [row("z", 9)], true]] });
  assert.deepEqual(shown(stream), ["z"]);
});

test("a list that is looked at again shows what it had, and asks only for what it missed", () => {
  const { stream, channels, channel } = joined();
  stream.close();
  assert.ok(channel.hasLeft);
  stream.subscribe(() => {});
  assert.deepEqual(shown(stream), ["b"]);
  assert.deepEqual(channels[1].params(), { epoch: "e", seq: 1 });
});
