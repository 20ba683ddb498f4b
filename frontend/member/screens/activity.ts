/** Everything that happened on her cards, every unit with its reason. */

import "../styles/wallet.css";
import { h } from "../../shared/dom.ts";
import { Problem } from "../../shared/problem.ts";
import type { App } from "../app.ts";
import { happened } from "../pieces/happened.ts";
import { living, nothing, skeleton } from "../pieces/living.ts";
import { bar, button, linkButton } from "../pieces/parts.ts";
import type { Screen } from "../registry.ts";
import type { Page } from "../types.ts";
import type { Activity } from "../wallet.ts";

const PAGE = 50;
const PATH = `/me/activity?limit=${PAGE}`;

export function activityScreen(app: App): Screen {
  const older = h("div", { class: "older" });
  const place = h("div", {});
  let items: readonly Activity[] = [];
  let next: string | null = null;

  const list = living<Page<Activity>>(app, {
    path: PATH,
    skeleton: () => skeleton(6),
    draw(page) {
      // What was read further back stays, as long as the newest page goes on where it began.
      const last = page.items.at(-1)?.transaction_id;
      const at = items.findIndex((activity) => activity.transaction_id === last);
      if (at >= 0) items = [...page.items, ...items.slice(at + 1)];
      else [items, next] = [page.items, page.next];
      if (items.length === page.items.length) next = page.next;
      drawAll();
      return place;
    },
    isEmpty: (page) => page.items.length === 0,
    empty: () => nothing(app.t("activityEmpty"), app.t("activityEmptyLead"), linkButton(app.t("walletEmptyGo"), "shops", { icon: "shops", kind: "ink" })),
  });

  function drawAll(): void {
    older.replaceChildren(...(next ? [button(app.t("activityOlder"), () => void more())] : []));
    place.replaceChildren(happened(app, items, { heading: "h2" }), older);
  }

  async function more(): Promise<void> {
    if (!next) return;
    const known = items.length;
    try {
      const page = await app.api.get<Page<Activity>>(`${PATH}&cursor=${encodeURIComponent(next)}`);
      items = [...items, ...page.items];
      next = page.next;
      drawAll();
      const first = place.querySelectorAll<HTMLElement>(".happening-row")[known];
      if (first) {
        first.tabIndex = -1;
        first.focus({ preventScroll: true });
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      app.notice(app.explain(error), "amber");
    }
  }

  return {
    element: h("section", { class: "page" }, bar(app, app.t("activityTitle"), "card"), list.element),
    title: app.t("activityTitle"),
    onShow: list.show,
    onHide: list.hide,
  };
}
