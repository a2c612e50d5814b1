import { expect, test } from "vitest";
import { refreshTokens, sessions } from "@/domain/auth/db/schema";
import { type Session, SessionRepository } from "@/domain/auth/repositories/SessionRepository";
import { database } from "@/infrastructure/persistence/postgres";
import { newId } from "@/utils/ids";
import { days, later } from "@/utils/time";
import { newWallet } from "../../../fixtures/books";

const repository = new SessionRepository(database);
const now = new Date();

const newSession = (): Session => ({
    id: newId(),
    kind: "wallet",
    family: newId(),
    subject: newWallet(),
    credentialId: null,
    merchantId: null,
    pairingId: null,
    scopes: ["interaction", 'with "quotes", and a comma'],
    userAgent: "a phone",
    createdAt: now,
    lastSeenAt: now,
    steppedUpAt: null,
    expiresAt: later(now, days(1)),
    revokedAt: null,
});

test("a sign-in whose answer was lost is opened again, and is there once and whole", async () => {
    const [session, other] = [newSession(), newSession()];
    const opened = (one: Session) => ({
        sessions: [one],
        token: { hash: one.id, sessionId: one.id, expiresAt: one.expiresAt, spentAt: null },
    });
    await repository.open(opened(session));
    await Promise.all([repository.open(opened(session)), repository.open(opened(other))]);

    expect(await repository.findAlive(session.id, now)).toEqual(session);
    expect(await repository.findAlive(other.id, now)).toEqual(other);
    expect(await database.current.$count(sessions)).toBe(2);
    expect(await database.current.$count(refreshTokens)).toBe(2);
});
