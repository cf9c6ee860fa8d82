// A form's proof that a page of ours has sent it: a cookie, which no other site can set or read, says the same.
// It stands in every page's head, so that a form has it that is sent before the page has come to life.
(() => {
  const name = location.protocol === "https:" ? "__Host-csrf" : "csrf";
  const kept = new RegExp("(?:^|; )" + name + "=([0-9a-f]{32})(?:;|$)");

  window.csrfToken = () => {
    const found = document.cookie.match(kept);
    if (found) return found[1];
    const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
    const token = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    document.cookie = name + "=" + token + "; Path=/; SameSite=Strict" + (name === "csrf" ? "" : "; Secure");
    return token;
  };

  document.addEventListener("submit", ({ target: form }) => {
    if (form.method !== "post") return;
    form.querySelector("input[name=csrf_token]")?.remove();
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "csrf_token", value: window.csrfToken() });
    form.append(field);
  }, true);
})();
