// One file sent as the body of a request, with word of how much of it has arrived.

const percent = (event) => (event.lengthComputable ? Math.floor((event.loaded / event.total) * 100) : 0);

function answerOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

/**
 * Posts `file` to `address`. Calls `progress(percent)` on the way and then one of `done(data)`, `failed(text)` with what
 * the server says is wrong, and `stopped()` after `abort()` of what this returns. `texts` has `lost` and `refused`.
 */
export function sendFile(address, file, texts, { progress, done, failed, stopped }) {
  const wire = new XMLHttpRequest();
  wire.upload.onprogress = (event) => progress(percent(event));
  wire.onerror = () => failed(texts.lost);
  wire.onabort = () => stopped?.();
  wire.onload = () => {
    const { data, errors } = answerOf(wire);
    if (wire.status < 300) done(data);
    else failed(errors?.file?.[0] || errors?.detail || texts.refused);
  };
  wire.open("POST", address);
  wire.setRequestHeader("Content-Type", "application/octet-stream");
  wire.setRequestHeader("X-CSRF-Token", window.csrfToken());
  wire.send(file);
  return wire;
}

/** The address with the file's name added to it. */
export const named = (address, file) => `${address}?filename=${encodeURIComponent(file.name)}`;
