// The content of a page, out of reach until the server has answered for this address: what it shows may be from an earlier visit.
// A page that the server has answered for once more, after a lost connection, says "reopened".
import { createElement, useEffect, useState } from "react";
import { useLocation } from "react-router";

export function Opening({ ready, ...props }) {
  const { pathname } = useLocation();
  const [opened, setOpened] = useState(null);
  useEffect(() => {
    if (!ready) return;
    if (opened === pathname) document.dispatchEvent(new Event("reopened"));
    setOpened(pathname);
  }, [ready, pathname]);
  const waits = opened !== pathname;
  return createElement("main", { ...props, inert: waits, "aria-busy": waits });
}
