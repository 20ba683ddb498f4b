import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { MemberApi } from "../member/api.ts";
import * as kept from "../member/kept.ts";
import { Session } from "../member/session.ts";
import type { Wire } from "../member/transport.ts";

type Call = { readonly path: string; readonly body: Record<string, string>; readonly token: string | null };

/** A service that takes each refresh token once, as the real one does. */
function service() {
  const calls: Call[] = [];
  let good = "r0";
  let count = 0;
  let access = "";
  const state = { isOver: false, recovery: "RECOVERY", loses: false };
  const tokens = () => ({ access_token: (access = `a${++count}`), refresh_token: (good = `r${count}`), expires_in: 900 });
  const refuse = () => Response.json({ type: "/problems/session_over", detail: "Sign in again." }, { status: 401 });
  const wire: Wire = {
    base: "",
    language: () => "nl",
    told: () => undefined,
    reached: () => undefined,
    fetch: async (url, init) => {
      const path = String(url);
      const body = JSON.parse(String(init?.body ?? "{}")) as Record<string, string>;
      const token = new Headers(init?.headers).get("Authorization")?.replace("Bearer ", "") ?? null;
      calls.push({ path, body, token });
      if (path === "/auth/refresh") {
        if (state.isOver || body["refresh_token"] !== good) {
          state.isOver = true;
          return refuse();
        }
        const answer = Response.json(tokens());
        if (state.loses) throw new TypeError("lost on its way");
        return answer;
      }
      if (path === "/auth/recovery") {
        if (body["recovery_code"] !== state.recovery) return refuse();
        state.isOver = false;
        state.recovery = "NEXT";
        return Response.json({ ...tokens(), recovery_code: "NEXT" });
      }
      if (path === "/auth/token") return refuse();
      return token === access ? Response.json({ path }) : refuse();
    },
  };
  return { wire, calls, state, endAccess: () => (access = "none") };
}

async function begun(more: Partial<kept.Remembered> = {}) {
  const made = service();
  let over = 0;
  await kept.remember({ session: { refresh_token: "r0", began: "anonymous" }, ...more });
  const session = new Session(made.wire, () => over++);
  session.restore(true);
  return { ...made, session, api: new MemberApi(made.wire, session), over: () => over };
}

beforeEach(async () => {
  await kept.close();
  await new Promise<void>((done) => {
    indexedDB.deleteDatabase("zegel-member").onsuccess = () => done();
  });
});

describe("a session", () => {
  it("renews once for all who ask at the same time, and keeps the next token", async () => {
    const { session, calls } = await begun();
    expect(await Promise.all([session.token(), session.token(), session.token()])).toEqual(["a1", "a1", "a1"]);
    expect(calls.map((call) => call.path)).toEqual(["/auth/refresh"]);
    expect((await kept.recall("session"))?.refresh_token).toBe("r1");
    expect(await session.token()).toBe("a1");
  });

  it("renews a token that was refused, and asks again once", async () => {
    const { api, endAccess, calls } = await begun();
    expect(await api.get("/me")).toEqual({ path: "/me" });
    endAccess();
    expect(await api.get("/me")).toEqual({ path: "/me" });
    expect(calls.map((call) => call.path)).toEqual(["/auth/refresh", "/me", "/me", "/auth/refresh", "/me"]);
  });

  it("sends what was typed once, however wrong it is", async () => {
    const { api, calls } = await begun();
    await expect(api.post("/auth/token", { email: "lotte@example.org", code: "000000" })).rejects.toMatchObject({ status: 401 });
    expect(calls.filter((call) => call.path === "/auth/token")).toHaveLength(1);
  });

  it("whose answer got lost is taken up again with the recovery code", async () => {
    const { session, state, over } = await begun({ recovery_code: "RECOVERY" });
    state.loses = true;
    await expect(session.token()).rejects.toMatchObject({ status: 0 });
    state.loses = false;
    expect(await session.token()).toBe("a2");
    expect(await kept.recall("recovery_code")).toBe("NEXT");
    expect((await kept.recall("session"))?.began).toBe("recovery");
    expect(over()).toBe(0);
  });

  it("that can't be taken up again is over, and the card stays", async () => {
    const card = { card_id: "c", number: "7K3M9QX2VB8T4HWQ", url: "HTTPS://CARD.EXAMPLE/C/7K3M9QX2VB8T4HWQ" };
    const { session, state, over } = await begun({ card });
    state.isOver = true;
    expect(await session.token()).toBeNull();
    expect([over(), session.isOpen]).toEqual([1, false]);
    expect(await kept.recall("card")).toEqual(card);
  });

  it("that is ended leaves nothing of hers on the phone", async () => {
    const { session, calls } = await begun({ recovery_code: "RECOVERY", name: "Lotte", language: "nl", clock: { offset: 5 } });
    await kept.keepAnswer("/me/accounts", { value: {}, at: 1 });
    await session.end();
    expect(await kept.recallAll()).toEqual({ language: "nl", clock: { offset: 5 } });
    expect(await kept.keptAnswer("/me/accounts")).toBeUndefined();
    expect(calls.at(-1)).toMatchObject({ path: "/auth/logout", body: { refresh_token: "r0" } });
  });
});

it("asks once for what several parts of a screen read at the same time", async () => {
  const { api, calls } = await begun();
  await Promise.all([api.get("/me/accounts"), api.get("/me/accounts")]);
  expect(calls.filter((call) => call.path === "/me/accounts")).toHaveLength(1);
});
