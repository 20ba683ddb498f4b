/** What the pages of people and access do in the browser: passkeys, codes that are printed, keys that are copied. */

import { knowsPasskeys, make, use } from "../member/passkeys.ts";
import type { Challenge, CreationJson, RequestJson } from "../member/passkeys.ts";

export function start(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-passkey]")) passkey(form);
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-copies]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", () => void copy(button));
  }
}

/** The form is sent once the browser's passkey has made or signed what the service asks for. */
function passkey(form: HTMLFormElement): void {
  if (!knowsPasskeys()) return;
  form.hidden = false;
  const failed = form.querySelector<HTMLElement>("[data-failed]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (failed) failed.hidden = true;
    void answered(form).then((signed) => {
      if (signed) form.submit();
      else if (failed) failed.hidden = false;
    });
  });
}

async function answered(form: HTMLFormElement): Promise<boolean> {
  try {
    const asked = await fetch(form.dataset["challenge"] ?? "", {
      method: "POST",
      headers: { "X-CSRFToken": value(form, "csrf_token").value },
      redirect: "error",
    });
    if (!asked.ok) return false;
    const told = (await asked.json()) as Challenge<CreationJson & RequestJson>;
    const made = form.dataset["passkey"] === "make" ? await make(told.public_key) : await use(told.public_key);
    if (!made) return false;
    value(form, "challenge_id").value = told.challenge_id;
    value(form, "credential").value = JSON.stringify(made);
    return true;
  } catch {
    return false;
  }
}

function value(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const copied = document.getElementById(button.dataset["copies"] ?? "")?.textContent ?? "";
  await navigator.clipboard.writeText(copied.trim());
  button.textContent = button.dataset["copied"] ?? button.textContent;
}
