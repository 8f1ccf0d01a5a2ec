// What the editors draw alike.
import { createElement } from "react";

export const icon = (name, size) =>
  createElement("svg", { className: `icon i${size}`, "aria-hidden": true }, createElement("use", { href: `/icons/icons.svg#${name}` }));

// What an editor has done is read out; what it refused is seen as well.
export const note = (id, said, fault, more) =>
  createElement("p", { id, role: "status", className: fault ? "fault" : more ? "help" : "sr-only" },
    fault && icon("circle-x", 14), fault || said, more && " ", more);
