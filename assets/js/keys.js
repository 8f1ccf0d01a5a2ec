// Keyboard and menu behaviour for every page. Pages work without it; only sign-out is sent from here.
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

  document.addEventListener("announce", (event) => announce(event.detail));

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
  });

  // Which tab is open outlives a reload and can be passed on.
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-in-address] [role='tab']");
    if (!tab) return;
    const here = new URL(window.location);
    here.searchParams.set("tab", tab.id.replace(/^tab-/, ""));
    window.history.replaceState(window.history.state, "", here);
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

  // A field of the same form that holds it back: its editor has refused what stands in it, its file is being sent or was refused.
  const holding = (button) => [...(button.form?.elements ?? [])].find((field) => field.validity?.customError);

  document.addEventListener("input", () => { pressed = null; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-submit], [data-once]");
    if (!button) return;
    const field = holding(button);
    if (!field && !pressedTwice(button)) return;
    field?.focus(); // its reason stands beside it
    field?.dispatchEvent(new Event("held", { bubbles: true }));
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
})();
