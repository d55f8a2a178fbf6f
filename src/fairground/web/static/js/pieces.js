/* Pieces that are quicker with a script. Every one works without. */
(() => {
  const each = (root, selector, deed) => {
    if (root.matches?.(selector)) deed(root);
    for (const found of root.querySelectorAll?.(selector) ?? []) deed(found);
  };

  const gallery = (box) => {
    const main = box.querySelector("[data-gallery-main] img");
    box.addEventListener("click", (event) => {
      const link = event.target.closest(".thumbs a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      main.removeAttribute("srcset");
      main.src = link.href;
      main.alt = link.dataset.alt;
      for (const other of box.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
    });
  };

  const quantity = (box) => {
    const input = box.querySelector("input");
    const buttons = box.querySelectorAll("[data-step]");
    const show = () => {
      const value = Number(input.value);
      for (const button of buttons) {
        const next = value + Number(button.dataset.step);
        button.disabled = (input.min !== "" && next < Number(input.min)) || (input.max !== "" && next > Number(input.max));
      }
    };
    for (const button of buttons) {
      button.hidden = false;
      button.addEventListener("click", () => {
        if (Number(button.dataset.step) > 0) input.stepUp(); else input.stepDown();
        input.dispatchEvent(new Event("change", { bubbles: true }));
        show();
      });
    }
    input.addEventListener("input", show);
    show();
  };

  // The server's clock decides: only the difference since the page was made is taken from ours.
  const countdown = (span) => {
    const until = Date.parse(span.dataset.until);
    const server = Date.parse(span.dataset.serverNow);
    const started = performance.now();
    const units = span.dataset.units.split(" ");
    const lead = span.closest(".big") ? "" : " · ";
    const words = (seconds) => {
      const parts = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
      const first = parts.findIndex((part) => part > 0);
      const from = first < 0 ? 3 : first;
      return parts.slice(from, from + 2).map((part, i) => `${part} ${units[from + i]}`).join(" ");
    };
    const show = () => {
      const seconds = (until - server - (performance.now() - started)) / 1000;
      if (!span.isConnected) return;
      if (seconds <= 0) { span.textContent = lead + span.dataset.over; return; }
      span.textContent = lead + span.dataset.words.replace("{}", words(seconds));
      setTimeout(show, seconds < 3600 ? 1000 : 20000);
    };
    show();
  };

  const toast = (box) => {
    const close = box.querySelector("[data-dismiss]");
    if (close) close.hidden = false;
    if (box.getAttribute("role") === "alert" || box.classList.contains("sample")) return;
    // Long enough to read, and it waits while somebody reads or points at it.
    const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 4000) : box.remove());
    setTimeout(leave, 8000);
  };

  const uploader = (box) => {
    const input = box.querySelector("input[type=file]");
    const list = box.querySelector("[data-previews]");
    const drop = box.querySelector(".drop");
    input.addEventListener("change", () => {
      for (const old of list.querySelectorAll("img")) URL.revokeObjectURL(old.src);
      list.replaceChildren();
      for (const file of [...input.files].slice(0, Number(box.dataset.limit || 20))) {
        const item = document.createElement("li");
        if (file.type.startsWith("image/")) {
          const image = document.createElement("img");
          image.src = URL.createObjectURL(file);
          image.alt = "";
          item.append(image);
        }
        item.append(file.name);
        list.append(item);
      }
    });
    for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, () => drop.classList.add("over"));
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  };

  const ready = (root) => {
    each(root, "[data-gallery]", gallery);
    each(root, "[data-quantity]", quantity);
    each(root, "[data-until]", countdown);
    each(root, "[data-toast]", toast);
    each(root, "[data-uploader]", uploader);
    each(root, ".side [aria-current]", (link) => link.closest("ul").scrollTo({ left: link.offsetLeft - 48 }));
    each(root, "[data-focus]", (box) => { if (!box.closest(".sample")) box.focus(); });
  };

  document.addEventListener("click", (event) => {
    event.target.closest?.("[data-dismiss]")?.closest("[data-toast]")?.remove();
  });
  // The chosen value of an option stands beside its legend.
  document.addEventListener("change", (event) => {
    const name = event.target.matches?.(".opt input") && event.target.name;
    const place = name && document.querySelector(`[data-chosen="${CSS.escape(name)}"]`);
    if (place) place.textContent = event.target.parentElement.textContent.trim();
  });
  // A form sent twice is a deed done twice: the second press waits for the first.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.defaultPrevented) return;
    const again = event.target.dataset.sent;
    event.target.dataset.sent = "1";
    if (again) event.preventDefault();
    setTimeout(() => delete event.target.dataset.sent, 4000);
  });

  // htmx announces the page itself and every part it puts in.
  document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
})();
