import { describe, expect, it } from "vitest";
import { PosApi, Problem } from "../shared/api.ts";
import { newKey } from "../shared/keys.ts";
import { FORGET_AFTER, OnceInView } from "../tablet/camera.ts";
import { sentences } from "../tablet/screens/refused.ts";

type Sent = { url: string; headers: Headers; body: unknown; redirect: string | undefined };

function apiThat(answer: () => Response | Promise<Response>): { api: PosApi; sent: Sent[] } {
  const sent: Sent[] = [];
  const fake: typeof fetch = async (url, init) => {
    sent.push({ url: String(url), headers: new Headers(init?.headers), body: JSON.parse(String(init?.body)), redirect: init?.redirect });
    return answer();
  };
  return { api: new PosApi({ base: "/api/v1/pos", token: () => "zg_dev_1", language: () => "nl", fetch: fake }), sent };
}

const problem = (status: number, body: object, headers = {}) => () =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/problem+json", ...headers } });

describe("the client of the API", () => {
  it("sends token, language and key, and follows no redirect", async () => {
    const { api, sent } = apiThat(() => Response.json({ visit_id: "v" }, { status: 201 }));
    await api.visit({ scan_id: "s", amount: "34.50", currency: "EUR" }, "key-1");
    expect(sent[0]).toMatchObject({ url: "/api/v1/pos/visits", body: { scan_id: "s", amount: "34.50", currency: "EUR" }, redirect: "error" });
    expect(sent[0]?.headers.get("Authorization")).toBe("Bearer zg_dev_1");
    expect(sent[0]?.headers.get("Idempotency-Key")).toBe("key-1");
    expect(sent[0]?.headers.get("Accept-Language")).toBe("nl");
  });

  it("sends no key where nothing is booked", async () => {
    const { api, sent } = apiThat(() => Response.json({ scan_id: "s" }));
    await api.scan("7K3M");
    await api.preview({ scan_id: "s" });
    expect(sent.map((one) => one.headers.has("Idempotency-Key"))).toEqual([false, false]);
  });

  it("tells a refusal by its code and words", async () => {
    const { api } = apiThat(problem(409, { type: "/problems/code_too_old", title: "Code too old", detail: "Too old. Show it again." }));
    await expect(api.scan("x")).rejects.toMatchObject({ status: 409, code: "code-too-old", detail: "Too old. Show it again.", isUnanswered: false });
    const waiting = apiThat(problem(429, { type: "https://zegel.example/problems/too_many" }, { "Retry-After": "12" }));
    await expect(waiting.api.scan("x")).rejects.toMatchObject({ status: 429, code: "too-many", retryAfter: 12 });
  });

  it.each([
    ["nobody answers", () => Promise.reject(new TypeError("network")), 0],
    ["the server fails", () => new Response("<h1>502</h1>", { status: 502 }), 502],
    ["the answer is cut off", () => new Response('{"visit_id": "v', { status: 201 }), 502],
  ])("knows that a booking may have happened when %s", async (_, answer, status) => {
    const failing = apiThat(answer).api.visit({ scan_id: "s" }, "k");
    await expect(failing).rejects.toMatchObject({ status, isUnanswered: true });
    await expect(failing).rejects.toBeInstanceOf(Problem);
  });

  it("keeps an id inside its path", async () => {
    const { api, sent } = apiThat(() => Response.json({ transaction_id: "t" }, { status: 201 }));
    await api.reverse("../../visits", "Wrong card", "k");
    expect(sent[0]?.url).toBe("/api/v1/pos/transactions/..%2F..%2Fvisits/reverse");
  });
});

it("makes keys that are UUIDs and never the same", () => {
  const keys = Array.from({ length: 50 }, newKey);
  expect(new Set(keys).size).toBe(50);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

describe("a card before the camera", () => {
  it("counts once, and again only after it was away", () => {
    const view = new OnceInView();
    expect(view.isNew("A", 0)).toBe(true);
    for (let now = 100; now < 20_000; now += 1000) expect(view.isNew("A", now)).toBe(false);
    expect(view.isNew("B", 20_000)).toBe(true);
    expect(view.isNew("A", 19_100 + FORGET_AFTER + 1)).toBe(true);
  });
});

it("splits a detail into what happened and what to do", () => {
  expect(sentences("This card is blocked. Ask for a new one.")).toEqual(["This card is blocked", "Ask for a new one."]);
  expect(sentences("Nur ein Satz")).toEqual(["Nur ein Satz", ""]);
});
