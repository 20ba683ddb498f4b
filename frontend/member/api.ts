/** The members' API (`/api/v1`), as whoever is signed in. Every call answers or throws a `Problem`. */

import { Problem } from "../shared/problem.ts";
import type { Session } from "./session.ts";
import { type Answer, fetchFile, type Method, send, type Wire } from "./transport.ts";

export class MemberApi {
  /** Reads that are under way: who asks for the same meanwhile gets the same answer. */
  private readonly reading = new Map<string, Promise<unknown>>();
  /** Called after whatever changed something. */
  acted: (() => void) | null = null;

  constructor(
    private readonly wire: Wire,
    private readonly session: Session,
  ) {}

  /** Reads. `path` is below `/api/v1` and begins with a slash. */
  get<T>(path: string): Promise<T> {
    const known = this.reading.get(path);
    if (known) return known as Promise<T>;
    const asked = this.value<T>("GET", path).finally(() => this.reading.delete(path));
    this.reading.set(path, asked);
    return asked;
  }

  post<T = void>(path: string, body: unknown = {}): Promise<T> {
    return this.value("POST", path, body);
  }

  put<T = void>(path: string, body: unknown): Promise<T> {
    return this.value("PUT", path, body);
  }

  patch<T = void>(path: string, body: unknown): Promise<T> {
    return this.value("PATCH", path, body);
  }

  delete<T = void>(path: string, body?: unknown): Promise<T> {
    return this.value("DELETE", path, body);
  }

  /** Fetches a file, such as a wallet's pass. */
  file(path: string): Promise<Blob> {
    return this.authorised((token) => fetchFile(this.wire, { path, token }));
  }

  /** Reads what is known by `etag`: null while it is still the same. */
  async getChanged<T>(path: string, etag: string | null): Promise<{ readonly value: T; readonly etag: string | null } | null> {
    const answer = await this.call("GET", path, undefined, etag);
    return answer.status === 304 ? null : { value: answer.value as T, etag: answer.etag };
  }

  private async value<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const { value } = await this.call(method, path, body);
    if (method !== "GET") this.acted?.();
    return value as T;
  }

  private async call(method: Method, path: string, body?: unknown, etag?: string | null): Promise<Answer> {
    const ask = (token: string | null) => send(this.wire, { method, path, body, token, etag: etag ?? null });
    // Under `/auth` a 401 is about what was typed, and a second try would count as one.
    return path.startsWith("/auth/") ? ask(await this.session.token()) : this.authorised(ask);
  }

  private async authorised<T>(ask: (token: string | null) => Promise<T>): Promise<T> {
    const token = await this.session.token();
    try {
      return await ask(token);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401 || !token) throw error;
      // The token was over, or its session is: a new one tells which.
      const next = await this.session.token(token);
      if (!next) throw error;
      return ask(next);
    }
  }
}
