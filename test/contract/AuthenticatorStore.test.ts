import { randomBytes } from "node:crypto";
import { getAddress } from "viem";
import { afterAll, describe, expect, test } from "vitest";
import type {
    Authenticator,
    AuthenticatorStore,
} from "@/domain/auth/repositories/AuthenticatorStore";
import { MongoAuthenticatorRepository } from "@/domain/auth/repositories/MongoAuthenticatorRepository";
import { PostgresAuthenticatorRepository } from "@/domain/auth/repositories/PostgresAuthenticatorRepository";
import { freePort } from "@/infrastructure/embedded/freePort";
import { MongoConnection } from "@/infrastructure/persistence/MongoConnection";
import { database } from "@/infrastructure/persistence/postgres";
import { later, minutes, seconds } from "@/utils/time";
import { FakeMongo } from "../fixtures/FakeMongo";
import { MongoServer } from "../fixtures/MongoServer";

const given = process.env["MONGODB_TEST_URI"];
/** One of our own, which can be stopped; unless another is named. */
const mongo = given ? undefined : await MongoServer.start();
const mongoUri = given ?? mongo?.uri;
const noon = new Date("2026-11-21T12:00:00.000Z");
const someWallet = () => getAddress(`0x${randomBytes(20).toString("hex")}`);

function newPasskey(change: Partial<Authenticator> = {}): Authenticator {
    return {
        credentialId: randomBytes(16).toString("base64url"),
        wallet: someWallet(),
        publicKey: { x: `0x${"11".repeat(32)}`, y: `0x${"22".repeat(32)}` },
        coseKey: Uint8Array.from(randomBytes(77)),
        counter: 0,
        transports: ["internal", "hybrid"],
        deviceType: "multiDevice",
        backedUp: true,
        userHandle: "bens-handle",
        label: "Ben's phone",
        userAgent: null,
        createdAt: noon,
        lastUsedAt: null,
        ...change,
    };
}

