/** Refusals of the HTTP API, whichever part of it is called. */

/** An answer that says no (RFC 9457), or no answer at all (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** The last part of the problem's `type`, such as `card-blocked`. */
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    /** Seconds to wait, after a 429. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail || title || `HTTP ${status}`);
    this.name = "Problem";
  }

  /** True when nobody answered, or the server failed: whether it was booked is not known, the same key may be sent again. */
  get isUnanswered(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** The JSON object in an answer's body; null for anything else. */
export function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What an answer that was no success says. */
export function problemOf(response: Response, answer: Record<string, unknown> | null): Problem {
  const word = (name: string) => (typeof answer?.[name] === "string" ? (answer[name] as string) : "");
  const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
  // An answer that can't be read (a proxy's page, a cut-off body) leaves open what happened, like a 500.
  const status = response.ok ? 502 : response.status;
  const code = word("type").replace(/[/#]+$/, "").split(/[/#:]/).pop() ?? "";
  return new Problem(status, code.replaceAll("_", "-"), word("title"), word("detail"), Number.isFinite(wait) ? wait : null);
}
