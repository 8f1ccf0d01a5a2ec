// A field for code: numbered lines that do not wrap, and Tab for blanks. Who only passes by with Tab is not held: Tab writes once
// something was typed or pressed here, and Escape gives it back.
import { createElement } from "react";
import { TypedInput } from "./typed_input.js";

const INDENT = "  ";
const PASSES_BY = new Set(["Tab", "Shift", "Control", "Alt", "Meta"]);

const indent = (node, type) => {
  if (document.execCommand("insertText", false, INDENT)) return; // the only way that Ctrl+Z takes back
  node.setRangeText(INDENT, node.selectionStart, node.selectionEnd, "end");
  type(node.value);
};

export class CodeEditor extends TypedInput {
  writes = false;

  onKey = (event) => {
    if (event.key === "Tab" && !event.shiftKey && this.writes) {
      event.preventDefault();
      indent(event.target, this.type);
    } else if (!PASSES_BY.has(event.key)) {
      this.writes = event.key !== "Escape";
    }
  };

  render() {
    const lines = this.state.text.split("\n").length;
    const numbers = Array.from({ length: lines }, (_, number) => number + 1).join("\n");
    return createElement("div", {
      className: "code-lines",
      style: { "--digits": String(lines).length },
      onKeyDownCapture: this.onKey,
      onPointerDown: () => { this.writes = true; },
      onBlur: () => { this.writes = false; },
      onScrollCapture: (event) => { this.gutter.scrollTop = event.target.scrollTop; },
    },
      createElement("div", { className: "gutter", "aria-hidden": true, ref: (node) => { this.gutter = node; } }, numbers),
      super.render());
  }
}
