/** The relationship map in the browser: its lines are dragged by mouse, finger and keys, the groups are counted along, and
 * whoever points at a dot is told who it is. Without it the map, its groups and a form stand there all the same. */

import htmx from "htmx.org";
import { count, GROUPS, nearest, neighbour, paint, profitStep, Scales, snapProfit, snapVisits, visitStep, type Count, type Dots, type Look } from "../charts/relations.ts";

const MOST_ELEMENTS = 600; // as app/insights/queries/value.py has it
const REACH = 22;
const WAIT = 70; // ms at rest over a dot before its name is asked for

interface Told {
  readonly name: string;
  readonly told: string;
}

export function start(root: ParentNode): void {
  const plot = root.querySelector<HTMLElement>("[data-map]");
  if (plot && !plot.classList.contains("is-live")) void new RelationMap(plot).begin();
  // Where lines can be dragged, the fields to type them in step back.
  for (const typed of root.querySelectorAll<HTMLDetailsElement>("details[data-typed]")) typed.open = false;
  const table = root.querySelector<HTMLElement>("[data-shows-table]");
  if (table) {
    table.hidden = false;
    table.addEventListener("click", () => {
      const shown = document.querySelector<HTMLDetailsElement>("details[data-table]");
      if (!shown) return;
      shown.open = !shown.open;
      if (shown.open) shown.querySelector("summary")?.focus();
    });
  }
}

class RelationMap {
  readonly #plot: HTMLElement;
  readonly #scales: Scales;
  readonly #unit: number;
  readonly #money: Intl.NumberFormat;
  readonly #number: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  #visits: number;
  #profit: number;
  #dots: Dots = { visits: new Float64Array(), profits: new Float64Array() };
  #ids: Uint8Array = new Uint8Array();
  #xs = new Float32Array();
  #ys = new Float32Array();
  #count: Count | undefined;
  #drawn: Uint8Array | undefined; // the group that each element was last drawn in
  #asked = 0;
  #shown = -1;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #saving: ReturnType<typeof setTimeout> | undefined;
  readonly #known = new Map<number, Told>();
  readonly #spot = document.createElement("a");

  constructor(plot: HTMLElement) {
    this.#plot = plot;
    const told = plot.dataset;
    this.#scales = new Scales(Number(told["most"]), Number(told["low"]), Number(told["high"]));
    this.#visits = Number(told["visits"]);
    this.#profit = Number(told["profit"]);
    this.#unit = Number(told["unit"]);
    const locale = told["locale"];
    this.#money = new Intl.NumberFormat(locale, { style: "currency", currency: told["currency"] ?? "EUR", maximumFractionDigits: 0 });
    this.#number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    this.#percent = new Intl.NumberFormat(locale, { style: "percent" });
  }

  async begin(): Promise<void> {
    this.#plot.classList.add("is-live");
    const answer = await fetch(this.#plot.dataset["dots"] ?? "", { headers: { Accept: "application/json" } }).catch(() => undefined);
    if (!answer?.ok) {
      this.#plot.classList.remove("is-live");
      return;
    }
    const told = (await answer.json()) as { visits: number[]; profits: number[]; members: string };
    this.#dots = { visits: Float64Array.from(told.visits, (one) => one / 100), profits: Float64Array.from(told.profits) };
    this.#ids = Uint8Array.from(atob(told.members), (one) => one.charCodeAt(0));
    this.#place();
    this.#makeLines();
    this.#makeSpot();
    this.#recount();
    new ResizeObserver(() => this.#later(() => this.#resize())).observe(this.#plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#later(() => this.#paint()));
    document.querySelector<HTMLElement>("[data-hint]")?.removeAttribute("hidden");
  }

  get #isMany(): boolean {
    return this.#dots.visits.length > MOST_ELEMENTS;
  }

  #place(): void {
    const { clientWidth: width, clientHeight: height } = this.#plot;
    const many = this.#dots.visits.length;
    if (this.#xs.length !== many) {
      this.#xs = new Float32Array(many);
      this.#ys = new Float32Array(many);
    }
    for (let at = 0; at < many; at += 1) {
      this.#xs[at] = this.#scales.across(this.#dots.visits[at] as number) * width;
      this.#ys[at] = this.#scales.down(this.#dots.profits[at] as number) * height;
    }
  }

  #resize(): void {
    this.#place();
    this.#paint();
    if (this.#shown >= 0) this.#move(this.#shown);
  }

  #later(work: () => void): void {
    cancelAnimationFrame(this.#asked);
    this.#asked = requestAnimationFrame(work);
  }

  /* --- counting and drawing --- */

