import type { StaffSession } from "../../shared/pos.ts";
import type { Counter } from "../counter.ts";

/** What somebody is in the shop, in this tablet's language. */
export function roleOf(counter: Counter, role: StaffSession["role"]): string {
  return counter.t(role === "owner" ? "roleOwner" : role === "manager" ? "roleManager" : "roleCashier");
}
