/** What the pages of `campaigns` do in the browser: one language at a time, the share that is left out beside its slider,
 * and the count and the preview made anew while somebody writes. Without it all languages stand there, and saving shows
 * the same. */

const SOON = 500;

export function start(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>(".cam-form")) follow(form);
}

function follow(form: HTMLFormElement): void {
  const show = () => {
    choose(form);
    tellShare(form);
  };
  const recount = late(() => form.dispatchEvent(new CustomEvent("recount")));
  const reshow = late(() => form.dispatchEvent(new CustomEvent("reshow")));
  form.addEventListener("input", (event) => {
    show();
    const part = event.target instanceof Element ? event.target : null;
    if (part?.closest("[data-counts]")) recount();
    if (part?.closest("[data-shows]")) reshow();
  });
  show();
}

/** The chosen language's fields, the day where one is chosen, and the filter where no list is. */
function choose(form: HTMLFormElement): void {
  const tongue = form.querySelector<HTMLInputElement>('input[name="tongue"]:checked')?.value;
  for (const part of form.querySelectorAll<HTMLElement>("[data-tongue]")) {
    // What is wrong must be seen, whichever language it is in.
    part.hidden = part.dataset["tongue"] !== tongue && part.querySelector(".wrong") === null;
  }
  const later = form.querySelector<HTMLInputElement>('input[name="when"][value="later"]')?.checked === true;
  for (const part of form.querySelectorAll<HTMLElement>("[data-later]")) part.hidden = !later;
  const list = form.querySelector<HTMLSelectElement>('select[name="list"]')?.value ?? "";
  for (const part of form.querySelectorAll<HTMLElement>("[data-without-list]")) part.hidden = list !== "";
}

function tellShare(form: HTMLFormElement): void {
  const slider = form.querySelector<HTMLInputElement>('input[name="control_percent"]');
  const told = form.querySelector<HTMLOutputElement>("output[for=control_percent]");
  if (slider && told) told.value = `${slider.value} %`;
}

function late(act: () => void): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(act, SOON);
  };
}
