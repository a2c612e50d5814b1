import { eq } from "drizzle-orm";
import { getAddress } from "viem";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AuthContext } from "@/domain/auth";
import { refreshTokens, sessions as sessionRows } from "@/domain/auth/db/schema";
import { LivenessService } from "@/domain/auth/services/LivenessService";
import { SessionService } from "@/domain/auth/services/SessionService";
import { TokenService } from "@/domain/auth/services/TokenService";
import type { MessageBus, Subscriber } from "@/infrastructure/bus/MessageBus";
import { PostgresBus } from "@/infrastructure/bus/PostgresBus";
import { config } from "@/infrastructure/config";
import { database } from "@/infrastructure/persistence/postgres";
import { type MerchantId, newId, type SessionId } from "@/utils/ids";
import { days, hours, later, minutes, seconds } from "@/utils/time";
import { StoppedClock } from "../../../fixtures/StoppedClock";

const { sessions: repository } = AuthContext.repositories;
const wallet = getAddress("0xb000000000000000000000000000000000000001");
const opening = { wallet, credentialId: "bens-passkey", userAgent: "Tea/1.0" };
const ended = { code: "SESSION_ENDED", kind: "unauthenticated" };
const refreshInvalid = { code: "REFRESH_INVALID", kind: "unauthenticated" };

/** Nobody hears of anything: what is left is how long a cache is believed. */
const silentBus: MessageBus = { publish: async () => undefined, subscribe: () => () => undefined };

const line = { connectionString: config.DATABASE_URL, name: "two phones" };

let clock: StoppedClock;
/** Two processes of ours on one database. */
let here: SessionService;
let elsewhere: SessionService;
beforeEach(() => {
    clock = new StoppedClock();
    const tokens = new TokenService(config.JWT_KEYS, config.PUBLIC_URL, clock);
    [here, elsewhere] = [1, 2].map(() => {
        const liveness = new LivenessService(database, repository, silentBus, clock);
        return new SessionService(database, repository, tokens, liveness, clock);
    }) as [SessionService, SessionService];
});
afterEach(() => vi.restoreAllMocks());

const rowsOf = (family: string) =>
    database.current
        .select()
        .from(sessionRows)
        .where(eq(sessionRows.family, family as never));

describe("a session", () => {
    test("is opened with one for the SDK, each with a token of its own", async () => {
        const { session, access, sdk } = await here.open(opening);
        expect(await here.authenticate("wallet", access.token)).toMatchObject({
            id: session.id,
            kind: "wallet",
            subject: wallet,
            credentialId: "bens-passkey",
            scopes: [],
        });
        expect(await here.authenticate("sdk", sdk.token)).toMatchObject({
            kind: "sdk",
            family: session.family,
            subject: wallet,
            scopes: ["interaction"],
            merchantId: null,
        });
        await expect(here.authenticate("sdk", access.token)).rejects.toMatchObject({
            code: "TOKEN_INVALID",
        });
        await expect(here.authenticate("wallet", sdk.token)).rejects.toMatchObject({
            code: "TOKEN_INVALID",
        });
    });

    test("lives as long as it says: 15 minutes, 24 hours, 30 days", async () => {
        const { session, access, sdk } = await here.open(opening);
        expect(access.expiresAt).toEqual(later(clock.now(), minutes(15)));
        expect(sdk.expiresAt).toEqual(later(clock.now(), hours(24)));
        expect(session.expiresAt).toEqual(later(clock.now(), days(30)));
    });

    test("stores no refresh token, only its hash", async () => {
        const { session, refreshToken } = await here.open(opening);
        const kept = await database.current
            .select()
            .from(refreshTokens)
            .where(eq(refreshTokens.sessionId, session.id));
        expect(kept).toHaveLength(1);
        expect(JSON.stringify(kept)).not.toContain(refreshToken);
    });

    test("that was never opened is ended", async () => {
        await expect(here.getAlive(newId<SessionId>())).rejects.toMatchObject(ended);
    });

    test("of the dashboard lives for seven days", async () => {
        const { id } = await here.openBusiness(wallet, "Tea/1.0");
        clock.passes(days(7) - 1);
        expect(await here.getAlive(id)).toMatchObject({ kind: "business", subject: wallet });
        clock.passes(1);
        await expect(here.getAlive(id)).rejects.toMatchObject(ended);
        await expect(elsewhere.getAlive(id)).rejects.toMatchObject(ended);
    });
});

