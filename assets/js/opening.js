// The content of a page, out of reach until the server has answered for this address: what it shows may be from an earlier visit.
// `returns` counts lost connections: a page that has been open before says "reopened" when the server has heard of it again.
import { createElement, useEffect, useState } from "react";
import { useLocation } from "react-router";

export function Opening({ ready, returns, ...props }) {
  const { pathname } = useLocation();
  const [opened, setOpened] = useState(null);
  useEffect(() => {
    if (ready) setOpened(pathname);
  }, [ready, pathname]);
  useEffect(() => {
    if (opened === pathname) document.dispatchEvent(new Event("reopened"));
  }, [returns]);
  const waits = opened !== pathname;
  return createElement("main", { ...props, inert: waits, "aria-busy": waits });
}
