import { LRUCache } from "lru-cache";
import type { MessageBus } from "@/infrastructure/bus/MessageBus";
import type { Database } from "@/infrastructure/persistence/Database";
import { UnauthenticatedError } from "@/utils/errors";
import type { SessionId } from "@/utils/ids";
import { type Clock, later, minutes, seconds } from "@/utils/time";
import type { Ending, Session, SessionRepository } from "../repositories/SessionRepository";

const topic = "sessions.revoked";
/** How long a revocation may go unnoticed by a process that does not hear of it: the bus may be down. */
const cacheMs = seconds(5);
const seenEveryMs = minutes(1);
/** As many ids as one message of the bus holds. */
const idsPerMessage = 200;

/** Which sessions are alive, in every process at once: a revocation is told over the bus as it commits. */
export class LivenessService {
    private readonly alive = new LRUCache<SessionId, Session>({ max: 50_000, ttl: cacheMs });
    /** Counts what we forgot, so that a row that was read before is not kept after. */
    private forgotten = 0;

    constructor(
        private readonly db: Database,
        private readonly sessions: SessionRepository,
        private readonly bus: MessageBus,
        private readonly clock: Clock
    ) {
        bus.subscribe(topic, {
            onMessage: (message) => this.forget(message.split(",") as SessionId[]),
            onGap: () => this.alive.clear(),
        });
    }

    /** Throws `SESSION_ENDED` when it was revoked or ran out. */
    async get(sid: SessionId): Promise<Session> {
        const now = this.clock.now();
        const known = this.alive.get(sid);
        if (known && known.expiresAt > now) return known;
        const { forgotten } = this;
        const session = await this.read(sid);
        if (forgotten === this.forgotten) this.alive.set(sid, session);
        return session;
    }

    /** As it is in the database now, whatever we know. Throws `SESSION_ENDED`. */
    async read(sid: SessionId): Promise<Session> {
        const now = this.clock.now();
        const session = await this.sessions.findAlive(sid, now);
        if (!session) throw new UnauthenticatedError("SESSION_ENDED", "This session has ended");
        if (session.lastSeenAt > later(now, -seenEveryMs)) return session;
        await this.sessions.markSeen(sid, now);
        return { ...session, lastSeenAt: now };
    }

    /** Ends sessions here and everywhere. In a transaction, the others hear of it when that commits. */
    async end(ending: Ending): Promise<void> {
        const ended = await this.db.transaction(async () => {
            const ids = await this.sessions.revoke(ending, this.clock.now());
            for (let at = 0; at < ids.length; at += idsPerMessage) {
                await this.bus.publish(topic, ids.slice(at, at + idsPerMessage).join(","));
            }
            return ids;
        });
        this.forget(ended);
    }

    private forget(ids: readonly SessionId[]): void {
        this.forgotten += 1;
        for (const id of ids) this.alive.delete(id);
    }
}
