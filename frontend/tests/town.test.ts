import { expect, test } from "vitest";
import { colourPage, named, townName } from "../shared/town.ts";

function body(data: Record<string, string>): HTMLElement {
  return { dataset: data } as unknown as HTMLElement;
}

test("the town's name takes the place of the platform's own", () => {
  expect(townName(body({}))).toBe("Zegel");
  expect(townName(body({ town: "Opsinjoor" }))).toBe("Opsinjoor");
  expect(named("Zegel: code", "Opsinjoor")).toBe("Opsinjoor: code");
  expect(named("Zegelkaart, Zegel-Karte, 3 zegels, Zegels", "$&")).toBe("$&, $&, 3 zegels, Zegels");
  expect(named("Zegel", "Zegel")).toBe("Zegel");
});

test("only another hue than the platform's own colours the page", () => {
  const set: string[] = [];
  const root = { style: { setProperty: (name: string, value: string) => set.push(`${name} ${value}`) } } as unknown as HTMLElement;
  for (const data of [{}, { hue: "25" }, { hue: "nothing" }, { hue: "400" }, { hue: "260" }]) colourPage(root, body(data));
  expect(set).toEqual(["--band light-dark(oklch(0.5 0.13 260), oklch(0.4 0.11 260))"]);
});
