// The square that is cut out of a picture of oneself; run by test_stream_twins.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const { CLOSEST, centred, scaledTo, within } = await import(process.env.SQUARE);

const WIDE = { width: 400, height: 200 };
const TALL = { width: 200, height: 600 };
const near = (found, expected) => Object.keys(expected).forEach((name) => assert.ok(Math.abs(found[name] - expected[name]) < 1e-9, name));

test("it begins as the largest square in the middle", () => {
  near(centred(WIDE), { left: 0.5, top: 0, side: 1 });
  near(centred(TALL), { left: 0, top: 1, side: 1 });
});

test("it stays within the picture, however far it is moved", () => {
  near(within(WIDE, { left: 9, top: 9, side: 0.5 }), { left: 1.5, top: 0.5, side: 0.5 });
  near(within(TALL, { left: -9, top: -9, side: 0.5 }), { left: 0, top: 0, side: 0.5 });
});

test("it is neither larger than the picture nor too small to be one", () => {
  near(within(WIDE, { left: 0, top: 0, side: 7 }), { side: 1 });
  near(within(WIDE, { left: 0, top: 0, side: 0 }), { side: CLOSEST });
});

test("zooming keeps the middle where it is", () => {
  const before = { left: 0.4, top: 0.2, side: 0.6 };
  const after = scaledTo(before, 0.3);
  near(after, { left: 0.55, top: 0.35, side: 0.3 });
  near(scaledTo(after, 0.6), before);
});