describe("an SDK session made for a shop", () => {
    const shop = newId<MerchantId>();

    test("is bound to that shop, and dies with the wallet's", async () => {
        const { session } = await here.open(opening);
        const { token } = await here.openSdk(session, shop);
        expect(await here.authenticate("sdk", token)).toMatchObject({
            merchantId: shop,
            family: session.family,
        });
        await here.revoke(session);
        await expect(here.authenticate("sdk", token)).rejects.toMatchObject(ended);
    });

    test("does not live longer for a refresh of the wallet's", async () => {
        const { session, refreshToken } = await here.open(opening);
        const { token } = await here.openSdk(session, shop);
        clock.passes(hours(23));
        await here.refresh(refreshToken);
        clock.passes(hours(1));
        await expect(here.authenticate("sdk", token)).rejects.toMatchObject({
            code: "TOKEN_INVALID",
        });
        const bound = (await rowsOf(session.family)).find(({ merchantId }) => merchantId === shop);
        expect(bound && bound.expiresAt <= clock.now()).toBe(true);
    });
});

describe("a revoked session", () => {
    test("is refused at once here, with all that was minted with it", async () => {
        const { session, access, sdk, refreshToken } = await here.open(opening);
        await here.authenticate("wallet", access.token);
        await here.authenticate("sdk", sdk.token);
        await here.revoke(session);

        await expect(here.authenticate("wallet", access.token)).rejects.toMatchObject(ended);
        await expect(here.authenticate("sdk", sdk.token)).rejects.toMatchObject(ended);
        await expect(here.refresh(refreshToken)).rejects.toMatchObject(refreshInvalid);
    });

    test("is refused at once where it was not asked for just now", async () => {
        const { session, access } = await here.open(opening);
        await here.revoke(session);
        await expect(elsewhere.authenticate("wallet", access.token)).rejects.toMatchObject(ended);
    });

    test("is refused within five seconds where it was", async () => {
        const ticks = vi.spyOn(performance, "now");
        const began = 1_000_000;
        ticks.mockReturnValue(began);
        const { session, access } = await here.open(opening);
        await elsewhere.authenticate("wallet", access.token);
        await here.revoke(session);

        ticks.mockReturnValue(began + seconds(5) + 1);
        // The cache looks at its clock once a millisecond.
        await vi.waitFor(() =>
            expect(elsewhere.authenticate("wallet", access.token)).rejects.toMatchObject(ended)
        );
    });

    test("is refused where the bus tells of it, before the cache would ask", async () => {
        vi.spyOn(performance, "now").mockReturnValue(1_000_000);
        const lines = [1, 2].map(() => new PostgresBus(database, line));
        await Promise.all(lines.map((bus) => bus.start()));
        const tokens = new TokenService(config.JWT_KEYS, config.PUBLIC_URL, clock);
        const [phone, laptop] = lines.map((bus) => {
            const liveness = new LivenessService(database, repository, bus, clock);
            return new SessionService(database, repository, tokens, liveness, clock);
        }) as [SessionService, SessionService];
        const { session, access } = await phone.open(opening);
        const other = await phone.open(opening);
        for (const { token } of [access, other.access]) await laptop.authenticate("wallet", token);

        await database
            .transaction(async () => {
                await phone.revoke(other.session);
                throw new Error("not after all");
            })
            .catch(() => undefined);
        await phone.revoke(session);

        await vi.waitFor(() =>
            expect(laptop.authenticate("wallet", access.token)).rejects.toMatchObject(ended)
        );
        expect(await laptop.authenticate("wallet", other.access.token)).toBeDefined();
        await Promise.all(lines.map((bus) => bus.stop()));
    });

    test("is asked for again once the bus may have missed something", async () => {
        vi.spyOn(performance, "now").mockReturnValue(1_000_000);
        let tell: Subscriber | undefined;
        const bus: MessageBus = {
            publish: async () => undefined,
            subscribe: (_, subscriber) => {
                tell = subscriber;
                return () => undefined;
            },
        };
        const liveness = new LivenessService(database, repository, bus, clock);
        const { session } = await here.open(opening);
        await liveness.get(session.id);
        await here.revoke(session);
        expect(await liveness.get(session.id)).toBeDefined();
        tell?.onGap();
        await expect(liveness.get(session.id)).rejects.toMatchObject(ended);
    });

    test("is not kept by somebody who read it just before", async () => {
        const liveness = new LivenessService(database, repository, silentBus, clock);
        const { session } = await here.open(opening);
        const findAlive = repository.findAlive.bind(repository);
        vi.spyOn(repository, "findAlive").mockImplementationOnce(async (id, now) => {
            const found = await findAlive(id, now);
            await liveness.end({ id: session.id });
            return found;
        });
        await liveness.get(session.id);
        await expect(liveness.get(session.id)).rejects.toMatchObject(ended);
    });

    test("leaves others of the same wallet alone", async () => {
        const [phone, laptop] = [await here.open(opening), await here.open(opening)];
        await here.revoke(phone.session);
        expect(await here.authenticate("wallet", laptop.access.token)).toBeDefined();
    });
});

