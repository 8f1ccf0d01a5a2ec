// Asks before visits are counted. The server adds this only where an Analytics id is set, and only to public pages of the base domain.
(() => {
  const NAME = "ap_consent";
  const KEPT_SECONDS = 180 * 86400;
  const PUBLIC = /^\/($|agents(\/|$)|publishers\/|docs(\/|$)|quality\/?$|terms\/?$|privacy\/?$|cookies\/?$)/;
  const id = document.currentScript.dataset.analytics;
  const answered = document.currentScript.dataset.answer === "yes"; // the server has let Analytics into this very page
  const root = document.documentElement;
  const secure = location.protocol === "https:" ? "; Secure" : "";

  const answer = () => {
    const found = document.cookie.split("; ").find((one) => one.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
    return found === "yes" || found === "no" ? found : "ask";
  };

  // What Analytics has kept is taken away with the consent.
  const forget = () => {
    for (const one of document.cookie.split("; ")) {
      const name = one.split("=")[0];
      if (!name.startsWith("_ga")) continue;
      for (const domain of ["", `; Domain=${location.hostname}`]) document.cookie = `${name}=; Path=/; Max-Age=0${domain}`;
    }
  };

  const choose = (said) => {
    const before = answer();
    document.cookie = `${NAME}=${said}; Path=/; Max-Age=${KEPT_SECONDS}; SameSite=Lax${secure}`;
    if (said === "no") forget();
    root.dataset.consent = answer();
    // The page was sent for the answer before: only one that is loaded anew may load the script, or is rid of it.
    if (said !== before && (said === "yes" || before === "yes")) location.reload();
  };

  // Without what stands behind the `?`: people search there.
  const count = () => {
    const page_location = location.origin + location.pathname;
    window.gtag("set", { page_location, page_referrer: "" });
    window.gtag("event", "page_view", { page_location, page_title: document.title });
  };

  const begin = () => {
    window.dataLayer = window.dataLayer || [];
    window.gtag = function gtag() { window.dataLayer.push(arguments); };
    window.gtag("consent", "default", {
      ad_storage: "denied", ad_user_data: "denied", ad_personalization: "denied", analytics_storage: "granted",
    });
    window.gtag("js", new Date());
    window.gtag("config", id, { send_page_view: false, allow_google_signals: false, cookie_domain: "none" });
    count();
    const script = document.createElement("script");
    script.async = true;
    script.src = `https://www.googletagmanager.com/gtag/js?id=${encodeURIComponent(id)}`;
    document.head.append(script);
    follow();
  };

  // The application turns its pages by itself; one that is not public is loaded anew, and without the script.
  const follow = () => {
    let at = location.pathname;
    const turned = () => {
      if (location.pathname === at) return;
      at = location.pathname;
      if (PUBLIC.test(at)) count();
      else location.reload();
    };
    for (const name of ["pushState", "replaceState"]) {
      const before = history[name];
      history[name] = function turn(...given) { before.apply(this, given); turned(); };
    }
    window.addEventListener("popstate", turned);
  };

  document.addEventListener("click", (event) => {
    const said = event.target.closest("[data-consent-answer]")?.dataset.consentAnswer;
    if (said === "yes" || said === "no") choose(said);
  });
  root.dataset.consent = answer();
  if (answer() === "yes" && answered) begin();
})();
