// The square that is cut out of a picture: `left`, `top` and `side` in parts of the picture's shorter side, as the server
// counts (`Crop` in kit/images.py).

export const CLOSEST = 0.1; // how small it may become

const held = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));

/** The square moved and made smaller until it lies within a picture of this width and height. */
export function within({ width, height }, { left, top, side }) {
  const unit = Math.min(width, height);
  const fitting = held(side, CLOSEST, 1);
  return { left: held(left, 0, width / unit - fitting), top: held(top, 0, height / unit - fitting), side: fitting };
}

/** The largest there is, in the middle. */
export function centred({ width, height }) {
  const unit = Math.min(width, height);
  return { left: (width / unit - 1) / 2, top: (height / unit - 1) / 2, side: 1 };
}

/** Another size around the same middle. */
export function scaledTo({ left, top, side }, wanted) {
  const to = held(wanted, CLOSEST, 1);
  return { left: left + (side - to) / 2, top: top + (side - to) / 2, side: to };
}