describe("a refresh", () => {
    test("gives new tokens of the same session, and a new refresh token", async () => {
        const opened = await here.open(opening);
        clock.passes(minutes(20));
        await expect(here.authenticate("wallet", opened.access.token)).rejects.toMatchObject({
            code: "TOKEN_INVALID",
        });

        const refreshed = await here.refresh(opened.refreshToken);
        expect(refreshed.refreshToken).not.toBe(opened.refreshToken);
        expect(await here.authenticate("wallet", refreshed.access.token)).toMatchObject({
            id: opened.session.id,
        });
        expect(await here.authenticate("sdk", refreshed.sdk.token)).toMatchObject({
            family: opened.session.family,
        });
    });

    test("can be followed by another for ever: the session lives on from the last one", async () => {
        let { refreshToken, session } = await here.open(opening);
        for (const _ of [1, 2, 3]) {
            clock.passes(days(29));
            const refreshed = await here.refresh(refreshToken);
            refreshToken = refreshed.refreshToken;
            expect(await here.authenticate("wallet", refreshed.access.token)).toMatchObject({
                id: session.id,
            });
            expect(await here.authenticate("sdk", refreshed.sdk.token)).toBeDefined();
        }
    });

    test("is refused after thirty days", async () => {
        const { refreshToken } = await here.open(opening);
        clock.passes(days(30));
        await expect(here.refresh(refreshToken)).rejects.toMatchObject(refreshInvalid);
    });

    test.each(["", "tea", "x".repeat(43)])("with %j is refused", async (token) => {
        await expect(here.refresh(token)).rejects.toMatchObject(refreshInvalid);
    });

    test("with a spent token revokes the whole family, wherever it is known: somebody copied it", async () => {
        const opened = await here.open(opening);
        const refreshed = await here.refresh(opened.refreshToken);
        await here.authenticate("wallet", refreshed.access.token);
        await here.authenticate("sdk", refreshed.sdk.token);

        await expect(here.refresh(opened.refreshToken)).rejects.toMatchObject(refreshInvalid);

        await expect(here.authenticate("wallet", refreshed.access.token)).rejects.toMatchObject(
            ended
        );
        await expect(here.authenticate("sdk", refreshed.sdk.token)).rejects.toMatchObject(ended);
        await expect(here.refresh(refreshed.refreshToken)).rejects.toMatchObject(refreshInvalid);
        const rows = await rowsOf(opened.session.family);
        expect(rows.map(({ revokedAt }) => revokedAt)).toEqual([clock.now(), clock.now()]);
    });

    test("with a spent token leaves other sessions of the wallet alone", async () => {
        const [opened, other] = [await here.open(opening), await here.open(opening)];
        await here.refresh(opened.refreshToken);
        await here.refresh(opened.refreshToken).catch(() => undefined);
        expect(await here.refresh(other.refreshToken)).toBeDefined();
    });

    test("twice at once with one token: one is served, and as one of the two is a thief the family ends", async () => {
        const { refreshToken, session } = await here.open(opening);
        const answers = await Promise.allSettled([
            here.refresh(refreshToken),
            elsewhere.refresh(refreshToken),
        ]);
        expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        const rows = await rowsOf(session.family);
        expect(rows.every(({ revokedAt }) => revokedAt !== null)).toBe(true);
    });
});

test("refresh tokens that ran out are deleted, and no others", async () => {
    const early = await here.open(opening);
    clock.passes(days(20));
    const late = await here.open(opening);
    clock.passes(days(10) + 1);
    await repository.deleteExpired(clock.now());
    const left = (id: SessionId) =>
        database.current.$count(refreshTokens, eq(refreshTokens.sessionId, id));
    expect([await left(early.session.id), await left(late.session.id)]).toEqual([0, 1]);
});
