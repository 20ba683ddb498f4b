/** What Zegel is, what it keeps about her and why, and the terms. */

import { h } from "../../../shared/dom.ts";
import type { App } from "../../app.ts";
import { linkButton, rows } from "../../pieces/parts.ts";
import type { Screen } from "../../registry.ts";
import { frame, part } from "./frame.ts";

export function aboutScreen(app: App): Screen {
  const title = app.t("meAbout");
  const terms = h("div", {});
  void app.offers().then(
    ({ terms_url: address, privacy_url: privacy, brand }) => {
      const links = [
        address ? linkButton(app.t("aboutTermsGo"), address) : null,
        privacy ? linkButton(app.t("aboutPrivacyGo"), privacy) : null,
        brand?.support_address ? linkButton(app.t("aboutHelpGo"), `mailto:${brand.support_address}`) : null,
      ].filter((one) => one !== null);
      if (links.length) terms.replaceChildren(part(app.t("aboutTerms"), ...links));
    },
    // Without an answer it is not known where they stand.
    () => undefined,
  );
  const list = (...words: string[]) => h("ul", { class: "plain-list" }, ...words.map((one) => h("li", {}, one)));
  const element = frame(
    app,
    title,
    "me",
    h("p", { class: "lead" }, app.t("aboutLead")),
    part(app.t("aboutPrivacy"), list(app.t("aboutKeeps"), app.t("aboutShops"), app.t("aboutPhone"), app.t("aboutMail"), app.t("aboutNever"))),
    rows([
      { path: "me/sharing", icon: "shops", words: app.t("meSharing") },
      { path: "me/data", icon: "install", words: app.t("meData") },
    ]),
    terms,
    part(app.t("aboutRules"), list(app.t("aboutRuleShop"), app.t("aboutRuleFree"), app.t("aboutRuleLeave"))),
    h("p", { class: "soft" }, app.t("aboutOpen")),
  );
  return { element, title };
}
