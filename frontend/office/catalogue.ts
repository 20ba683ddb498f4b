/** What the pages of `catalogue` do in the browser: fields that a choice makes needless step aside. Without it all of them
 * stand there, and the server reads those that the choice asks for. */

const CHOICES = ["kind", "way", "effect", "whom"] as const;

export function start(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>(".cat-form")) {
    const follow = () => show(form);
    form.addEventListener("change", follow);
    follow();
  }
}

function show(form: HTMLFormElement): void {
  for (const choice of CHOICES) {
    const chosen = form.querySelector<HTMLInputElement>(`input[name="${choice}"]:checked`)?.value;
    if (chosen === undefined) continue;
    for (const part of form.querySelectorAll<HTMLElement>(`[data-${choice}]`)) part.toggleAttribute("data-hidden", part.dataset[choice] !== chosen);
  }
}
