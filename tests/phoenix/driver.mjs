// The official client of Phoenix Channels, led by tests: commands come in as lines of JSON, what happens goes out so. One
// process plays all clients of a test run, as starting Node takes longer than most of what they do.
import { createInterface } from "node:readline";

const versions = { "1.7": await import("phoenix-1.7"), "1.8": await import("phoenix-1.8") };
const plain = (payload) => payload instanceof ArrayBuffer ? { bytes: Buffer.from(payload).toString("base64") } : payload;

function client(name, url, version, { authToken, ...params }) {
  const { Socket, Presence } = versions[version];
  const say = (what) => process.stdout.write(`${JSON.stringify({ client: name, ...what })}\n`);
  const socket = new Socket(url, {
    transport: WebSocket, params, authToken, reconnectAfterMs: () => 20, rejoinAfterMs: () => 20, timeout: 10000,
  });
  socket.onOpen(() => say({ happened: "open" }));
  socket.onClose((event) => say({ happened: "close", code: event?.code }));
  socket.connect();

  const channels = new Map();
  const presences = new Map();
  const wanted = new Set(); // topics whose presence is to be followed as soon as they are joined
  const follow = (topic) => {
    const presence = new Presence(channels.get(topic));
    presence.onSync(() => say({ happened: "presence", topic, list: presence.list((key, { metas }) => [key, metas]) }));
    presences.set(topic, presence);
  };
  const answers = (push, id) => ["ok", "error", "timeout"].reduce(
    (each, status) => each.receive(status, (response) => say({ id, status, response: plain(response) })), push);

  return {
    join({ id, topic, params: given }) {
      const channel = socket.channel(topic, given);
      channel.onMessage = (event, payload) => {
        // 1.7 leaves the timer of a join on that an error has ended, and then has no name for what it tells.
        if (event && !event.startsWith("phx_") && !event.startsWith("chan_reply")) say({ happened: "message", topic, event, payload: plain(payload) });
        return payload;
      };
      channel.onError(() => say({ happened: "error", topic }));
      channel.onClose(() => say({ happened: "closed", topic }));
      channels.set(topic, channel);
      if (wanted.has(topic)) follow(topic);
      answers(channel.join(), id);
    },
    push({ id, topic, event, payload, bytes }) {
      const body = bytes === undefined ? payload : Uint8Array.from(Buffer.from(bytes, "base64")).buffer;
      answers(channels.get(topic).push(event, body), id);
    },
    leave({ id, topic }) { answers(channels.get(topic).leave(), id); },
    async follow({ topic, script }) {
      const { Stream } = await import(script);
      const stream = new Stream((params) => socket.channel(topic, params), () => {});
      const joined = stream.joined.bind(stream);
      stream.joined = (reply) => {
        say({ happened: "joined", topic, ops: reply.ops.map(([name, row]) => [name, row.title]) });
        joined(reply);
      };
      const titles = () => stream.shown.rows.filter((row) => !row.is_leaving).map((row) => row.title);
      stream.subscribe(() => say({ happened: "rows", topic, titles: titles() }));
    },
    cut() { socket.conn.close(); },
    presence({ topic }) {
      if (channels.has(topic)) follow(topic);
      else wanted.add(topic);
    },
    close() {
      const wire = socket.conn;
      const gone = () => say({ happened: "gone" });
      if (wire && wire.readyState < WebSocket.CLOSED) wire.addEventListener("close", gone);
      else gone();
      socket.disconnect();
      clients.delete(name);
    },
  };
}

const clients = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const { client: name, do: act, ...command } = JSON.parse(line);
  if (act === "open") clients.set(name, client(name, command.url, command.version, command.params));
  else clients.get(name)[act](command);
}
process.exit(0);
