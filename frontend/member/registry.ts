/** Which screen stands behind which address.
 *
 * How the member's app is built
 * -----------------------------
 * - `app.ts` is what a screen is given: `app.api` (the JSON API as whoever is signed in), `app.t()` (texts), `app.go()`,
 *   `app.notice()`, `app.pulse` (tells when something of hers changed), `app.words` (numbers, dates and money by locale).
 * - A screen is a function `(app, params, query) => Screen`. It builds its element at once and fills it as answers come:
 *   `pieces/living.ts` does that for anything that is read from the service (skeleton, kept answer without a network,
 *   empty, refused with "try again", again after each change).
 * - Screens load lazily: name them here, with the area whose texts they need. The core's texts are always there.
 * - Texts: `texts/<language>/<area>.ts`, each `export const texts = {…}`; English decides the keys, the other languages are
 *   `: typeof english`. A key is unique over all areas: begin it with a word of the area (`walletTitle`, `shopsNear`).
 * - Styles: `styles/<area>.css`, imported by that area's screens (`import "../styles/wallet.css"`), so that they come
 *   with their chunk. `styles/shell.css` has what all share: `.page`, `.band`, `.b` (buttons), `.field`, `.rows`, `.note`.
 * - `pieces/parts.ts` (buttons, links, headings, bars), `pieces/field.ts`, `pieces/sheet.ts` (a question, a dialog),
 *   `pieces/icons.ts` (add line drawings there), and `frontend/shared` (seals, stamp cards, money, dom).
 *
 * Areas: core and begin (this folder's frame, the card, claiming, signing in, and of Me the pages `secure` and `move`),
 * wallet (balances, activity, rewards, vouchers), shops, me. `screens/balances.ts` is shown under the card, loaded once the
 * code is on the screen, and at `#/wallet`. Heavy parts that may wait for a network are named `map…`, `leaflet…` or
 * `decoder…`: those files are not kept on the phone. Everything else is, and works without a network as far as it can.
 */

import type { App } from "./app.ts";
import { cardScreen } from "./screens/card.ts";
import type { Area } from "./texts/index.ts";

export interface Screen {
  readonly element: HTMLElement;
  /** What the window is called, and what a screen reader says when it opens. */
  readonly title: string;
  /** What gets the focus when it opens; its heading if nothing is named. */
  readonly focus?: HTMLElement | null;
  /** It is seen now: begin to listen, to count, to ask. Called again when the page comes back from the background. */
  onShow?(): void;
  /** It is not seen any more, for ever or for a while. */
  onHide?(): void;
}

/** What an address's `:names` stand for. */
export type Params = Readonly<Record<string, string>>;

/** `query` is what stands behind `?` in the address. */
export type MakeScreen = (app: App, params: Params, query: URLSearchParams) => Screen;
export type Tab = "card" | "shops" | "me";

export interface Route {
  /** `wallet/:id` gives `params.id`. */
  readonly path: string;
  readonly tab: Tab | null;
  readonly areas: readonly Area[];
  /** Whether it can be seen by whoever has no card yet; otherwise the app begins with that. */
  readonly open?: boolean;
  readonly load: () => Promise<MakeScreen>;
}

const balances = () => import("./screens/balances.ts").then((module) => module.balancesScreen);