  #recount(): void {
    this.#count = count(this.#dots, this.#visits, this.#profit, this.#count?.groups);
    this.#drawLines();
    this.#tell(this.#count);
    this.#paint();
  }

  #drawLines(): void {
    const across = this.#scales.across(this.#visits);
    const down = this.#scales.down(this.#profit);
    const part = (share: number) => `${(share * 100).toFixed(2)}%`;
    const set = (selector: string, values: Record<string, string>) => {
      for (const element of this.#plot.querySelectorAll(selector)) for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
    };
    set(".lines line:nth-of-type(1)", { x1: part(across), x2: part(across) });
    set(".lines line:nth-of-type(2)", { y1: part(down), y2: part(down) });
    set("rect.butterfly", { width: part(across), height: part(down) });
    set("rect.friend", { x: part(across), width: part(1 - across), height: part(down) });
    set("rect.stranger", { y: part(down), width: part(across), height: part(1 - down) });
    set("rect.barnacle", { x: part(across), y: part(down), width: part(1 - across), height: part(1 - down) });
    for (const [kind, share, value, text] of [
      ["visits", across, this.#visits, this.#saysVisits()],
      ["profit", down, this.#profit / this.#unit, this.#money.format(this.#profit / this.#unit)],
    ] as const) {
      const line = this.#plot.querySelector<HTMLElement>(`.map-line.${kind}`);
      if (!line) continue;
      line.style.setProperty(kind === "visits" ? "left" : "top", part(share));
      line.setAttribute("aria-valuenow", String(value));
      line.setAttribute("aria-valuetext", text);
      const pill = line.querySelector<HTMLElement>(".pill");
      if (pill) pill.textContent = text;
    }
  }

  #saysVisits(): string {
    const pattern = this.#plot.dataset[this.#visits === 1 ? "one" : "more"] ?? "#";
    return pattern.replace("#", this.#number.format(this.#visits));
  }

  #tell(counted: Count): void {
    const all = this.#dots.visits.length || 1;
    const profit = counted.profits.reduce((sum, one) => sum + Math.max(0, one), 0) || 1;
    GROUPS.forEach((group, at) => {
      const members = counted.members[at] ?? 0;
      const money = counted.profits[at] ?? 0;
      const shares = { share: members / all, money: Math.max(0, money) / profit };
      const put = (within: ParentNode | null, selector: string, text: string) => {
        const element = within?.querySelector(selector);
        if (element) element.textContent = text;
      };
      put(this.#plot, `[data-count="${group}"]`, this.#number.format(members));
      const row = document.querySelector(`tr[data-row="${group}"]`);
      const beside = document.querySelector(`[data-group="${group}"]`);
      for (const place of [row, beside]) {
        put(place, "[data-members]", this.#number.format(members));
        put(place, "[data-share]", this.#percent.format(shares.share));
        put(place, "[data-money]", this.#money.format(Math.round(money / this.#unit)));
        put(place, "[data-money-share]", this.#percent.format(shares.money));
      }
      beside?.querySelector('[data-bar="share"]')?.setAttribute("width", `${(shares.share * 100).toFixed(1)}%`);
      beside?.querySelector('[data-bar="money"]')?.setAttribute("width", `${(shares.money * 100).toFixed(1)}%`);
    });
    this.#find(counted, profit);
  }

  #find(counted: Count, profit: number): void {
    const finding = document.getElementById("finding");
    const best = counted.profits.indexOf(Math.max(...counted.profits));
    const money = counted.profits[best] ?? 0;
    const name = document.querySelector(`[data-group="${GROUPS[best] ?? ""}"] h3 > span`)?.textContent;
    if (!finding || !name || money <= 0) return;
    finding.textContent = (this.#plot.dataset["finding"] ?? "")
      .replace("#g", name)
      .replace("#c", this.#number.format(counted.members[best] ?? 0))
      .replace("#t", this.#number.format(this.#dots.visits.length))
      .replace("#s", this.#percent.format(money / profit));
  }

  #paint(): void {
    const groups = this.#count?.groups;
    if (!groups) return;
    if (this.#isMany) this.#paintCanvas(groups);
    else this.#paintElements(groups);
  }

  #paintCanvas(groups: Uint8Array): void {
    const canvas = this.#plot.querySelector("canvas");
    if (!canvas) return;
    if (canvas.hidden) {
      canvas.hidden = false;
      this.#plot.querySelector(".dots")?.replaceChildren();
      document.querySelector("[data-sample]")?.remove();
    }
    const scale = Math.min(devicePixelRatio || 1, 2);
    const width = Math.round(this.#plot.clientWidth * scale);
    const height = Math.round(this.#plot.clientHeight * scale);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const began = performance.now();
    paint(canvas, this.#xs, this.#ys, groups, this.#looks(), scale);
    canvas.dataset["took"] = (performance.now() - began).toFixed(1);
  }

  #looks(): Look[] {
    const paper = getComputedStyle(document.body).backgroundColor;
    return GROUPS.map((group) => {
      const section = document.querySelector(`[data-group="${group}"] h3`) ?? this.#plot;
      const hue = getComputedStyle(section).color;
      const path = this.#plot.querySelector(`#dot-${group}`)?.getAttribute("d") ?? "";
      return group === "stranger" ? { path, fill: paper, edge: hue } : { path, fill: hue };
    });
  }

  #paintElements(groups: Uint8Array): void {
    const layer = this.#plot.querySelector(".dots");
    if (!layer) return;
    if (layer.childElementCount !== groups.length) {
      layer.replaceChildren(...Array.from(groups, () => document.createElementNS("http://www.w3.org/2000/svg", "use")));
      this.#drawn = undefined;
    }
    const isFirst = this.#drawn === undefined;
    const drawn = this.#drawn ?? new Uint8Array(groups.length).fill(255);
    for (let at = 0; at < groups.length; at += 1) {
      if (drawn[at] === groups[at]) continue;
      drawn[at] = groups[at] as number;
      const element = layer.children[at];
      const group = GROUPS[groups[at] as number] ?? "stranger";
      element?.setAttribute("class", `dot-of ${group}`);
      element?.setAttribute("href", `#dot-${group}`);
      if (!isFirst) continue;
      element?.setAttribute("x", `${(this.#scales.across(this.#dots.visits[at] as number) * 100).toFixed(2)}%`);
      element?.setAttribute("y", `${(this.#scales.down(this.#dots.profits[at] as number) * 100).toFixed(2)}%`);
    }
    this.#drawn = drawn;
  }

  /* --- the lines --- */

  #makeLines(): void {
    for (const kind of ["visits", "profit"] as const) {
      const line = document.createElement("div");
      line.className = `map-line ${kind}`;
      line.tabIndex = 0;
      line.setAttribute("role", "slider");
      line.setAttribute("aria-orientation", kind === "visits" ? "horizontal" : "vertical");
      line.setAttribute("aria-label", this.#plot.dataset[kind === "visits" ? "often" : "pays"] ?? "");
      line.setAttribute("aria-valuemin", String(kind === "visits" ? 0.5 : this.#scales.low / this.#unit));
      line.setAttribute("aria-valuemax", String(kind === "visits" ? this.#scales.most : this.#scales.high / this.#unit));
      const pill = document.createElement("span");
      pill.className = "pill";
      line.append(pill);
      this.#plot.append(line);
      line.addEventListener("pointerdown", (event) => this.#grab(line, kind, event));
      line.addEventListener("keydown", (event) => this.#step(kind, event));
      line.addEventListener("blur", () => this.#save());
    }
  }

  #grab(line: HTMLElement, kind: "visits" | "profit", began: PointerEvent): void {
    if (began.button !== 0) return;
    began.preventDefault();
    line.focus({ preventScroll: true });
    line.setPointerCapture(began.pointerId);
    line.classList.add("is-dragged");
    this.#hide();
    const move = (event: PointerEvent) => {
      const box = this.#plot.getBoundingClientRect();
      if (kind === "visits") this.#visits = snapVisits(this.#scales.visitsAt((event.clientX - box.left) / box.width), this.#scales.most);
      else this.#profit = snapProfit(this.#scales.profitAt((event.clientY - box.top) / box.height), this.#unit, this.#scales.low, this.#scales.high);
      this.#later(() => this.#recount());
    };
    const end = () => {
      line.classList.remove("is-dragged");
      line.removeEventListener("pointermove", move);
      for (const name of ["pointerup", "pointercancel"]) line.removeEventListener(name, end);
      this.#save();
    };
    line.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) line.addEventListener(name, end);
  }

  #step(kind: "visits" | "profit", event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 };
    const by = steps[event.key];
    const { most, low, high } = this.#scales;
    if (by !== undefined) {
      if (kind === "visits") this.#visits = snapVisits(this.#visits + by * visitStep(this.#visits + by * 0.01), most);
      else this.#profit = snapProfit(this.#profit + by * profitStep(this.#profit, this.#unit), this.#unit, low, high);
    } else if (event.key === "Home" || event.key === "End") {
      if (kind === "visits") this.#visits = event.key === "Home" ? 0.5 : most;
      else this.#profit = event.key === "Home" ? low : high;
    } else if (event.key === "Enter") {
      this.#save();
      return;
    } else return;
    event.preventDefault();
    this.#later(() => this.#recount());
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.#save(), 900);
  }

  /** Keep the lines, if they were moved: the form beneath is sent, as if they had been typed there. */
  #save(): void {
    clearTimeout(this.#saving);
    const form = document.getElementById("map-lines") as HTMLFormElement | null;
    const told = this.#plot.dataset;
    if (!form || (Number(told["visits"]) === this.#visits && Number(told["profit"]) === this.#profit)) return;
    told["visits"] = String(this.#visits);
    told["profit"] = String(this.#profit);
    const put = (name: string, value: number) => {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = String(value);
    };
    put("visits", Number(this.#visits.toFixed(2)));
    put("profit", Number((this.#profit / this.#unit).toFixed(2)));
    htmx.trigger(form, "submit");
  }

  /* --- who a dot is --- */

  #makeSpot(): void {
    const spot = this.#spot;
    spot.className = "map-spot";
    spot.innerHTML = '<span class="unseen"></span><span class="tip" role="status"></span>';
    this.#plot.prepend(spot);
    this.#move(this.#first());
    spot.classList.remove("is-shown");
    this.#plot.addEventListener("pointermove", (event) => {
      // Under the pointer a line goes before a dot, or it could not be taken hold of where dots are many.
      const at = event.target instanceof Element && event.target.closest(".map-line") ? -1 : this.#nearest(event);
      if (at < 0) {
        if (document.activeElement !== spot && event.target !== spot) this.#hide();
        return;
      }
      if (at !== this.#shown || !spot.classList.contains("is-shown")) this.#show(at, WAIT);
    });
    // A finger points at nothing before it touches: the first touch tells who it is, the second opens her page.
    this.#plot.addEventListener("click", (event) => {
      if (event.target === spot || (event.target instanceof Element && event.target.closest(".map-line"))) return;
      const at = this.#nearest(event);
      if (at >= 0) this.#show(at, 0);
    });
    this.#plot.addEventListener("pointerleave", () => {
      if (document.activeElement !== spot) this.#hide();
    });
    spot.addEventListener("focus", () => this.#show(this.#shown < 0 ? this.#first() : this.#shown, 0));
    spot.addEventListener("blur", () => this.#hide());
    spot.addEventListener("keydown", (event) => {
      const ways: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const way = ways[event.key];
      if (!way || this.#shown < 0) return;
      event.preventDefault();
      const next = neighbour(this.#xs, this.#ys, this.#shown, way[0], way[1]);
      if (next >= 0) this.#show(next, WAIT);
    });
  }

  #nearest(event: MouseEvent): number {
    const box = this.#plot.getBoundingClientRect();
    return nearest(this.#xs, this.#ys, event.clientX - box.left, event.clientY - box.top, REACH);
  }

  /** Walking begins with whoever brings most. */
  #first(): number {
    let best = 0;
    this.#dots.profits.forEach((profit, at) => {
      if (profit > (this.#dots.profits[best] ?? 0)) best = at;
    });
    return best;
  }

  #move(at: number): void {
    this.#shown = at;
    const x = this.#xs[at] ?? 0;
    this.#spot.style.left = `${String(x)}px`;
    this.#spot.style.top = `${String(this.#ys[at] ?? 0)}px`;
    const { page = "", nobody = "" } = this.#plot.dataset;
    this.#spot.href = page.replace(nobody, this.#id(at));
    this.#say(this.#plot.dataset["walk"] ?? "");
    this.#spot.classList.toggle("is-left", x > this.#plot.clientWidth / 2);
  }

  #show(at: number, wait: number): void {
    this.#move(at);
    this.#spot.classList.add("is-shown");
    const tip = this.#spot.querySelector(".tip");
    const known = this.#known.get(at);
    tip?.replaceChildren();
    if (known) {
      this.#name(known);
      return;
    }
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => void this.#ask(at), wait);
  }

  async #ask(at: number): Promise<void> {
    const { who = "", nobody = "" } = this.#plot.dataset;
    const answer = await fetch(who.replace(nobody, this.#id(at)), { headers: { Accept: "application/json" } }).catch(() => undefined);
    if (!answer?.ok) return;
    const told = (await answer.json()) as Told;
    this.#known.set(at, told);
    if (at === this.#shown) this.#name(told);
  }

  #name(told: Told): void {
    const name = document.createElement("strong");
    name.textContent = told.name;
    const facts = document.createElement("span");
    facts.textContent = told.told;
    this.#spot.querySelector(".tip")?.replaceChildren(name, facts);
    this.#say("");
  }

  /** What the link is for, while nobody is named on it. */
  #say(words: string): void {
    const hint = this.#spot.querySelector(".unseen");
    if (hint) hint.textContent = words;
  }

  #hide(): void {
    this.#spot.classList.remove("is-shown");
  }

  #id(at: number): string {
    const hex = Array.from(this.#ids.subarray(at * 16, at * 16 + 16), (one) => one.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }
}
