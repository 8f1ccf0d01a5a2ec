// Chosen files of every page: sent as they are chosen or dropped, and taken away again.
(() => {
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
  // that is still being sent void, and a form with either waits; with a refused one until it is pressed again.
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
    picker.refused = "";
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
      if (picker.turn !== turn) return;
      say(box, `${fault.message} ${carrier.value ? box.dataset.holds ?? "" : ""}`.trim(), true);
      picker.refused = `${names} was not taken. Press again to go on without it.`;
      return;
    } finally {
      if (picker.turn === turn) ended(picker, box);
    }
    say(box, names, false);
    carry(carrier, lines);
  };
  const ended = (picker, box) => {
    box.says?.disconnect();
    picker.setCustomValidity(picker.refused);
    box.removeAttribute("data-sending");
  };

  // One chosen file is taken away, or all that are being sent. Until the server answers the carrier has what it had: what is gone is remembered.
  const remove = (button) => {
    const box = button.closest(".dropzone");
    const picker = box.querySelector("[data-upload]");
    if ("stop" in button.dataset) stopSending(box, picker);
    else takeAway(box, picker, button.dataset.removes);
    const words = button.getAttribute("aria-label").replace(/^Remove/, "Removed");
    document.dispatchEvent(new CustomEvent("announce", { detail: words }));
    picker.focus();
  };
  const stopSending = (box, picker) => {
    picker.turn += 1;
    picker.stop.abort();
    ended(picker, box);
    say(box, box.dataset.holds || box.querySelector("[data-rest]").dataset.rest, false);
  };
  const takeAway = (box, picker, id) => {
    const carrier = box.querySelector("[data-lines]");
    const held = carrier.value.split("\n").filter(Boolean);
    carrier.gone = [...(carrier.gone ?? []).filter((one) => held.includes(one)), id];
    const left = held.filter((one) => !carrier.gone.includes(one));
    box.querySelector("[data-file-note]").className = "help";
    picker.setCustomValidity("");
    if (left.length === 0) say(box, box.querySelector("[data-rest]").dataset.rest, false);
    carry(carrier, left);
  };

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

  document.addEventListener("click", (event) => {
    const remover = event.target.closest("[data-removes], [data-stop]");
    if (remover) remove(remover);
  });

  // A form was held back by this field. Who reads that a file is not there, and presses again, goes on without it.
  document.addEventListener("held", (event) => {
    const box = event.target.closest(".dropzone");
    if (!box) return;
    const isSent = box.hasAttribute("data-sending");
    say(box, event.target.validationMessage, !isSent);
    if (!isSent) event.target.setCustomValidity("");
  });
})();
