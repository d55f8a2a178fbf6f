/* Conversations that live: what is said arrives by itself. Without this the page shows it when it is loaded again. */
(() => {
  const stay = (address, hear, box) => {
    let source;
    const open = () => {
      if (!box.isConnected) return;
      source = new EventSource(address());
      hear(source);
      // A browser comes back by itself unless it was refused; then it tries again after a while.
      source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) setTimeout(open, 10000); });
    };
    open();
    addEventListener("pagehide", () => source?.close());
    addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  };

  const talk = (box) => {
    const list = box.querySelector(".chat");
    const last = () => Number(list.lastElementChild?.dataset.number ?? 0);
    let told = last();
    const tell = () => {
      const number = last();
      if (document.hidden || number <= told) return;
      told = number;
      const csrf = document.querySelector("meta[name=csrf]")?.content || box.dataset.csrf;
      fetch(box.dataset.read, { method: "POST", headers: { "X-CSRF-Token": csrf }, body: new URLSearchParams({ number }) });
    };
    const arrive = (event) => {
      if (list.querySelector(`[data-number="${Number(event.lastEventId)}"]`)) return;
      list.insertAdjacentHTML("beforeend", event.data);
      list.lastElementChild.scrollIntoView({ block: "nearest" });
      if (!list.lastElementChild.classList.contains("mine")) {
        const status = box.querySelector("[data-arrived]");
        status.textContent = status.dataset.arrived;
      }
      tell();
    };
    const wasRead = (event) => {
      for (const own of list.querySelectorAll(".mine[data-number]")) {
        const time = own.querySelector("time");
        if (Number(own.dataset.number) > Number(event.data) || time.textContent.includes(list.dataset.readWords)) continue;
        time.append(` · ${list.dataset.readWords}`);
      }
    };
    const address = () => `${box.dataset.live.split("?")[0]}?after=${last()}`;
    stay(address, (source) => {
      source.addEventListener("message", arrive);
      source.addEventListener("read", wasRead);
    }, box);
    document.addEventListener("visibilitychange", tell);
    list.lastElementChild?.scrollIntoView({ block: "nearest" });
  };

  const inbox = (box) => {
    let waiting = false;
    stay(() => box.dataset.liveList, (source) => source.addEventListener("list", () => {
      if (waiting) return;
      waiting = true;
      setTimeout(() => {
        waiting = false;
        htmx.ajax("GET", location.pathname + location.search, { source: box, target: "#talks", select: "#talks", swap: "outerHTML" });
      }, 500);
    }), box);
  };

  // Enter sends, with Shift it is a new line; an input method's Enter is neither.
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-say]");
    if (!form || event.target.tagName !== "TEXTAREA" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (!matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    form.requestSubmit();
  });
  for (const box of document.querySelectorAll("[data-live]")) talk(box);
  for (const box of document.querySelectorAll("[data-live-list]")) inbox(box);
})();
