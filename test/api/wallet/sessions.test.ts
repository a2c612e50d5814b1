import { beforeEach, describe, expect, test, vi } from "vitest";
import { AuthContext } from "@/domain/auth";
import { log } from "@/infrastructure/observability/log";
import { type MerchantId, newId, type PairingId } from "@/utils/ids";
import { type Answer, ask } from "../../fixtures/api";
import { WalletHolder } from "../../fixtures/story/WalletHolder";
import { newClient, type Tea, teaStory } from "../../fixtures/tea";

const { sessions } = AuthContext.services;
const refusedWith = ({ status, body }: Answer, expected: number, code: string) =>
    expect([status, body?.error?.code]).toEqual([expected, code]);

let tea: Tea;
let ben: WalletHolder;
beforeEach(async () => {
    tea = await teaStory();
    ben = await WalletHolder.signUp();
});

async function sdkTokenOf(holder: WalletHolder, merchantId?: MerchantId): Promise<string> {
    const { status, body } = await holder.ask(
        "POST",
        "/auth/sdk",
        merchantId ? { merchantId } : {}
    );
    expect(status).toBe(200);
    return body.token;
}
const linkWith = (token: string, merchantId: MerchantId) =>
    ask("GET", `/wallet/v1/referral/link?merchantId=${merchantId}`, {
        headers: { "x-wallet-sdk-auth": token },
    });
const own = async (holder: WalletHolder): Promise<Answer["body"][]> =>
    (await holder.ask("GET", "/auth/sessions")).body.items;

describe("where somebody is signed in", () => {
    test("is listed newest first, with what is theirs to end", async () => {
        const onLaptop = await ben.signIn();
        await sdkTokenOf(ben);
        await sdkTokenOf(ben, tea.merchantId);
        expect(await own(onLaptop)).toEqual([
            expect.objectContaining({ kind: "sdk", merchantId: tea.merchantId, isCurrent: false }),
            expect.objectContaining({ kind: "passkey", isCurrent: true }),
            {
                id: expect.any(String),
                kind: "passkey",
                isCurrent: false,
                credentialId: ben.phone.id,
                merchantId: null,
                userAgent: null,
                createdAt: expect.any(String),
                lastSeenAt: expect.any(String),
                expiresAt: expect.any(String),
            },
        ]);
    });

    test("is told in pages", async () => {
        for (const _ of [1, 2]) await ben.signIn();
        const first = (await ben.ask("GET", "/auth/sessions?limit=2")).body;
        expect(first.items).toHaveLength(2);
        const path = `/auth/sessions?limit=2&cursor=${first.nextCursor}`;
        expect((await ben.ask("GET", path)).body).toMatchObject({ nextCursor: null });
    });

    test("shows nobody else's, no dashboard's and none that is over", async () => {
        await WalletHolder.signUp();
        await sessions.openBusiness(ben.session.wallet, null);
        const gone = await ben.signIn();
        await gone.ask("POST", "/auth/logout");
        expect(await own(ben)).toHaveLength(1);
    });

    test("says when each was last seen, to the minute", async () => {
        const [before] = await own(ben);
        vi.useFakeTimers({ now: Date.now() + 70_000, toFake: ["Date"] });
        // Asks for the row itself, which is not kept for a moment as others are.
        await ben.ask("DELETE", "/auth/credentials/nobodys");
        const onLaptop = await ben.signIn();
        vi.useRealTimers();
        const session = (await own(onLaptop)).find(({ id }) => id === before.id);
        const elapsed = Date.parse(session.lastSeenAt) - Date.parse(before.lastSeenAt);
        expect(elapsed).toBeGreaterThanOrEqual(60_000);
    });

    test("can be ended one by one, with all that was minted there", async () => {
        const onLaptop = await ben.signIn();
        const token = await sdkTokenOf(onLaptop);
        const [{ id: sid }] = await own(onLaptop);
        expect((await ben.ask("DELETE", `/auth/sessions/${sid}`)).status).toBe(204);
        refusedWith(await onLaptop.ask("GET", "/auth/session"), 401, "SESSION_ENDED");
        refusedWith(await linkWith(token, tea.merchantId), 401, "SESSION_ENDED");
        refusedWith(await ben.ask("DELETE", `/auth/sessions/${sid}`), 404, "SESSION_NOT_FOUND");
        expect((await ben.ask("GET", "/auth/session")).status).toBe(200);
    });

    test("on a shop's page ends there alone", async () => {
        const token = await sdkTokenOf(ben, tea.merchantId);
        const [{ id: sid }] = await own(ben);
        await ben.ask("DELETE", `/auth/sessions/${sid}`);
        refusedWith(await linkWith(token, tea.merchantId), 401, "SESSION_ENDED");
        expect((await ben.ask("GET", "/auth/session")).status).toBe(200);
    });

    test("is not anybody else's to end, and a part of a session is not ended alone", async () => {
        const cleo = await WalletHolder.signUp();
        const [{ id: sid }] = await own(cleo);
        refusedWith(await ben.ask("DELETE", `/auth/sessions/${sid}`), 404, "SESSION_NOT_FOUND");
        const business = await sessions.openBusiness(ben.session.wallet, null);
        const unseen = await ben.ask("DELETE", `/auth/sessions/${business.id}`);
        refusedWith(unseen, 404, "SESSION_NOT_FOUND");
        refusedWith(await ben.ask("DELETE", "/auth/sessions/tea"), 400, "INVALID_REQUEST");
        expect((await cleo.ask("GET", "/auth/session")).status).toBe(200);
    });
});