export const ROUTES: readonly Route[] = [
  // Core: bundled, so that the card is there at once.
  { path: "card", tab: "card", areas: [], load: async () => cardScreen },

  // Begin: signing in, claiming, securing, moving.
  { path: "begin", tab: null, areas: ["begin"], open: true, load: () => import("./screens/begin.ts").then((module) => module.beginScreen) },
  { path: "begin/:way", tab: null, areas: ["begin"], open: true, load: () => import("./screens/begin.ts").then((module) => module.beginScreen) },
  { path: "claim/:number", tab: null, areas: ["begin"], open: true, load: () => import("./screens/claim.ts").then((module) => module.claimScreen) },
  { path: "claim", tab: "me", areas: ["begin"], open: true, load: () => import("./screens/claim.ts").then((module) => module.claimScreen) },
  { path: "invitation/:code", tab: null, areas: ["begin"], open: true, load: () => import("./screens/invitation.ts").then((module) => module.invitationScreen) },
  { path: "me/secure", tab: "me", areas: ["begin", "me"], load: () => import("./screens/secure.ts").then((module) => module.secureScreen) },
  { path: "me/move", tab: "me", areas: ["begin", "me"], load: () => import("./screens/move.ts").then((module) => module.moveScreen) },

  // Wallet.
  { path: "wallet", tab: "card", areas: ["wallet"], load: balances },
  { path: "wallet/:id", tab: "card", areas: ["wallet"], load: () => import("./screens/account.ts").then((module) => module.accountScreen) },
  { path: "activity", tab: "card", areas: ["wallet"], load: () => import("./screens/activity.ts").then((module) => module.activityScreen) },
  { path: "rewards", tab: "card", areas: ["wallet"], load: () => import("./screens/rewards.ts").then((module) => module.rewardsScreen) },
  { path: "vouchers", tab: "card", areas: ["wallet"], load: () => import("./screens/vouchers.ts").then((module) => module.vouchersScreen) },
  { path: "vouchers/:id", tab: "card", areas: ["wallet"], load: () => import("./screens/voucher.ts").then((module) => module.voucherScreen) },

  // Shops.
  { path: "shops", tab: "shops", areas: ["shops", "wallet"], load: () => import("./screens/shops.ts").then((module) => module.shopsScreen) },
  { path: "shops/:id", tab: "shops", areas: ["shops", "wallet"], load: () => import("./screens/shop.ts").then((module) => module.shopScreen) },
  { path: "shops/:id/club", tab: "shops", areas: ["club"], load: () => import("./screens/club.ts").then((module) => module.clubScreen) },
  { path: "tickets/:code", tab: null, areas: ["club"], open: true, load: () => import("./screens/ticket.ts").then((module) => module.ticketScreen) },
  { path: "shops/:id/ideas", tab: "shops", areas: ["shops", "me"], load: () => import("./screens/ideas.ts").then((module) => module.ideasScreen) },

  // Me.
  { path: "me", tab: "me", areas: ["me"], load: () => import("./screens/me.ts").then((module) => module.meScreen) },
  { path: "me/profile", tab: "me", areas: ["me"], load: () => import("./screens/me/profile.ts").then((module) => module.profileScreen) },
  { path: "me/cards", tab: "me", areas: ["me"], load: () => import("./screens/me/cards.ts").then((module) => module.cardsScreen) },
  { path: "me/cards/:id", tab: "me", areas: ["begin", "me"], load: () => import("./screens/me/onecard.ts").then((module) => module.oneCardScreen) },
  { path: "me/lost", tab: "me", areas: ["me"], load: () => import("./screens/me/lost.ts").then((module) => module.lostScreen) },
  { path: "me/phones", tab: "me", areas: ["begin", "me"], load: () => import("./screens/me/phones.ts").then((module) => module.phonesScreen) },
  { path: "me/brakes", tab: "me", areas: ["begin", "me"], load: () => import("./screens/me/brakes.ts").then((module) => module.brakesScreen) },
  { path: "me/requests", tab: "me", areas: ["me"], load: () => import("./screens/me/requests.ts").then((module) => module.requestsScreen) },
  { path: "me/sharing", tab: "me", areas: ["me"], load: () => import("./screens/me/sharing.ts").then((module) => module.sharingScreen) },
  { path: "me/sharing/log", tab: "me", areas: ["me"], load: () => import("./screens/me/sharinglog.ts").then((module) => module.sharingLogScreen) },
  { path: "me/messages", tab: "me", areas: ["me"], load: () => import("./screens/me/messages.ts").then((module) => module.messagesScreen) },
  { path: "me/message-settings", tab: "me", areas: ["begin", "me"], load: () => import("./screens/me/messagesettings.ts").then((module) => module.messageSettingsScreen) },
  { path: "me/invite", tab: "me", areas: ["me"], load: () => import("./screens/me/invite.ts").then((module) => module.inviteScreen) },
  { path: "me/feedback", tab: "me", areas: ["me"], load: () => import("./screens/me/feedback.ts").then((module) => module.feedbackScreen) },
  { path: "me/data", tab: "me", areas: ["me"], load: () => import("./screens/me/data.ts").then((module) => module.dataScreen) },
  { path: "me/record", tab: "me", areas: ["me"], load: () => import("./screens/me/record.ts").then((module) => module.recordScreen) },
  { path: "me/erase", tab: "me", areas: ["me"], load: () => import("./screens/me/erase.ts").then((module) => module.eraseScreen) },
  { path: "me/about", tab: "me", areas: ["me"], load: () => import("./screens/me/about.ts").then((module) => module.aboutScreen) },
];