function holds(store: AuthenticatorStore): void {
    const kept = async (passkey: Authenticator) => {
        const { coseKey, ...rest } = (await store.find(passkey.credentialId)) as Authenticator;
        return { ...rest, coseKey: Buffer.from(coseKey).toString("hex") };
    };
    const plain = ({ coseKey, ...rest }: Authenticator) => ({
        ...rest,
        coseKey: Buffer.from(coseKey).toString("hex"),
    });

    test("gives back what it was given, to the last byte", async () => {
        const passkey = newPasskey({ counter: 2 ** 32 - 1, lastUsedAt: later(noon, 1) });
        expect(await store.add(passkey)).toBe(true);
        expect(await kept(passkey)).toEqual(plain(passkey));
    });

    test("knows nothing of what it was not given", async () => {
        expect(await store.find("nobodys")).toBeUndefined();
        expect(await store.findOfWallet(someWallet())).toEqual([]);
    });

    test("forgets what the devices of one wallet are called, and nothing else of it", async () => {
        const [passkey, other] = [newPasskey({ userAgent: "a phone" }), newPasskey()];
        await store.add(passkey);
        await store.add(other);
        await store.forgetDevices(passkey.wallet);
        expect(await kept(passkey)).toEqual({ ...plain(passkey), label: null, userAgent: null });
        expect(await kept(other)).toEqual(plain(other));
    });

    test("keeps the first of one id, whoever brings the second", async () => {
        const passkey = newPasskey();
        await store.add(passkey);
        expect(await store.add({ ...newPasskey(), credentialId: passkey.credentialId })).toBe(
            false
        );
        expect(await kept(passkey)).toEqual(plain(passkey));
    });

    test("keeps one of ten that come at once under one id", async () => {
        const { credentialId } = newPasskey();
        const added = await Promise.all(
            Array.from({ length: 10 }, () => store.add(newPasskey({ credentialId })))
        );
        expect(added.filter(Boolean)).toHaveLength(1);
    });

    test("tells ids apart by their case: they are bytes in letters", async () => {
        const passkey = newPasskey({ credentialId: "TeaTeaTeaTeaTeaTeaTeaA" });
        await store.add(passkey);
        expect(await store.find("teateateateateateateaa")).toBeUndefined();
    });

    test("finds the passkeys of a wallet, oldest first", async () => {
        const wallet = someWallet();
        const [first, second] = [
            newPasskey({ wallet }),
            newPasskey({ wallet, createdAt: later(noon, minutes(1)) }),
        ];
        for (const passkey of [second, first, newPasskey()]) await store.add(passkey);
        const found = await store.findOfWallet(wallet);
        expect(found.map(({ credentialId }) => credentialId)).toEqual([
            first.credentialId,
            second.credentialId,
        ]);
        expect(found.map(({ wallet: of }) => of)).toEqual([wallet, wallet]);
    });

    test.each([
        [0, 0, true],
        [0, 1, true],
        [5, 6, true],
        [5, 4_294_967_295, true],
        [5, 5, false],
        [5, 4, false],
        [5, 0, false],
    ])("a use after counter %i with counter %i is noted: %s", async (counter, told, isNoted) => {
        const passkey = newPasskey({ counter });
        await store.add(passkey);
        const at = later(noon, minutes(5));
        expect(await store.use(passkey.credentialId, { counter: told, backedUp: false, at })).toBe(
            isNoted
        );
        const after = isNoted ? { counter: told, backedUp: false, lastUsedAt: at } : {};
        expect(await kept(passkey)).toEqual(plain({ ...passkey, ...after }));
    });

    test("notes uses of several passkeys at once, and of one that does not count as often as it is used", async () => {
        const [counts, doesNot, wentBack] = [
            newPasskey({ counter: 5 }),
            newPasskey({ counter: 0 }),
            newPasskey({ counter: 9 }),
        ];
        for (const passkey of [counts, doesNot, wentBack]) await store.add(passkey);
        const use = ({ credentialId }: Authenticator, counter: number) =>
            store.use(credentialId, { counter, backedUp: true, at: noon });
        const noted = await Promise.all([
            use(counts, 6),
            use(doesNot, 0),
            use(wentBack, 8),
            use(doesNot, 0),
            use({ ...counts, credentialId: "nobodys" }, 1),
        ]);
        expect(noted).toEqual([true, true, false, true, false]);
        expect(await kept(counts)).toMatchObject({ counter: 6 });
    });

    test("notes one of ten uses at once with one counter", async () => {
        const passkey = newPasskey({ counter: 5 });
        await store.add(passkey);
        const use = { counter: 6, backedUp: true, at: noon };
        const noted = await Promise.all(
            Array.from({ length: 10 }, () => store.use(passkey.credentialId, use))
        );
        expect(noted.filter(Boolean)).toHaveLength(1);
    });

    describe("of two passkeys of a wallet", () => {
        const at = later(noon, minutes(5));
        const twoOf = async (wallet = someWallet()) => {
            const passkeys = [newPasskey({ wallet }), newPasskey({ wallet })] as const;
            for (const passkey of passkeys) await store.add(passkey);
            return passkeys;
        };
        const left = async (wallet: Authenticator["wallet"]) =>
            (await store.findOfWallet(wallet)).map(({ credentialId }) => credentialId);

        test("removes one, and never the last", async () => {
            const [first, second] = await twoOf();
            expect(await store.removeUnlessLast({ ...first, at })).toBe(true);
            expect(await store.find(first.credentialId)).toBeUndefined();
            expect(await store.removeUnlessLast({ ...second, at })).toBe(false);
            expect(await left(first.wallet)).toEqual([second.credentialId]);
            expect(await kept(second)).toEqual(plain(second));
            expect(await store.use(second.credentialId, { counter: 0, backedUp: true, at })).toBe(
                true
            );
        });

        test("can remove the second once there is a third", async () => {
            const [first, second] = await twoOf();
            await store.removeUnlessLast({ ...first, at });
            await store.removeUnlessLast({ ...second, at });
            await store.add(newPasskey({ wallet: first.wallet }));
            expect(await store.removeUnlessLast({ ...second, at })).toBe(true);
            expect(await left(first.wallet)).toHaveLength(1);
        });

        test("keeps one at least of both that go at once", async () => {
            for (let times = 0; times < 10; times++) {
                const [first, second] = await twoOf();
                await Promise.all(
                    [first, second].map((one) => store.removeUnlessLast({ ...one, at }))
                );
                expect((await left(first.wallet)).length).toBeGreaterThanOrEqual(1);
            }
        });

        test("takes one that is gone for removed, and touches no other wallet's", async () => {
            const [first, second] = await twoOf();
            const [others] = await twoOf();
            const { wallet } = first;
            const { credentialId } = others;
            expect(await store.removeUnlessLast({ wallet, credentialId, at })).toBe(true);
            expect(await store.find(credentialId)).toBeDefined();
            await store.removeUnlessLast({ ...first, at });
            expect(await store.removeUnlessLast({ ...first, at })).toBe(true);
            expect(await left(wallet)).toEqual([second.credentialId]);
        });
    });

    test("notes no use of what it does not have", async () => {
        expect(await store.use("nobodys", { counter: 1, backedUp: true, at: noon })).toBe(false);
    });
}

