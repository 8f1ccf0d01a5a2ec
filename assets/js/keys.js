// Keyboard, menu and file behaviour for every page. Pages work without it; only chosen files and sign-out are sent from here.
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
    const place = /^run_[0-9a-f]{32}$/i.test(words) ? `/runs/${words}` : `${field.dataset.goes}?q=${encodeURIComponent(words)}`;
    if (words) window.location.assign(place);
  };

  // A POST that answers with a page: sign-out must not be a link that others can place.
  const post = (path) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: path });
    document.body.appendChild(form).submit();
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
    const told = Object.assign(document.createElement("div"), { role: "status", className: "sr-only" });
    document.body.append(told);
    requestAnimationFrame(() => { told.textContent = words; });
    setTimeout(() => told.remove(), COPIED_MS);
  };

  // A hidden carrier holds one entry per line; the framework hears of a change as if it had been typed.
  const carry = (carrier, lines) => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(carrier, lines.join("\n"));
    carrier.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const NOT_SENT = "The file could not be sent. Look at your connection and choose it again.";
  const send = async (file, picker, signal) => {
    const most = Number(picker.dataset.mostBytes);
    if (file.size === 0) throw new Error(`${file.name} is empty. Choose a file with content.`);
    if (file.size > most) throw new Error(`${file.name} is larger than ${+(most / 2 ** 20).toFixed(1)} MiB. Nothing was sent; choose a smaller file.`);
    const body = new FormData();
    body.append("file", file);
    const answer = await fetch(picker.dataset.upload, { method: "POST", body, signal }).catch(() => { throw new Error(NOT_SENT); });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.detail || NOT_SENT);
    return said.id;
  };

  // What is sent takes the place of what was chosen before; what is refused leaves it, and that is said. A newer choice makes an older one
  // that is still being sent void, and a form with either waits.
  const say = (box, words, fault) => {
    const note = box.querySelector("[data-file-note]");
    const shown = () => { if (note.textContent !== words) note.textContent = words; };
    shown();
    note.className = fault ? "fault" : "help";
    box.says?.disconnect(); // while a file is sent, what the server answers to an earlier one must not take its words away
    box.says = new MutationObserver(shown);
    if (box.hasAttribute("data-sending")) box.says.observe(note, { childList: true, characterData: true, subtree: true });
  };
  const upload = async (picker, files) => {
    const box = picker.closest(".dropzone");
    const carrier = box.querySelector("[data-lines]");
    const lines = [];
    const turn = picker.turn = (picker.turn ?? 0) + 1;
    picker.stop?.abort();
    const stop = picker.stop = new AbortController();
    const names = files.map((file) => file.name).join(", ");
    picker.setCustomValidity(`${names} is still being sent. Press again when it is there.`);
    box.setAttribute("data-sending", "");
    const button = box.querySelector("[data-stop]");
    button?.setAttribute("aria-label", `Remove ${names} from ${button.dataset.title}`);
    try {
      for (const file of files) {
        say(box, `Sending ${file.name}`, false);
        const id = await send(file, picker, stop.signal);
        if (picker.turn !== turn) return;
        lines.push("named" in picker.dataset ? `${id} ${file.name.replace(/\s+/g, " ")}` : id);
      }
    } catch (fault) {
      if (picker.turn === turn) say(box, `${fault.message} ${carrier.value ? box.dataset.holds ?? "" : ""}`.trim(), true);
      return;
    } finally {
      if (picker.turn === turn) ended(picker, box);
    }
    say(box, names, false);
    carry(carrier, lines);
  };
  const ended = (picker, box) => {
    box.says?.disconnect();
    picker.setCustomValidity("");
    box.removeAttribute("data-sending");
  };

  // One chosen file is taken away, or all that are being sent. Until the server answers the carrier has what it had: what is gone is remembered.
  const remove = (button) => {
    const box = button.closest(".dropzone");
    const picker = box.querySelector("[data-upload]");
    if ("stop" in button.dataset) stopSending(box, picker);
    else takeAway(box, button.dataset.removes);
    announce(button.getAttribute("aria-label").replace(/^Remove/, "Removed"));
    picker.focus();
  };
  const stopSending = (box, picker) => {
    picker.turn += 1;
    picker.stop.abort();
    ended(picker, box);
    say(box, box.dataset.holds || box.querySelector("[data-rest]").dataset.rest, false);
  };
  const takeAway = (box, id) => {
    const carrier = box.querySelector("[data-lines]");
    const held = carrier.value.split("\n").filter(Boolean);
    carrier.gone = [...(carrier.gone ?? []).filter((one) => held.includes(one)), id];
    const left = held.filter((one) => !carrier.gone.includes(one));
    box.querySelector("[data-file-note]").className = "help";
    if (left.length === 0) say(box, box.querySelector("[data-rest]").dataset.rest, false);
    carry(carrier, left);
  };

  // A press within this time of the same button is the second half of a double click, unless something was typed between.
  const ONCE_MS = 1000;
  let pressed = null;
  const pressedTwice = (button) => {
    if (pressed === button) return true;
    pressed = button;
    setTimeout(() => { if (pressed === button) pressed = null; }, ONCE_MS);
    return false;
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
    const shutter = event.target.closest("[data-shuts]");
    if (shutter) shutter.closest("dialog").close();
    const poster = event.target.closest("[data-post]");
    if (poster) post(poster.dataset.post);
    if (event.target.closest("[data-reload]")) window.location.reload();
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
    const remover = event.target.closest("[data-removes], [data-stop]");
    if (remover) remove(remover);
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

  // A page that was nearly left (a mail program opened, a download began) has closed its connection and stays: it connects again.
  const NEARLY_LEFT_MS = 1000;
  window.addEventListener("beforeunload", () => {
    setTimeout(() => document.dispatchEvent(new Event("visibilitychange")), NEARLY_LEFT_MS);
  });

  document.addEventListener("change", (event) => {
    const picker = event.target;
    if (!picker.matches("input[type='file'][data-upload]") || picker.files.length === 0) return;
    const files = [...picker.files];
    picker.value = ""; // else the same file, mended and chosen again, would be no change
    upload(picker, files);
  });

  const dropzone = (event) => event.target.closest?.(".dropzone");
  document.addEventListener("dragover", (event) => {
    if (dropzone(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const picker = dropzone(event)?.querySelector("[data-upload]");
    if (!picker) return;
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (files.length > 0) upload(picker, picker.multiple ? files : files.slice(0, 1));
  });

  // A field of the same form that holds it back: its editor has refused what stands in it, or its file is being sent.
  const holding = (button) => [...(button.form?.elements ?? [])].find((field) => field.validity?.customError);

  document.addEventListener("input", () => { pressed = null; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-submit], [data-once]");
    if (!button) return;
    const field = holding(button);
    if (!field && !pressedTwice(button)) return;
    field?.focus(); // its reason stands beside it
    const box = field?.closest("[data-sending]");
    if (box) say(box, field.validationMessage, false);
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
})();
