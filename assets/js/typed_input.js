// A field whose text belongs to whoever types: the server hears of it after a pause, on Enter, on leaving and at any click, and an answer
// that is late never takes back what was typed since. What was typed before this script came is told as well.
import { Component, createElement } from "react";

const textOf = (value) => String(value ?? "");
const served = new WeakSet(globalThis.document?.querySelectorAll("input, textarea")); // drawn before this script came
const waiting = new Set(); // fields whose text the server has yet to hear of
// A button acts on what is on screen, whether or not the field was left for it: some browsers focus no button.
globalThis.document?.addEventListener("click", () => waiting.forEach((field) => field.tell()), true);
const unanswered = new Set(); // fields that have told the server a text which it has not answered
// What was told just before the connection was lost may not have arrived.
globalThis.document?.addEventListener("reopened", () => unanswered.forEach((field) => field.tellAgain()));
let moving = null; // the field that is being typed in while its page is drawn anew around it

// What any field keeps in step with the server: its text, what the server has been told of it, and what it has answered.
export class Typed extends Component {
  state = { text: textOf(this.props.value) };
  told = []; // texts that the server has not answered yet, oldest first
  pause = 0; // a timer; 0 when everything is told

  componentDidUpdate(before) {
    const text = textOf(this.props.value);
    if (text === textOf(before.value)) return;
    const answered = this.told.indexOf(text);
    this.told = answered < 0 ? [] : this.told.slice(answered + 1);
    if (this.told.length === 0) unanswered.delete(this);
    if (!this.pause && this.told.length === 0 && text !== this.state.text) this.take(text);
  }

  componentWillUnmount() {
    this.tell();
    unanswered.delete(this);
  }

  // Drawn is before the next key is heard: whoever types on after a new place has the focus loses no letter.
  afterDrawing(act) {
    this.setState(null, act);
  }

  // The server's word counts.
  take(text) {
    this.setState({ text });
  }

  type = (text) => {
    this.setState({ text });
    clearTimeout(this.pause);
    waiting.add(this);
    this.pause = setTimeout(() => this.tell(text), this.props.debounceTimeout);
  };

  tell = (text = this.state.text) => {
    if (!this.pause) return;
    clearTimeout(this.pause);
    waiting.delete(this);
    this.pause = 0;
    this.told.push(text);
    unanswered.add(this);
    this.props.onChange({ target: { value: text } });
  };

  tellAgain() {
    this.told = this.told.slice(-1);
    this.props.onChange({ target: { value: this.told[0] } });
  }
}

export class TypedInput extends Typed {
  componentDidMount() {
    if (moving && moving.id === this.props.id) {
      this.type(moving.text);
      this.node.focus();
    } else if (served.has(this.node) && this.node.value !== this.state.text) {
      this.type(this.node.value);
    }
  }

  componentWillUnmount() {
    super.componentWillUnmount();
    if (!this.props.id || document.activeElement !== this.node) return;
    moving = { id: this.props.id, text: this.state.text };
    queueMicrotask(() => { moving = null; });
  }

  render() {
    const { element, debounceTimeout, inputRef, onChange, onBlur, onKeyDown, ...props } = this.props;
    return createElement(element, {
      ...props,
      value: this.state.text,
      ref: (node) => {
        this.node = node;
        if (inputRef) inputRef.current = node;
      },
      onChange: (event) => this.type(event.target.value),
      onBlur: (event) => {
        this.tell();
        onBlur?.(event);
      },
      onKeyDown: (event) => {
        if (event.key === "Enter") this.tell();
        onKeyDown?.(event);
      },
    });
  }
}