describe("a paired session", () => {
    test("ends with its pairing, and what was minted with it", async () => {
        const pairingId = newId<PairingId>();
        const opening = { wallet: ben.session.wallet, credentialId: ben.phone.id, userAgent: null };
        const paired = await sessions.open({ ...opening, pairingId });
        expect(paired.session.kind).toBe("paired");
        const bound = await sessions.openSdk(paired.session, tea.merchantId);
        await sessions.revokeOfPairing(pairingId);
        const ended = { code: "SESSION_ENDED" };
        for (const [audience, { token }] of [
            ["wallet", paired.access],
            ["sdk", paired.sdk],
            ["sdk", bound],
        ] as const) {
            await expect(sessions.authenticate(audience, token)).rejects.toMatchObject(ended);
        }
        expect((await ben.ask("GET", "/auth/session")).status).toBe(200);
    });
});

describe("signing out", () => {
    test("leaves no token alive: not the wallet's, not the SDK's, not a shop's", async () => {
        const tokens = [
            ben.session.sdk.token,
            await sdkTokenOf(ben),
            await sdkTokenOf(ben, tea.merchantId),
        ];
        expect((await ben.ask("POST", "/auth/logout")).status).toBe(204);
        refusedWith(await ben.ask("GET", "/auth/session"), 401, "SESSION_ENDED");
        for (const token of tokens) {
            refusedWith(await linkWith(token, tea.merchantId), 401, "SESSION_ENDED");
        }
        const json = { refreshToken: ben.session.refreshToken };
        const refreshed = await ask("POST", "/wallet/v1/auth/refresh", { json });
        refusedWith(refreshed, 401, "REFRESH_INVALID");
    });
});

describe("a refresh token that comes back", () => {
    test("ends the family, and the operator learns of it without the token", async () => {
        const warned = vi.spyOn(log, "warn");
        const json = { refreshToken: ben.session.refreshToken };
        const refreshed = await ask("POST", "/wallet/v1/auth/refresh", { json });
        expect(refreshed.status).toBe(200);
        const again = await ask("POST", "/wallet/v1/auth/refresh", { json });
        refusedWith(again, 401, "REFRESH_INVALID");
        refusedWith(await ben.ask("GET", "/auth/session"), 401, "SESSION_ENDED");
        expect(warned).toHaveBeenCalledWith(
            expect.objectContaining({
                event: "security.refreshReuse",
                wallet: ben.session.wallet,
                credentialId: ben.phone.id,
            }),
            expect.any(String)
        );
        expect(JSON.stringify(warned.mock.calls)).not.toContain(json.refreshToken);
        warned.mockRestore();
    });
});

describe("an SDK token", () => {
    test("of a shop's page is good on that shop alone", async () => {
        const token = await sdkTokenOf(ben, tea.merchantId);
        expect((await linkWith(token, tea.merchantId)).status).toBe(200);
        const other = await teaStory();
        refusedWith(await linkWith(token, other.merchantId), 403, "MERCHANT_MISMATCH");
        const everywhere = await ask("GET", "/wallet/v1/rewards", {
            headers: { "x-wallet-sdk-auth": token },
        });
        refusedWith(everywhere, 403, "MERCHANT_MISMATCH");
    });

    test("without a shop is good on all", async () => {
        const token = await sdkTokenOf(ben);
        expect((await linkWith(token, tea.merchantId)).status).toBe(200);
    });

    test("for a shop that is none is not made", async () => {
        const json = { merchantId: newId() };
        refusedWith(await ben.ask("POST", "/auth/sdk", json), 404, "MERCHANT_NOT_FOUND");
    });

    test("opens nothing of the wallet's, whichever header it comes in", async () => {
        const token = await sdkTokenOf(ben, tea.merchantId);
        for (const headers of [
            { "x-wallet-auth": token },
            { authorization: `Bearer ${token}` },
        ] as Record<string, string>[]) {
            const answer = await ask("GET", "/wallet/v1/auth/session", { headers });
            refusedWith(answer, 401, "TOKEN_INVALID");
        }
        const asSdk = await ask("GET", "/wallet/v1/auth/session", {
            headers: { "x-wallet-sdk-auth": token },
        });
        refusedWith(asSdk, 401, "AUTH_REQUIRED");
    });

    test("is not a wallet's token in its place", async () => {
        const answer = await linkWith(ben.session.accessToken, tea.merchantId);
        refusedWith(answer, 401, "TOKEN_INVALID");
    });

    test("without the scope for interactions is good for none", async () => {
        const { session } = await sessions.open({
            wallet: ben.session.wallet,
            credentialId: ben.phone.id,
            userAgent: null,
        });
        const find = vi.spyOn(AuthContext.repositories.sessions, "findAlive");
        const { token } = await sessions.openSdk(session, null);
        find.mockResolvedValueOnce({ ...session, kind: "sdk", scopes: [] });
        refusedWith(await linkWith(token, tea.merchantId), 403, "SCOPE_MISSING");
        find.mockRestore();
    });
});

test("an address is no credential, and a client id of a shop no wallet's", async () => {
    const { clientId } = newClient(tea.merchantId);
    for (const token of [ben.session.wallet, clientId, `${ben.session.accessToken}x`]) {
        const answer = await ask("GET", "/wallet/v1/auth/session", {
            headers: { "x-wallet-auth": token },
        });
        refusedWith(answer, 401, "TOKEN_INVALID");
    }
});
