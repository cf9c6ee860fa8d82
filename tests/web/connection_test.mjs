// What a tab does when its connection to the channels is closed; run by test_stream_twins.py.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const { goOnAsVisitor, tryAgain, watched } = await import(process.env.CONNECTION);

class Socket {
  did = [];
  onOpen(callback) { this.opened = callback; }
  onClose(callback) { this.closed = callback; }
  connect() { this.did.push("connect"); }
  disconnect() { this.did.push("disconnect"); }
}

mock.timers.enable({ apis: ["setTimeout"] });
let loss;
let socket;
beforeEach(() => {
  let value = "";
  loss = { get: () => value, set: (next) => { value = next; } };
  socket = watched(new Socket(), loss);
  socket.opened();
  mock.timers.tick(1000);
  assert.equal(loss.get(), "");
});

for (const code of [1001, 1006, 1009, 4400, 4408, 4413]) {
  test(`after ${code} the socket comes back by itself`, () => {
    socket.closed({ code });
    assert.equal(loss.get(), "reconnecting");
    socket.opened();
    mock.timers.tick(1000);
    assert.deepEqual([loss.get(), socket.did], ["", []]);
  });
}

test("one too many does not come straight back, looks again now and then, and says so until there is room", () => {
  socket.closed({ code: 4429 });
  assert.deepEqual([loss.get(), socket.did], ["too_many", ["disconnect"]]);
  mock.timers.tick(10000);
  assert.deepEqual(socket.did, ["disconnect"]);
  mock.timers.tick(5000);
  assert.deepEqual(socket.did, ["disconnect", "connect"]);
  socket.opened();
  socket.closed({ code: 4429 });
  mock.timers.tick(1000);
  assert.equal(loss.get(), "too_many");
  tryAgain();
  assert.deepEqual(socket.did.slice(3), ["connect"]);
  socket.opened();
  mock.timers.tick(60000);
  assert.deepEqual([loss.get(), socket.did.length], ["", 4]);
});

test("after the end of a session nothing comes back by itself", () => {
  socket.closed({ code: 4401 });
  mock.timers.tick(60000);
  tryAgain();
  assert.deepEqual([loss.get(), socket.did], ["logged_out", ["disconnect"]]);
});

test("on a page for visitors a tab whose session has ended hears what they hear", () => {
  goOnAsVisitor();
  assert.deepEqual(socket.did, [], "only then");
  socket.closed({ code: 4401 });
  goOnAsVisitor();
  assert.deepEqual(socket.did, ["disconnect", "connect"]);
  socket.opened();
  mock.timers.tick(1000);
  assert.equal(loss.get(), "");
});
