/* The token travels with every htmx request; refusals become words. */
(() => {
  const meta = document.querySelector("meta[name=csrf]");
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get" && meta?.content) event.detail.headers["X-CSRF-Token"] = meta.content;
  });

  // Pages that are the same for everybody carry no token of their own: the strip brings it.
  const adopt = (strip) => {
    const token = strip?.dataset.csrf;
    if (!token || !meta) return;
    meta.content = token;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = token;
  };
  document.addEventListener("htmx:load", (event) => adopt(event.detail.elt.closest?.("#strip")));
  adopt(document.getElementById("strip"));

  // Hearts: the strip is asked which of the page's are on; one pressed is turned wherever it stands.
  const hearts = (value) => document.querySelectorAll(`[data-heart]${value ? `[value="${CSS.escape(value)}"]` : ""}`);
  const turn = (value, on) => {
    for (const heart of hearts(value)) {
      heart.setAttribute("aria-pressed", on);
      heart.name = heart.dataset.heart.split(" ")[on ? 1 : 0];
    }
  };
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.path !== "/strip") return;
    const asked = new Set([...hearts()].map((heart) => heart.value));
    if (asked.size) event.detail.parameters.hearts = [...asked].join(" ");
  });
  document.addEventListener("htmx:load", (event) => {
    const on = event.detail.elt.closest?.("#strip")?.dataset.hearts;
    for (const value of on?.split(" ") ?? []) turn(value, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, xhr } = event.detail;
    if (elt.dataset?.heart && successful && xhr.status === 204) turn(elt.value, elt.getAttribute("aria-pressed") !== "true");
  });

  // A refusal that names its place, or shows the same part with its errors, is swapped in like an answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status >= 400 && xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  const toasts = () => document.getElementById("toasts");
  const say = (text) => {
    const box = toasts();
    const toast = document.createElement("div");
    toast.className = "toast bad";
    toast.setAttribute("role", "alert");
    toast.dataset.toast = "";
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "round";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", box.dataset.close);
    close.textContent = "×";
    toast.append(words, close);
    box.append(toast);
  };
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.closest("#strip, [data-quiet]")) return; // nobody asked for it: its plain links stay
    let words = toasts().dataset.failed;
    try {
      const problem = JSON.parse(event.detail.xhr.responseText);
      words = problem.detail || problem.title || words;
    } catch { /* not a problem document: the general words stand */ }
    say(words);
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!event.detail.elt.closest("#strip, [data-quiet]")) say(toasts().dataset.unreachable);
  });
})();
