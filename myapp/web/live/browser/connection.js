// Whether the tab hears what happens, and why not: what the tab's one connection to the channels was closed with.
// It is given Phoenix's socket and does not load it, as every page's frame shows this and few pages have one. It does not
// know React either, so that tests play it in Node.

const TOO_MANY = 4429; // the codes of myapp/kit/channels/close.py after which coming straight back is no use
const LOGGED_OUT = 4401;
const LOSSES = { [TOO_MANY]: "too_many", [LOGGED_OUT]: "logged_out" };
const SETTLED = 500; // ms that a connection lasts before it counts: one too many is opened, too, and closed at once
const AGAIN = 15000; // ms until a tab that was one too many looks whether there is room now

let connect = () => {};
let begin = () => {};

/** Look whether there is room for this tab now. */
export function tryAgain() { connect(); }

/** The session has ended, and the page is one for visitors now: hear what they hear. */
export function goOnAsVisitor() { begin(); }

/** Follow a socket of Phoenix's; the same socket. `loss` takes "reconnecting", "too_many", "logged_out", or "" again. */
export function watched(socket, loss) {
  const page = globalThis.document;
  let settling = 0;
  let waiting = 0;
  connect = () => {
    clearTimeout(waiting);
    if (loss.get() === "too_many" && !page?.hidden) socket.connect();
  };
  begin = () => { if (loss.get() === "logged_out") socket.connect(); };
  socket.onOpen(() => { settling = setTimeout(() => loss.set(""), SETTLED); });
  socket.onClose(({ code }) => {
    clearTimeout(settling);
    loss.set(LOSSES[code] ?? "reconnecting");
    if (!(code in LOSSES)) return; // the socket comes back by itself, a little later each time
    socket.disconnect(); // it had been opened, so it would come back every few milliseconds
    if (code === TOO_MANY) waiting = setTimeout(connect, AGAIN);
  });
  page?.addEventListener("visibilitychange", connect);
  return socket;
}
