// Plays what a test says, a line of JSON each, on the browser's copy of a stream, and says what it then shows.
import { createInterface } from "node:readline";

const { Replica } = await import(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  const { descending, limit, acts } = JSON.parse(line);
  const replica = new Replica(descending, limit);
  const asked = acts.map(([name, ...values]) => {
    if (name === "reads_after") { [replica.readsAfter] = values; return null; }
    const result = replica[name === "ask_to_return" ? "askToReturn" : name](...values);
    return name.startsWith("ask") ? result : null;
  });
  const { rows, start, end } = replica.window;
  console.log(JSON.stringify({ rows, start, end, position: replica.position, is_lost: replica.isLost, asked }));
}
