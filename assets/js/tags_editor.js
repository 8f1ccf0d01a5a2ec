// Entries as chips. Enter, a comma and leaving add what was typed; a paste of several lines adds each; Backspace in the empty field
// takes the last one back. Where only some words are allowed, they are offered as a list.
import { createElement } from "react";
import { icon, note } from "./drawn.js";
import { Typed } from "./typed_input.js";

const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const many = (number) => (number === 1 ? "1 entry" : `${number.toLocaleString("en")} entries`);

export class TagsEditor extends Typed {
  state = { ...this.state, entry: "", said: "", fault: "", open: false, at: 0 };

  get tags() { return linesOf(this.state.text); }
  get only() { return this.props.columns[0]?.options ?? []; }
  // An address may have a comma, and so may a choice.
  get splits() {
    const holds = this.props.columns[0]?.kind === "url" || this.only.some((one) => one.includes(","));
    return holds ? /[\n\t]/ : /[\n\t,]/;
  }

  // The words that may still be chosen and hold what was typed.
  get choices() {
    const typed = this.state.entry.trim().toLowerCase();
    const found = this.only.filter((one) => !this.tags.includes(one) && one.toLowerCase().includes(typed));
    return found.sort((one, other) => (other.toLowerCase() === typed) - (one.toLowerCase() === typed)); // what was typed comes first
  }

  put(tags, said) {
    this.setState({ said, fault: "" });
    this.type(tags.join("\n"));
    this.tell(tags.join("\n"));
  }

  add(text) {
    this.enter(text.split(this.splits).map((one) => one.trim()).filter(Boolean));
  }

  // Each of them is an entry from now on; what cannot be one stays in the field, or is counted where several were given.
  enter(given) {
    const { most, mostCharacters } = this.props;
    const tags = this.tags;
    const there = new Set(tags);
    const left = [];
    let length = this.state.text.length;
    let why = "";
    for (const one of given) {
      const word = this.only.length ? this.only.find((choice) => choice.toLowerCase() === one.toLowerCase()) : one;
      if (word === undefined) why = `${one} is none of the choices.`;
      else if (there.has(word)) why = `${word} is there already.`;
      else if (most && tags.length >= most) why = `At most ${many(most)} fit here.`;
      else if (mostCharacters && length + word.length + 1 >= mostCharacters) why = "No more fits here.";
      else {
        tags.push(word);
        there.add(word);
        length += word.length + 1;
        continue;
      }
      left.push(one);
    }
    const added = given.length - left.length;
    if (added) this.put(tags, `${added === 1 ? tags.at(-1) : many(added)} added.`);
    const rest = given.length > 1 && left.length ? `${many(left.length)} left out. ` : "";
    const entry = given.length === 1 ? left.join("") : "";
    this.setState({ entry, fault: why && `${rest}${why}`, at: 0 });
    this.input.setCustomValidity(entry && why); // what stands in the field and is no entry holds the form back, also before it is drawn
  }

  remove = (index) => {
    const tags = this.tags;
    const [gone] = tags.splice(index, 1);
    this.put(tags, `${gone} removed.`);
    const next = () => this.box.querySelectorAll("[data-remove]")[Math.min(index, tags.length - 1)] ?? this.input;
    this.afterDrawing(() => next().focus());
  };

  onInput = (event) => {
    const entry = event.target.value;
    if (entry.length > 1 && this.splits.test(entry.at(-1))) return this.add(entry);
    this.setState({ entry: entry === "," ? "" : entry, fault: "", open: true, at: 0 });
  };

  onPaste = (event) => {
    const text = event.clipboardData.getData("text");
    if (!this.splits.test(text.trim())) return;
    event.preventDefault();
    this.add(`${this.state.entry}${text}`);
  };

  onKey = (event) => {
    const { choices, state: { entry, open, at } } = this;
    const lists = open && choices.length > 0;
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault(); // else the form would be sent
      if (lists) this.enter([choices[at]]);
      else if (entry.trim()) this.add(entry);
    } else if (event.key === "Backspace" && entry === "" && this.tags.length) {
      this.put(this.tags.slice(0, -1), `${this.tags.at(-1)} removed.`);
    } else if (event.key === "Escape" && lists) {
      this.setState({ open: false });
    } else if (choices.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.setState({ open: true, at: lists ? (at + step + choices.length) % choices.length : 0 });
    }
  };

  onBlur = () => {
    this.setState({ open: false });
    if (this.state.entry.trim()) this.add(this.state.entry);
  };

  componentDidUpdate(before) {
    super.componentDidUpdate(before);
    this.input.setCustomValidity(this.state.entry && this.state.fault);
    this.list?.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" });
  }

  drawTag = (tag, index) =>
    createElement("span", { key: `${index} ${tag}`, className: "badge chip" },
      createElement("span", { className: "truncate" }, tag),
      createElement("button", { type: "button", "aria-label": `Remove ${tag}`, "data-remove": "", onClick: () => this.remove(index) }, icon("x", 12)));

  entryProps() {
    const { name, wrong } = this.props;
    const { entry, open, at, fault } = this.state;
    const lists = open && this.choices.length > 0;
    const combobox = this.only.length
      ? {
        role: "combobox", "aria-autocomplete": "list", "aria-expanded": lists, "aria-controls": `${name}-choices`,
        "aria-activedescendant": lists ? `${name}-choice-${at}` : undefined,
      }
      : {};
    return {
      ...combobox, id: name, value: entry, autoComplete: "off", autoCapitalize: "off", enterKeyHint: "done",
      placeholder: this.only.length ? (this.choices.length ? "Choose one" : "") : this.tags.length ? "" : "Add one, then Enter",
      "aria-invalid": wrong || fault !== "", "aria-describedby": `${name}-said ${name}-fault ${name}-help`,
      onChange: this.onInput, onPaste: this.onPaste, onKeyDown: this.onKey, onBlur: this.onBlur,
      onClick: () => this.setState({ open: true }), ref: (node) => { this.input = node; },
    };
  }

  drawChoices() {
    const { name, label } = this.props;
    return createElement("ul", {
      id: `${name}-choices`, role: "listbox", "aria-label": label, className: "choices-list", hidden: !this.state.open || !this.choices.length,
      ref: (node) => { this.list = node; },
    }, this.choices.map((one, index) => createElement("li", {
      key: one, id: `${name}-choice-${index}`, role: "option", "aria-selected": index === this.state.at,
      onMouseDown: (event) => event.preventDefault(), // the field keeps the focus
      onClick: () => this.enter([one]),
    }, one)));
  }

  render() {
    const { name, wrong } = this.props;
    const { said, fault } = this.state;
    const box = {
      className: wrong || fault ? "input tags wrong" : "input tags", ref: (node) => { this.box = node; },
      onClick: (event) => { if (event.target === this.box) this.input.focus(); },
    };
    return createElement("div", { className: "tags-editor" },
      createElement("div", box, this.tags.map(this.drawTag), createElement("input", this.entryProps())),
      this.only.length > 0 && this.drawChoices(),
      note(`${name}-said`, said, fault));
  }
}
