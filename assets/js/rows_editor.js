// Rows of cells: a table, or key-value, which is a table of names and values. Enter leads down, and to a new row at the end; lines
// of a spreadsheet are pasted into as many cells as they have. Rows in which nothing was typed are no entries.
import { Component, createElement } from "react";
import { cellsOf, fitted, named } from "./cells.js";
import { icon, note } from "./drawn.js";
import { Typed } from "./typed_input.js";

const NAME = { name: "name", title: "Name", kind: "text", help: "", options: [], required: true };
const WHOLE = /^\s*[-+]?\d+\s*$/;
const WRONG = { integer: "Must be a whole number.", number: "Must be a number.", select: "None of the choices." };
const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;
const many = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

let rowsMade = 0;
const newRow = (cells = {}) => ({ key: (rowsMade += 1), cells });
// The cells with this one; a tick taken back where nothing else stands leaves none.
const changed = (cells, name, cell) => {
  const { [name]: _, ...others } = cells;
  return cell === "false" && isBlank({ cells: others }) ? others : { ...cells, [name]: cell };
};
const isBlank = (row) => Object.values(row.cells).every((cell) => !cell.trim());

const isWrong = (column, cell, row, refused) => {
  if (!cell.trim()) return refused && column.required && column.kind !== "boolean" && !isBlank(row);
  if (column.kind === "integer") return !WHOLE.test(cell);
  if (column.kind === "number") return !NUMBER.test(cell);
  if (column.kind === "select") return !column.options.includes(cell);
  return false;
};

// One row; it is drawn anew only when it has changed.
class Row extends Component {
  shouldComponentUpdate(next) {
    return ["row", "index", "double", "refused", "columns"].some((name) => next[name] !== this.props[name]);
  }

  control(column) {
    const { row, index, refused, change, double, columns, field } = this.props;
    const cell = Object.hasOwn(row.cells, column.name) ? row.cells[column.name] : ""; // a column may be called constructor
    const wrong = isWrong(column, cell, row, refused);
    const props = {
      id: index === 0 && column === columns[0] ? field : undefined, // the label of the field leads here
      value: cell, title: wrong ? WRONG[column.kind] : undefined, autoComplete: "off",
      "aria-label": `${column.title}, row ${index + 1}`, "data-column": column.name,
      "aria-invalid": wrong || (double && column === NAME) || undefined,
      onChange: (event) => change(row.key, column.name, event.target.value),
    };
    if (column.kind === "boolean") {
      const ticked = { type: "checkbox", checked: cell === "true", value: undefined };
      return createElement("label", { className: "tick" }, createElement("input", {
        ...props, ...ticked, onChange: (event) => change(row.key, column.name, event.target.checked ? "true" : "false"),
      }));
    }
    if (column.kind === "select") {
      const known = ["", ...column.options];
      const options = known.includes(cell) ? known : [...known, cell];
      return createElement("select", props, options.map((one) => createElement("option", { key: one, value: one }, one)));
    }
    if (column.kind === "text" || column.kind === "textarea") return createElement("textarea", { ...props, rows: 1 });
    const type = column.kind === "date" && /^(\d{4}-\d\d-\d\d)?$/.test(cell) ? "date" : "text";
    const mode = { integer: "numeric", number: "decimal", url: "url" }[column.kind];
    return createElement("input", { ...props, type, inputMode: mode, spellCheck: column.kind === "url" ? false : undefined });
  }

  render() {
    const { row, index, columns, remove, double } = this.props;
    const drawn = columns.map((column) =>
      createElement("td", { key: column.name, className: `cell ${column.kind}` }, this.control(column),
        double && column === NAME && createElement("p", { className: "fault" }, icon("circle-x", 14), `${double} stands there already.`)));
    const words = `Remove row ${index + 1}`;
    const props = { type: "button", className: "btn ghost square s1", "aria-label": words, title: words, onClick: () => remove(row.key) };
    const cross = createElement("button", props, icon("x", 14));
    return createElement("tr", { "data-row": row.key },
      createElement("th", { scope: "row", className: "num" }, index + 1), drawn, createElement("td", { className: "act" }, cross));
  }
}

