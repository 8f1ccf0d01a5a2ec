// Lines of a spreadsheet as they are pasted: cells between tabs, or between commas or semicolons where each line has as many.

// The cells of each line, or nothing where the text is to be pasted as it is. `long`: into a field that takes several lines itself.
export const cellsOf = (pasted, long) => {
  const text = pasted.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  if (text.includes("\t")) {
    const lines = split(text, "\t");
    return long && !even(lines) ? null : lines; // prose with a tab in it is no table
  }
  if (long || !text.includes("\n")) return null;
  for (const sign of [";", ","]) { // a line with both has decimal commas
    const lines = split(text, sign);
    if (lines.length > 1 && lines[0].length > 1 && even(lines)) return lines;
  }
  return text.split("\n").map((line) => [line]);
};

const even = (lines) => lines.every((line) => line.length === lines[0].length);

// Quotes hold a cell that has the sign, a line break or a doubled quote in it; a quote that is never closed is one of the text.
const split = (text, sign) => {
  const lines = [[""]];
  let quoted = false;
  const put = (what) => lines.at(-1).push(lines.at(-1).pop() + what);
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at];
    if (quoted && one === '"' && text[at + 1] === '"') put(text[(at += 1)]);
    else if (one === '"' && (quoted || lines.at(-1).at(-1) === "")) quoted = !quoted;
    else if (!quoted && one === sign) lines.at(-1).push("");
    else if (!quoted && one === "\n") lines.push([""]);
    else put(one);
  }
  return quoted ? text.split("\n").map((line) => line.split(sign)) : lines;
};

const YES = new Set(["true", "yes", "1", "x", "on"]);
const NO = new Set(["false", "no", "0", "", "off"]);

// A pasted cell as the column holds it; undefined where the column has no such value.
export const fitted = (column, text) => {
  const word = text.trim().toLowerCase();
  if (column.kind === "boolean") return YES.has(word) ? "true" : NO.has(word) ? (word && "false") : undefined;
  if (column.kind === "select") return column.options.find((one) => one.toLowerCase() === word) ?? (word ? undefined : "");
  return column.kind === "textarea" || column.kind === "text" ? text : text.trim();
};

// Where the first line names the columns: for each cell the column of that name.
export const named = (line, columns) => {
  const found = line.map((cell) => {
    const word = cell.trim().toLowerCase();
    return columns.findIndex((one) => one.title.toLowerCase() === word || one.name.toLowerCase() === word);
  });
  return found.every((column) => column >= 0) && new Set(found).size === found.length ? found : null;
};