describe("PostgreSQL", () => holds(new PostgresAuthenticatorRepository(database)));

if (mongoUri) {
    const connection = new MongoConnection(mongoUri, MongoAuthenticatorRepository.prepare);
    const store = new MongoAuthenticatorRepository(connection);
    afterAll(async () => {
        await connection.close();
        await mongo?.remove();
    });
    describe("MongoDB", () => {
        holds(store);

        test("is asked by wallet through an index", async () => {
            const indexes = await connection.run((db) =>
                db.collection("authenticators").listIndexes().toArray()
            );
            expect(indexes.map(({ key }) => key)).toContainEqual({ wallet: 1 });
        });

        test("soon forgets that somebody was about to remove one, and died", async () => {
            const [first, second] = [newPasskey(), newPasskey()];
            second.wallet = first.wallet;
            for (const passkey of [first, second]) await store.add(passkey);
            await connection.run((db) =>
                db
                    .collection<{ _id: string }>("authenticators")
                    .updateOne({ _id: first.credentialId }, { $set: { removingAt: noon } })
            );
            const removal = { ...second, at: later(noon, seconds(30)) };
            expect(await store.removeUnlessLast(removal)).toBe(false);
            const late = { ...second, at: later(noon, minutes(2)) };
            expect(await store.removeUnlessLast(late)).toBe(true);
        });
    });
} else {
    process.stdout.write(
        "No MONGODB_TEST_URI and no mongod on the path: the contract was NOT run on MongoDB\n"
    );
}

if (mongo) {
    test("a MongoDB that stops is 503 for as long as it is gone, and answers when it is back", async () => {
        const connection = new MongoConnection(mongo.uri, MongoAuthenticatorRepository.prepare);
        const store = new MongoAuthenticatorRepository(connection);
        for (const _ of ["once", "twice"]) {
            const passkey = newPasskey();
            expect(await store.add(passkey)).toBe(true);
            await mongo.stop();
            for (const ask of [() => store.find("bens"), () => store.add(newPasskey())]) {
                await expect(ask()).rejects.toMatchObject({
                    code: "MONGODB_UNAVAILABLE",
                    kind: "unavailable",
                    retryAfterSeconds: 5,
                });
            }
            await mongo.resume();
            expect(await store.add(newPasskey())).toBe(true);
        }
        await connection.close();
    }, 120_000);
}

describe("a MongoDB out of reach", () => {
    const unavailable = { code: "MONGODB_UNAVAILABLE", kind: "unavailable", retryAfterSeconds: 5 };
    const storeAt = (port: number) => {
        const uri = `mongodb://127.0.0.1:${port}/passkeys`;
        const connection = new MongoConnection(uri, MongoAuthenticatorRepository.prepare);
        return { connection, store: new MongoAuthenticatorRepository(connection) };
    };

    test("says so within moments, to every kind of question", { timeout: 5_000 }, async () => {
        const { store } = storeAt(await freePort());
        const passkey = newPasskey();
        const use = { counter: 1, backedUp: true, at: noon };
        await Promise.all([
            expect(store.find(passkey.credentialId)).rejects.toMatchObject(unavailable),
            expect(store.add(passkey)).rejects.toMatchObject(unavailable),
            expect(store.findOfWallet(passkey.wallet)).rejects.toMatchObject(unavailable),
            expect(store.use(passkey.credentialId, use)).rejects.toMatchObject(unavailable),
        ]);
    });

    test("is asked again as soon as it is back, as often as it goes", async () => {
        const port = await freePort();
        const { store, connection } = storeAt(port);
        await expect(store.find("bens")).rejects.toMatchObject(unavailable);

        for (const _ of ["once", "twice"]) {
            const mongo = await FakeMongo.start(port);
            expect(await store.find("bens")).toBeUndefined();
            expect(await store.find("bens")).toBeUndefined();
            await mongo.stop();
            await expect(store.find("bens")).rejects.toMatchObject(unavailable);
        }
        await connection.close().catch(() => undefined);
    });
});