export class RowsEditor extends Typed {
  state = { ...this.state, rows: this.read(this.state.text), said: "", fault: "", undo: null };

  // The same list as long as it says the same: rows are drawn anew for another one.
  get columns() {
    const { pairs, columns } = this.props;
    const told = JSON.stringify(columns);
    if (told !== this.toldColumns) Object.assign(this, { toldColumns: told, ownColumns: pairs ? [NAME, ...columns] : columns });
    return this.ownColumns;
  }

  read(text) {
    let found = [];
    try { found = JSON.parse(text || "[]"); } catch { /* the server never sends such a text */ }
    const rows = found.map((one) => newRow(this.props.pairs ? { name: one[0], [this.columns[1].name]: one[1] } : one));
    return rows.length ? rows : [newRow()];
  }

  write(rows) {
    const last = rows.findLastIndex((row) => !isBlank(row));
    if (last < 0) return "";
    const [name, value] = this.columns;
    const filled = (row) => Object.fromEntries(Object.entries(row.cells).filter(([, cell]) => cell !== ""));
    return JSON.stringify(rows.slice(0, last + 1).map((row) =>
      (this.props.pairs ? [row.cells[name.name] ?? "", row.cells[value.name] ?? ""] : filled(row))));
  }

  take(text) {
    this.setState({ text, rows: this.read(text), fault: "", said: "", undo: null });
  }

  // The rows are these from now on, unless they are more than can be sent.
  put(rows, more = {}) {
    const text = this.write(rows);
    const { mostCharacters } = this.props;
    if (mostCharacters && JSON.stringify(text).length >= mostCharacters) { // as it is sent
      this.setState({ fault: `Not entered: at most ${many(mostCharacters, "character")} fit here.`, said: "", undo: null });
      return;
    }
    this.setState({ rows, fault: "", said: "", undo: null, ...more });
    if (text !== this.state.text) this.type(text);
  }

  get room() { return this.props.most ? Math.max(0, this.props.most - this.state.rows.length) : Infinity; }

  change = (key, name, cell) => {
    this.put(this.state.rows.map((row) => (row.key === key ? { key, cells: changed(row.cells, name, cell) } : row)));
  };

  add = () => {
    if (this.room < 1) return;
    const row = newRow();
    this.put([...this.state.rows, row]);
    this.focus(row.key, this.columns[0].name);
  };

  remove = (key) => {
    const { rows } = this.state;
    const index = rows.findIndex((row) => row.key === key);
    const left = rows.toSpliced(index, 1);
    const undo = isBlank(rows[index]) ? null : { rows, said: `Row ${index + 1} is back.`, key };
    this.put(left.length ? left : [newRow()], { said: `Row ${index + 1} removed.`, undo });
    this.afterDrawing(() => (this.box.querySelectorAll(".act button")[index] ?? this.box.querySelector(".add")).focus());
  };

  takeBack = () => {
    const { rows, said, key } = this.state.undo;
    this.put(rows, { said });
    this.focus(key, this.columns[0].name);
  };

  focus(key, name) {
    this.afterDrawing(() => this.box.querySelector(`[data-row="${key}"] [data-column="${CSS.escape(name)}"]`)?.focus());
  }

  onKey = (event) => {
    const cell = event.target;
    const column = this.columns.find((one) => one.name === cell.dataset.column);
    if (!column || event.key !== "Enter" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.nativeEvent.isComposing || column.kind === "textarea") return;
    event.preventDefault(); // else the form would be sent
    const { rows } = this.state;
    const below = rows.findIndex((row) => String(row.key) === cell.closest("tr").dataset.row) + 1;
    if (below < rows.length) this.focus(rows[below].key, column.name);
    else if (!isBlank(rows[below - 1])) this.add();
  };

