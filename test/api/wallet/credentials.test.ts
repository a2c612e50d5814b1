import { beforeEach, describe, expect, test, vi } from "vitest";
import { AuthContext } from "@/domain/auth";
import { newId, type PairingId } from "@/utils/ids";
import { minutes } from "@/utils/time";
import { type Answer, ask } from "../../fixtures/api";
import { challengeFor, WalletHolder } from "../../fixtures/story/WalletHolder";

const refusedWith = ({ status, body }: Answer, expected: number, code: string) =>
    expect([status, body?.error?.code]).toEqual([expected, code]);

let ben: WalletHolder;
beforeEach(async () => {
    ben = await WalletHolder.signUp();
});

const idsOf = async (holder: WalletHolder): Promise<string[]> => {
    const { body } = await holder.ask("GET", "/auth/credentials");
    return body.items.map(({ id }: { id: string }) => id);
};

describe("the passkeys of a wallet", () => {
    test("are listed with what their holder knows them by, and no more", async () => {
        const { status, body } = await ben.ask("GET", "/auth/credentials");
        expect(status).toBe(200);
        expect(body).toEqual({
            items: [
                {
                    id: ben.phone.id,
                    label: "phone",
                    publicKey: ben.phone.publicKey,
                    transports: ["internal"],
                    isSynced: true,
                    isBackedUp: true,
                    userAgent: null,
                    createdAt: expect.any(String),
                    lastUsedAt: null,
                },
            ],
            nextCursor: null,
        });
    });

    test("are nobody else's to see", async () => {
        expect((await ask("GET", "/wallet/v1/auth/credentials")).status).toBe(401);
        const cleo = await WalletHolder.signUp();
        expect(await idsOf(cleo)).toEqual([cleo.phone.id]);
    });

    test("come with a challenge that a signed-in holder asks for", async () => {
        const descriptor = { id: ben.phone.id, type: "public-key", transports: ["internal"] };
        const further = await challengeFor("register", ben.headers);
        expect(further.excludeCredentials).toEqual([descriptor]);
        expect(further.allowCredentials).toBeUndefined();
        const stepUp = await challengeFor("stepUp", ben.headers);
        expect(stepUp.allowCredentials).toEqual([descriptor]);
        expect(stepUp.user).toBeUndefined();
        const login = await challengeFor("login", { "x-wallet-auth": "of long ago" });
        expect(login).not.toHaveProperty("allowCredentials");
        const stranger = await challengeFor("register");
        expect(stranger).not.toHaveProperty("excludeCredentials");
        expect(stranger.user.id).not.toBe(further.user.id);
    });
});

describe("a further passkey", () => {
    test("opens the same wallet", async () => {
        expect((await ben.stepUp()).status).toBe(200);
        const laptop = await ben.addPasskey();
        expect(await idsOf(ben)).toEqual([ben.phone.id, laptop.id]);
        const onLaptop = await ben.signIn(laptop);
        expect(onLaptop.session).toMatchObject({
            wallet: ben.session.wallet,
            credentialId: laptop.id,
            publicKey: laptop.publicKey,
        });
    });

    test("has the handle that the wallet's holder is known by", async () => {
        const first = await challengeFor("register", ben.headers);
        const second = await challengeFor("register", ben.headers);
        expect(first.user.id).toBe(second.user.id);
    });

    test("takes a step-up", async () => {
        const { json } = await ben.newPasskey();
        refusedWith(await ben.ask("POST", "/auth/credentials", json), 403, "STEP_UP_REQUIRED");
        expect(await idsOf(ben)).toEqual([ben.phone.id]);
    });

    test("takes a step-up of this session, not of another of the wallet", async () => {
        const elsewhere = await ben.signIn();
        await elsewhere.stepUp();
        const { json } = await ben.newPasskey();
        refusedWith(await ben.ask("POST", "/auth/credentials", json), 403, "STEP_UP_REQUIRED");
    });

    test("that exists already is refused, whoever's it is", async () => {
        const cleo = await WalletHolder.signUp();
        await ben.stepUp();
        const { json } = await ben.newPasskey({ credentialId: cleo.phone.credentialId });
        refusedWith(await ben.ask("POST", "/auth/credentials", json), 409, "CREDENTIAL_EXISTS");
        expect(await idsOf(cleo)).toEqual([cleo.phone.id]);
    });

    test("made for one wallet is nothing for another, and makes no wallet of its own", async () => {
        const cleo = await WalletHolder.signUp();
        await cleo.stepUp();
        const { json } = await ben.newPasskey();
        refusedWith(await cleo.ask("POST", "/auth/credentials", json), 400, "CHALLENGE_INVALID");
        const again = await ben.newPasskey();
        const registered = await ask("POST", "/wallet/v1/auth/register", { json: again.json });
        refusedWith(registered, 400, "CHALLENGE_INVALID");
    });

    test("may be of a challenge that was asked for without a token, as the contract has it", async () => {
        await ben.stepUp();
        const issued = await challengeFor("register");
        const credential = ben.phone.register(issued.challenge);
        const json = { challengeId: issued.challengeId, credential };
        refusedWith(await ben.ask("POST", "/auth/credentials", json), 409, "CREDENTIAL_EXISTS");
    });
});

