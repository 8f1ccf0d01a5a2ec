// Keyboard and menu behaviour for every page. Pages work without it; nothing here talks to the server.
(() => {
  const GO = {
    h: "/overview", a: "/agents", r: "/runs", p: "/approvals", s: "/studio", u: "/usage", m: "/settings/members", ",": "/settings/profile",
  };
  let waitingForGo = 0;
  const typing = (el) => el.closest("input, textarea, select, [contenteditable='true']");
  const visible = (el) => el.offsetParent !== null || el.getClientRects().length > 0;
  const first = (selector) => [...document.querySelectorAll(selector)].find(visible);

  const go = (path) => {
    const link = first(`a[href="${path}"]`);
    if (link) link.click();
    else if (document.querySelector(".app")) window.location.assign(path);
  };

  const search = (field) => {
    const words = field.value.trim();
    const run = /^run_[0-9a-f]{32}$/i.test(words);
    if (words) window.location.assign(run ? `/runs/${words}` : `${field.dataset.goes}?q=${encodeURIComponent(words)}`);
  };

  // A POST that answers with a page: sign-out must not be a link that others can place.
  const post = (path) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = path;
    document.body.append(form);
    form.submit();
  };

  // Says so where it was pressed, for two seconds, and to whoever listens; says what to do where a browser lets nothing be copied.
  const COPIED_MS = 2000;
  const copy = async (button) => {
    let done = true;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      done = false;
      window.prompt("Copy this:", button.dataset.copy);
    }
    if (!done || !button.dataset.copied) return;
    button.setAttribute("data-done", "");
    announce(button.dataset.copied);
    setTimeout(() => button.removeAttribute("data-done"), COPIED_MS);
  };
  const announce = (words) => {
    const told = document.createElement("div");
    told.setAttribute("role", "status");
    told.className = "sr-only";
    document.body.append(told);
    requestAnimationFrame(() => { told.textContent = words; });
    setTimeout(() => told.remove(), COPIED_MS);
  };

  // Hidden carriers hold one entry per line; the framework hears of a change as if it had been typed.
  const linesOf = (carrier) => carrier.value.split("\n").filter(Boolean);
  const carry = (carrier, lines) => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(carrier, lines.join("\n"));
    carrier.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const editTags = (event, entry) => {
    const carrier = entry.parentElement.querySelector("[data-lines]");
    const word = entry.value.trim();
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (word) carry(carrier, [...linesOf(carrier).filter((line) => line !== word), word]);
      entry.value = "";
    } else if (event.key === "Backspace" && entry.value === "") {
      carry(carrier, linesOf(carrier).slice(0, -1));
    }
  };

  const upload = async (picker) => {
    const box = picker.closest(".dropzone");
    const note = box.querySelector("[data-file-note]");
    const ids = [];
    for (const file of picker.files) {
      note.textContent = `Sending ${file.name}`;
      const body = new FormData();
      body.append("file", file);
      try {
        const answer = await fetch(picker.dataset.upload, { method: "POST", body });
        const text = await answer.text();
        const said = text.startsWith("{") ? JSON.parse(text) : { detail: text.split("\n")[0] }; // the edge refuses in plain text
        if (!answer.ok) throw new Error(said.detail || said.title);
        ids.push(said.id);
      } catch (fault) {
        note.textContent = fault.message || "The file could not be sent. Choose it again.";
        return;
      }
    }
    note.textContent = [...picker.files].map((file) => file.name).join(", ");
    carry(box.querySelector("[data-lines]"), ids);
  };

  const submitFrom = (el) => {
    const form = el.closest("form");
    const button = (form || document).querySelector("[data-submit]:not(:disabled)");
    if (button) button.click();
    else if (form) form.requestSubmit();
    return Boolean(button || form);
  };

  const moveFocus = (event, items, keys) => {
    const here = items.indexOf(document.activeElement);
    const step = keys[event.key];
    if (step === undefined || items.length === 0) return;
    event.preventDefault();
    const next = step === "first" ? 0 : step === "last" ? items.length - 1 : (here + step + items.length) % items.length;
    items[next].focus();
    if (items[next].getAttribute("role") === "tab") items[next].click();
  };

  const inComposite = (event) => {
    const el = event.target;
    const tabs = el.closest("[role='tablist']");
    if (tabs && el.getAttribute("role") === "tab") {
      const items = [...tabs.querySelectorAll("[role='tab']:not(:disabled)")];
      moveFocus(event, items, { ArrowRight: 1, ArrowLeft: -1, Home: "first", End: "last" });
      return true;
    }
    const menu = el.closest("details.menu:not(.drawer)");
    if (menu && (menu.open || el.tagName === "SUMMARY")) {
      if (event.key === "ArrowDown" && !menu.open) menu.open = true;
      const items = [...menu.querySelectorAll(".menu-item")].filter(visible);
      moveFocus(event, items, { ArrowDown: 1, ArrowUp: -1, Home: "first", End: "last" });
      return event.defaultPrevented;
    }
    return false;
  };

  const closeTop = () => {
    const menus = [...document.querySelectorAll("details.menu[open]")];
    const menu = menus.pop();
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    document.querySelectorAll(".tip:hover, .tip:focus-within").forEach((tip) => {
      tip.classList.add("hushed");
      tip.addEventListener("mouseleave", () => tip.classList.remove("hushed"), { once: true });
      tip.addEventListener("focusout", () => tip.classList.remove("hushed"), { once: true });
    });
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") return closeTop();
    if (event.target.matches("[data-tag-entry]")) editTags(event, event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.target.blur?.(); // lets a pausing field hand over its text before the button is pressed
      if (submitFrom(event.target)) event.preventDefault();
      return;
    }
    if (event.key === "Enter" && event.target.matches("[data-goes]")) return search(event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (inComposite(event) || typing(event.target)) return;
    if (document.querySelector("[role='dialog'], dialog[open]")) return;
    if (Date.now() < waitingForGo && GO[event.key]) {
      waitingForGo = 0;
      return go(GO[event.key]);
    }
    waitingForGo = event.key === "g" ? Date.now() + 1500 : 0;
    if (event.key === "/") {
      const field = first("[data-search]");
      if (field) {
        event.preventDefault();
        field.focus();
      }
    } else if (event.key === "?") {
      document.getElementById("shortcuts")?.showModal();
    }
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      const chosen = event.target.closest(".menu-item, .nav-link, [data-close]");
      const onDrawerScrim = menu.classList.contains("drawer") && event.target === menu;
      if (!menu.contains(event.target) || chosen || onDrawerScrim) menu.open = false;
    });
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    const cross = event.target.closest("[data-tag-remove]");
    if (cross) {
      const carrier = cross.closest(".tags").querySelector("[data-lines]");
      carry(carrier, linesOf(carrier).filter((line) => line !== cross.dataset.tagRemove));
    }
    const shutter = event.target.closest("[data-shuts]");
    if (shutter) shutter.closest("dialog").close();
    const poster = event.target.closest("[data-post]");
    if (poster) post(poster.dataset.post);
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
  });

  // A dialog opened by state has no trigger to give the focus back to.
  let outside = null;
  let dialogShown = false;
  document.addEventListener("focusin", (event) => {
    if (!event.target.closest("[role='dialog'], [data-radix-focus-guard]")) outside = event.target;
  });
  new MutationObserver(() => {
    const shown = document.querySelector("[role='dialog']") !== null;
    if (dialogShown && !shown && document.activeElement === document.body && outside?.isConnected) outside.focus();
    dialogShown = shown;
  }).observe(document.body, { childList: true });

  // What was typed but not entered counts when the field is left.
  document.addEventListener("focusout", (event) => {
    const entry = event.target;
    if (entry.matches("[data-tag-entry]") && entry.value.trim()) editTags({ key: "Enter", preventDefault() {} }, entry);
  });

  // A page that was nearly left (a mail program opened, a download began) has closed its connection and stays: it connects again.
  const NEARLY_LEFT_MS = 1000;
  window.addEventListener("beforeunload", () => {
    setTimeout(() => document.dispatchEvent(new Event("visibilitychange")), NEARLY_LEFT_MS);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type='file'][data-upload]")) upload(event.target);
  });
})();