  onPaste = (event) => {
    const first = this.columns.findIndex((one) => one.name === event.target.dataset.column);
    if (first < 0) return;
    const lines = cellsOf(event.clipboardData.getData("text"), this.columns[first].kind === "textarea");
    if (!lines) return;
    event.preventDefault();
    const key = event.target.closest("tr").dataset.row;
    this.fill(lines, this.state.rows.findIndex((row) => String(row.key) === key), first);
  };

  // The lines stand in the rows from `top` on, in the columns of their names or from `first` on; what has no place is counted.
  fill(lines, top, first) {
    const places = lines.length > 1 && named(lines[0], this.columns);
    const body = places ? lines.slice(1) : lines;
    const rows = [...this.state.rows];
    const most = Math.min(body.length, rows.length - top + this.room);
    let lost = 0;
    body.slice(0, most).forEach((line, number) => {
      const cells = { ...rows[top + number]?.cells };
      line.forEach((text, at) => {
        const column = this.columns[places ? places[at] : first + at];
        const cell = column && fitted(column, text);
        if (cell !== undefined) cells[column.name] = cell;
        else if (text.trim()) lost += 1;
      });
      rows[top + number] = { key: rows[top + number]?.key ?? newRow().key, cells };
    });
    const over = body.length - most;
    const losses = [lost && `${many(lost, "cell")} that fit no column`, over && `${many(over, "row")} beyond the limit of ${this.props.most}`];
    const left = losses.filter(Boolean).join(" and ");
    const undo = { rows: this.state.rows, said: "What was pasted is taken back.", key: rows[top].key };
    const said = `${many(most, "row")} pasted.`;
    this.put(rows, { said, fault: left && `${said} Left out: ${left}.`, undo });
  }

  doubles() {
    const seen = new Set();
    return this.state.rows.map(({ cells }) => {
      const name = this.props.pairs ? (cells.name ?? "").trim() : "";
      if (!name) return "";
      const double = seen.has(name);
      seen.add(name);
      return double ? name : "";
    });
  }

  head() {
    const drawn = this.columns.map(({ name, title, required, help }) =>
      createElement("th", { key: name, scope: "col" },
        title, required && !this.props.pairs && createElement("span", { className: "mark" }, " required"),
        help && createElement("p", { className: "help" }, help)));
    const number = createElement("th", { scope: "col" }, createElement("span", { className: "sr-only" }, "Row"));
    return createElement("thead", null, createElement("tr", null, number, drawn, createElement("td", { className: "act" })));
  }

  body() {
    const { name, wrong } = this.props;
    const doubles = this.doubles();
    return createElement("tbody", null, this.state.rows.map((row, index) => createElement(Row, {
      key: row.key, row, index, columns: this.columns, refused: wrong, double: doubles[index], field: name,
      change: this.change, remove: this.remove,
    })));
  }

  foot() {
    const { most } = this.props;
    const number = this.state.rows.filter((row) => !isBlank(row)).length;
    const full = this.room < 1;
    const said = most ? `${number.toLocaleString("en")} of at most ${many(most, "row")}` : many(number, "row");
    return createElement("div", { className: "row wrap rows-foot" },
      createElement("button", { type: "button", className: "btn outline s1 add", disabled: full, onClick: this.add }, icon("plus", 14), "Add row"),
      createElement("span", { className: "meta muted num" }, number >= (most || Infinity) ? `${said}, no more fit` : said));
  }

  render() {
    const { name, label, wrong, pairs } = this.props;
    const { said, fault, undo } = this.state;
    const back = undo && createElement("button", { type: "button", className: "link", onClick: this.takeBack }, "Undo");
    return createElement("div", {
      role: "group", "aria-label": label, "aria-describedby": `${name}-fault ${name}-help`,
      className: wrong ? "rows-editor wrong" : "rows-editor", ref: (node) => { this.box = node; },
      onKeyDown: this.onKey, onPaste: this.onPaste, onBlur: () => this.tell(),
    },
      createElement("div", { className: "rows-scroll" },
        createElement("table", { className: pairs ? "rows pairs" : "rows" }, this.head(), this.body())),
      this.foot(), note(`${name}-said`, said, fault, back));
  }
}