describe("a step-up", () => {
    test("is good for five minutes", async () => {
        const before = Date.now();
        const { status, body } = await ben.stepUp();
        expect(status).toBe(200);
        const until = Date.parse(body.expiresAt);
        expect(until).toBeGreaterThanOrEqual(before + minutes(5));
        expect(until).toBeLessThanOrEqual(Date.now() + minutes(5));

        const { json } = await ben.newPasskey();
        vi.useFakeTimers({ now: until + 1, toFake: ["Date"] });
        const late = await ben.ask("POST", "/auth/credentials", json);
        vi.useRealTimers();
        refusedWith(late, 403, "STEP_UP_REQUIRED");
    });

    test("is not what a challenge of another purpose is answered with", async () => {
        for (const purpose of ["login", "register"]) {
            const { challengeId, challenge } = await challengeFor(purpose);
            const json = { challengeId, credential: ben.phone.authenticate(challenge) };
            refusedWith(await ben.ask("POST", "/auth/step-up", json), 400, "CHALLENGE_INVALID");
        }
    });

    test("answered once is answered: the same answer is refused", async () => {
        const { challengeId, challenge } = await challengeFor("stepUp", ben.headers);
        const json = { challengeId, credential: ben.phone.authenticate(challenge) };
        expect((await ben.ask("POST", "/auth/step-up", json)).status).toBe(200);
        refusedWith(await ben.ask("POST", "/auth/step-up", json), 400, "CHALLENGE_INVALID");
    });

    test("signs nobody in: its answer is no login", async () => {
        const { challengeId, challenge } = await challengeFor("stepUp");
        const json = { challengeId, credential: ben.phone.authenticate(challenge) };
        const answer = await ask("POST", "/wallet/v1/auth/login", { json });
        refusedWith(answer, 400, "CHALLENGE_INVALID");
    });

    test("with somebody else's passkey is refused", async () => {
        const cleo = await WalletHolder.signUp();
        refusedWith(await ben.stepUp(cleo.phone), 404, "CREDENTIAL_UNKNOWN");
    });

    test("takes user verification", async () => {
        const { challengeId, challenge } = await challengeFor("stepUp", ben.headers);
        const credential = ben.phone.authenticate(challenge, { userVerified: false });
        const answer = await ben.ask("POST", "/auth/step-up", { challengeId, credential });
        refusedWith(answer, 401, "ASSERTION_INVALID");
    });

    test("is not for a paired device, which has no passkey of its own and manages none", async () => {
        const { access } = await AuthContext.services.sessions.open({
            wallet: ben.session.wallet,
            credentialId: ben.phone.id,
            pairingId: newId<PairingId>(),
            userAgent: "a desktop",
        });
        const headers = { "x-wallet-auth": access.token };
        const { challengeId, challenge } = await challengeFor("stepUp", headers);
        const json = { challengeId, credential: ben.phone.authenticate(challenge) };
        const path = "/wallet/v1/auth";
        const stepUp = await ask("POST", `${path}/step-up`, { headers, json });
        refusedWith(stepUp, 403, "PASSKEY_SESSION_REQUIRED");
        const removal = await ask("DELETE", `${path}/credentials/${ben.phone.id}`, { headers });
        refusedWith(removal, 403, "PASSKEY_SESSION_REQUIRED");
        expect((await ask("GET", `${path}/session`, { headers })).body.kind).toBe("paired");
    });
});

describe("a passkey that is removed", () => {
    test("opens nothing any more, and its sessions are over", async () => {
        await ben.stepUp();
        const laptop = await ben.addPasskey();
        const onLaptop = await ben.signIn(laptop);
        expect((await ben.ask("DELETE", `/auth/credentials/${laptop.id}`)).status).toBe(204);

        expect(await idsOf(ben)).toEqual([ben.phone.id]);
        refusedWith(await ben.tryToSignIn(laptop), 404, "CREDENTIAL_UNKNOWN");
        refusedWith(await onLaptop.ask("GET", "/auth/session"), 401, "SESSION_ENDED");
        const json = { refreshToken: onLaptop.session.refreshToken };
        const refreshed = await ask("POST", "/wallet/v1/auth/refresh", { json });
        refusedWith(refreshed, 401, "REFRESH_INVALID");
        expect((await ben.ask("GET", "/auth/session")).status).toBe(200);
    });

    test("is not the last one", async () => {
        await ben.stepUp();
        const path = `/auth/credentials/${ben.phone.id}`;
        refusedWith(await ben.ask("DELETE", path), 409, "LAST_CREDENTIAL");
        expect((await ben.ask("GET", "/auth/session")).status).toBe(200);
        expect(await idsOf(ben)).toEqual([ben.phone.id]);
    });

    test("is one of the wallet", async () => {
        const cleo = await WalletHolder.signUp();
        await ben.stepUp();
        await ben.addPasskey();
        for (const id of [cleo.phone.id, "nobodys"]) {
            const answer = await ben.ask("DELETE", `/auth/credentials/${id}`);
            refusedWith(answer, 404, "CREDENTIAL_UNKNOWN");
        }
        expect((await cleo.ask("GET", "/auth/session")).status).toBe(200);
    });

    test("takes a step-up", async () => {
        const answer = await ben.ask("DELETE", `/auth/credentials/${ben.phone.id}`);
        refusedWith(answer, 403, "STEP_UP_REQUIRED");
    });
});
