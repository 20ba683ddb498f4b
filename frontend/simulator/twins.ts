/** Cores that lack one of the real core's rules. Each must fail in the simulator: what it can't see, it can't vouch for. */

import { Problem } from "../shared/api.ts";
import type { SyncAnswer } from "../shared/pos.ts";
import { type Booked, Queue, type Queued } from "../tablet/queue/queue.ts";
import type { Changes, Marks, QueueStorage, StoreName } from "../tablet/queue/storage.ts";
import type { VisitDraft } from "../tablet/queue/events.ts";
import type { Visit } from "../shared/api.ts";
import type { Twin } from "./tablet.ts";

/** A storage of which some reads or writes are bent. */
function bent(storage: QueueStorage, bend: (changes: Changes) => Partial<Changes>): QueueStorage {
  return { change: (work) => storage.change((changes) => work({ ...changes, ...bend(changes) })) };
}

/** Answers a visit before it is numbered. */
class GreenFirst extends Queue {
  override attempt(visit: VisitDraft, online?: boolean): Promise<Booked<Visit> | Queued> {
    if (online !== false) return super.attempt(visit, online);
    const stamp = { at: 0, isMeasured: false, steady: 0, life: "" };
    const id = `promised-${++promised}`;
    void super.attempt(visit, online);
    return Promise.resolve({ outcome: "queued", event: { id, type: "visit", visit, stamp, sequence: 0 } });
  }
}
let promised = 0;

export const TWINS: Readonly<Record<string, Twin>> = {
  /** As pretix's scanner does: “nothing we can do here”. */
  "drops on 404": {
    parts: (parts) => ({
      ...parts,
      transport: {
        ...parts.transport,
        sync: async (pairing, request) => {
          try {
            return await parts.transport.sync(pairing, request);
          } catch (error) {
            if (!(error instanceof Problem) || error.status !== 404) throw error;
            const results = request.events.map((event) => ({ id: event.id, status: "rejected" as const }));
            return { results, received_at: request.sent_at, releases: [], missing: [], reviews: 0 } satisfies SyncAnswer;
          }
        },
      },
    }),
  },
  /** Says that a reservation is over while its redemption may still wait. */
  "acknowledges early": {
    parts: (parts, disk) => ({
      ...parts,
      transport: {
        ...parts.transport,
        sync: (pairing, request) => {
          const acks = disk.all("dead").filter((dead) => !dead.isAcknowledged);
          return parts.transport.sync(pairing, { ...request, acks: acks.map((dead) => dead.hold_id) });
        },
      },
    }),
  },
  /** Forgets what it handed out. */
  "has no list of spent vouchers": {
    parts: (parts) => ({
      ...parts,
      storage: bent(parts.storage, (changes) => ({
        get: (store, key) => ((store as StoreName) === "spent" ? Promise.resolve(undefined) : changes.get(store, key)),
      })),
    }),
  },
  /** Forgets which reservations it gave back. */
  "has no list of dead reservations": {
    parts: (parts) => ({
      ...parts,
      storage: bent(parts.storage, (changes) => ({
        get: (store, key) => ((store as StoreName) === "dead" ? Promise.resolve(undefined) : changes.get(store, key)),
      })),
    }),
  },
  "numbers after the green light": { core: (parts) => new GreenFirst(parts) },
  /** Doesn't look for what a dead page left. */
  "forgets what it was trying": {
    parts: (parts) => ({
      ...parts,
      storage: bent(parts.storage, (changes) => ({
        list: (store, most) => ((store as StoreName) === "trying" ? Promise.resolve([]) : changes.list(store, most)),
      })),
    }),
  },
  /** Doesn't notice that its storage was lost. */
  "keeps no mark outside the storage": {
    parts: (parts) => ({ ...parts, mirror: { ...parts.mirror, read: () => withoutNumber(parts.mirror.read()), write: (m) => parts.mirror.write(m), clear: () => parts.mirror.clear() } }),
  },
  /** Vouches for reservations of before its storage was lost. */
  "trusts a storage that was lost": {
    parts: (parts) => ({
      ...parts,
      storage: bent(parts.storage, (changes) => ({
        get: (store, key) =>
          (store as StoreName) === "marks" && (key as keyof Marks) === "began" ? (Promise.resolve(0) as never) : changes.get(store, key),
      })),
    }),
  },
  /** Sends a visit under a new key each time. */
  "makes a key for each try": {
    parts: (parts) => ({
      ...parts,
      transport: { ...parts.transport, visit: (pairing, draft, id) => parts.transport.visit(pairing, draft, `${id}-online`) },
    }),
  },
};

function withoutNumber<M extends { readonly sequence: number } | null>(mirrored: M): M {
  return mirrored && { ...mirrored, sequence: 0 };
}

/** Services that lack a rule. */
export const SERVER_TWINS: readonly string[] = ["holds end by a clock", "frees what is under review"];
