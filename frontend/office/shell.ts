/** What every page of the back office has: forms that are sent once, questions before what can't be taken back, and a
 * word when the network is gone. */

let listens = false;

export function start(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-once]")) {
    form.addEventListener("submit", () => {
      for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
    });
  }
  for (const opener of root.querySelectorAll<HTMLElement>("[data-opens]")) {
    opener.addEventListener("click", () => {
      const dialog = document.getElementById(opener.dataset["opens"] ?? "");
      if (dialog instanceof HTMLDialogElement) dialog.showModal();
    });
  }
  for (const closer of root.querySelectorAll<HTMLElement>("[data-closes]")) {
    closer.addEventListener("click", () => closer.closest("dialog")?.close());
  }
  // A choice that changes the page is sent when it is made; without scripts its button stands there.
  for (const field of root.querySelectorAll<HTMLSelectElement>("[data-sends]")) {
    field.addEventListener("change", () => field.form?.requestSubmit());
  }
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-prints]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  if (listens) return;
  listens = true;
  const failed = document.getElementById("failed");
  const tell = (event: Event) => {
    if (!failed) return;
    failed.hidden = event.type === "htmx:beforeRequest";
  };
  for (const name of ["htmx:beforeRequest", "htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.body.addEventListener(name, tell);
  }
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.querySelector("button[aria-disabled=true]") && form.dataset["sent"]) event.preventDefault();
    if (form.dataset["once"] !== undefined) form.dataset["sent"] = "true";
  });
  // Back from another page: what was sent may be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
      delete form.dataset["sent"];
      for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
    }
  });
}
