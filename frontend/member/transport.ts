/** One request to the members' API, and its answer: who is signed in is somebody else's business. */

import { parse, Problem, problemOf } from "../shared/problem.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Request {
  readonly method: Method;
  /** Below `/api/v1`, beginning with a slash. */
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string | null;
  readonly etag?: string | null;
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  /** The JSON object; null for 204 and 304. */
  readonly value: Record<string, unknown> | null;
  readonly etag: string | null;
}

export interface Wire {
  readonly base: string;
  readonly language: () => string;
  /** Hears each answer's Date, with the steady moment at which it was asked for. */
  readonly told: (date: string | null, sent: number) => void;
  /** Hears whether the service could be reached. */
  readonly reached: (isReached: boolean) => void;
  readonly fetch?: typeof fetch;
}

const WAIT = 15_000;

/** Fetches a file. Throws a `Problem` for every answer that is no success. */
export async function fetchFile(wire: Wire, request: Pick<Request, "path" | "token">): Promise<Blob> {
  const { path, token } = request;
  let response: Response;
  try {
    response = await (wire.fetch ?? fetch)(`${wire.base}${path}`, {
      headers: { "Accept-Language": wire.language(), ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(WAIT),
    });
    if (response.ok) return await response.blob();
  } catch {
    wire.reached(false);
    throw new Problem(0, "no-answer", "", "");
  }
  throw problemOf(response, parse(await response.text()));
}

/** Sends a request. Throws a `Problem` for every answer that is no success, with status 0 where nobody answered. */
export async function send(wire: Wire, request: Request): Promise<Answer> {
  const { method, path, body, token, etag } = request;
  const sent = performance.now();
  let response: Response;
  let text: string;
  try {
    response = await (wire.fetch ?? fetch)(`${wire.base}${path}`, {
      method,
      headers: {
        Accept: "application/json, application/problem+json",
        "Accept-Language": wire.language(),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(etag ? { "If-None-Match": etag } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(request.timeoutMs ?? WAIT),
    });
    text = await response.text();
  } catch {
    wire.reached(false);
    throw new Problem(0, "no-answer", "", "");
  }
  wire.reached(true);
  wire.told(response.headers.get("Date"), sent);
  const told = { status: response.status, etag: response.headers.get("ETag") };
  if (response.status === 304 || response.status === 204) return { ...told, value: null };
  const value = parse(text);
  if (response.ok && (value !== null || !text)) return { ...told, value };
  throw problemOf(response, value);
}
