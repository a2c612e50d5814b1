import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import {
    identityGroups,
    identityHandovers,
    identityMailCodes,
    identityNodes,
} from "@/domain/identity/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import type { MerchantId } from "@/utils/ids";
import { type Answer, ask, askWith } from "../../fixtures/api";
import { type Holder, signUp } from "../../fixtures/signUp";
import { comes, newClient, teaStory } from "../../fixtures/tea";

const { identities } = IdentityContext.services;
const path = (route: string) => `/wallet/v1/identity/${route}`;
const code = ({ body }: Answer) => body.error?.code;
const asBrowser = (clientId: string) => askWith({ "x-client-id": clientId });
const walletKey = ({ wallet }: Holder) => identities.keyOf({ kind: "wallet", wallet });

function link(holder: Holder, merchantId: MerchantId, clientId: string) {
    const options = { json: { merchantId }, headers: { "x-client-id": clientId } };
    return holder.ask("POST", path("ensure"), options);
}

test("fifty first requests of one browser at once make one group", async () => {
    const { merchantId, code: referralCode } = await teaStory();
    const { clientId, key } = newClient(merchantId);
    const before = await database.current.$count(identityGroups);
    const routes = ["track/arrival", "identity/merge-tokens", "identity/install-codes"];
    const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
            asBrowser(clientId)("POST", `/wallet/v1/${routes[index % routes.length]}`, {
                json: { merchantId, referralCode },
            })
        )
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await database.current.$count(identityGroups)).toBe(before + 1);
    expect((await identities.find([key]))[0]).toBeDefined();
});

describe("a browser and a wallet", () => {
    test("are one from when the wallet says so, and saying it again changes nothing", async () => {
        const { merchantId, ben } = await teaStory();
        const holder = await signUp();

        expect((await link(holder, merchantId, ben.clientId)).body).toEqual({ status: "linked" });
        const again = await link(holder, merchantId, ben.clientId);
        expect(again.body).toEqual({ status: "alreadyLinked" });
        const [one, other] = await identities.find([ben.key, walletKey(holder)]);
        expect(one).toBe(other);
    });

    test("are not one when the browser is another wallet's", async () => {
        const { merchantId, ben } = await teaStory();
        await link(await signUp(), merchantId, ben.clientId);

        const refused = await link(await signUp(), merchantId, ben.clientId);
        expect([refused.status, code(refused)]).toEqual([409, "WALLET_CONFLICT"]);
    });

    test("are asked for both: a browser alone links nothing, nor does a wallet without one", async () => {
        const { merchantId, ben } = await teaStory();
        const alone = await asBrowser(ben.clientId)("POST", path("ensure"), {
            json: { merchantId },
        });
        expect([alone.status, code(alone)]).toEqual([401, "AUTH_REQUIRED"]);
        const { ask: askAs } = await signUp();
        expect((await askAs("POST", path("ensure"), { json: { merchantId } })).status).toBe(400);
    });
});

describe("a browser that is another wallet's, and speaks for this one", () => {
    test("is given an id of its own, once and for all, and its old one stays whose it was", async () => {
        const { merchantId, ben, code: referralCode } = await teaStory();
        const [first, second] = [await signUp(), await signUp()];
        await link(first, merchantId, ben.clientId);
        const arrive = (clientId: string) =>
            ask("POST", "/wallet/v1/track/arrival", {
                json: { merchantId, referralCode },
                headers: { "x-wallet-sdk-auth": second.sdk, "x-client-id": clientId },
            });

        const answer = await arrive(ben.clientId);
        expect(answer.status).toBe(200);
        const clientId = answer.headers.get("x-client-id") ?? "";
        expect(clientId).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
        const key = identities.keyOf({ kind: "client", clientId, merchantId });
        const groups = await identities.find([key, walletKey(second), ben.key, walletKey(first)]);
        expect(groups[0]).toBe(groups[1]);
        expect(groups[2]).toBe(groups[3]);
        expect(groups[0]).not.toBe(groups[2]);

        const nodes = await database.current.$count(identityNodes);
        expect((await arrive(ben.clientId)).headers.get("x-client-id")).toBe(clientId);
        expect((await arrive(clientId)).headers.get("x-client-id")).toBeNull();
        expect(await database.current.$count(identityNodes)).toBe(nodes);
    });

    test("is let alone when it is nobody's, or this wallet's", async () => {
        const { merchantId, ben } = await teaStory();
        const holder = await signUp();
        const arrive = (clientId: string) =>
            holder.ask("POST", "/wallet/v1/track/arrival", {
                json: { merchantId },
                headers: { "x-client-id": clientId },
            });
        expect((await arrive(ben.clientId)).headers.get("x-client-id")).toBeNull();
        await link(holder, merchantId, ben.clientId);
        expect((await arrive(ben.clientId)).headers.get("x-client-id")).toBeNull();
    });
});

describe("a merge token", () => {
    const issue = async (merchantId: MerchantId, clientId: string): Promise<string> => {
        const asked = { json: { merchantId } };
        const { body } = await asBrowser(clientId)("POST", path("merge-tokens"), asked);
        return body.token;
    };
    const present = (merchantId: MerchantId, clientId: string, token: string) =>
        asBrowser(clientId)("POST", path("merge"), { json: { merchantId, token } });

    test("makes another browser the same person's, once", async () => {
        const { merchantId, ben } = await teaStory();
        const other = newClient(merchantId);
        const token = await issue(merchantId, ben.clientId);

        const answers = await Promise.all(
            Array.from({ length: 5 }, () => present(merchantId, other.clientId, token))
        );
        const bodies = answers.map(({ body }) => body);
        expect(bodies.filter(({ merged }) => merged)).toHaveLength(1);
        expect(answers.filter((one) => code(one) === "TOKEN_INVALID")).toHaveLength(4);
        const [one, another] = await identities.find([ben.key, other.key]);
        expect(one).toBe(another);
    });

    test("says that nothing was to be done for who made it", async () => {
        const { merchantId, ben } = await teaStory();
        const token = await issue(merchantId, ben.clientId);
        expect((await present(merchantId, ben.clientId, token)).body).toEqual({ merged: false });
    });

    test("is good at its own shop alone, and a refusal does not spend it", async () => {
        const [{ merchantId, ben }, elsewhere] = [await teaStory(), await teaStory()];
        const token = await issue(merchantId, ben.clientId);
        const browser = randomUUID();

        const refused = await present(elsewhere.merchantId, browser, token);
        expect([refused.status, code(refused)]).toEqual([400, "MERCHANT_MISMATCH"]);
        const invented = await present(merchantId, browser, "nobody's");
        expect([invented.status, code(invented)]).toEqual([401, "TOKEN_INVALID"]);
        expect((await present(merchantId, browser, token)).body).toEqual({ merged: true });
    });

    test("never makes one of two wallets, and is not kept in a form that could be used", async () => {
        const { merchantId, ben, cleo } = await teaStory();
        await link(await signUp(), merchantId, ben.clientId);
        await link(await signUp(), merchantId, cleo.clientId);
        const token = await issue(merchantId, ben.clientId);

        expect(code(await present(merchantId, cleo.clientId, token))).toBe("WALLET_CONFLICT");
        const kept = await database.current.select().from(identityHandovers);
        expect(JSON.stringify(kept)).not.toContain(token);
    });
});

describe("an install code", () => {
    const issue = async (merchantId: MerchantId, clientId: string) =>
        (
            await asBrowser(clientId)("POST", path("install-codes"), {
                json: { merchantId },
            })
        ).body;
    const redeem = (holder: Holder, typed: string) =>
        holder.ask("POST", path("install-codes/redeem"), { json: { code: typed } });

    test("is six clear letters and digits that bring what the browser has into the wallet", async () => {
        const { merchantId, ben } = await teaStory();
        const holder = await signUp();
        const { code: typed, expiresAt } = await issue(merchantId, ben.clientId);
        expect(typed).toMatch(/^[A-HJKMNP-Z2-9]{6}$/);
        const hours = (Date.parse(expiresAt) - Date.now()) / 3_600_000;
        expect(Math.round(hours)).toBe(72);

        const { body } = await redeem(holder, ` ${typed.toLowerCase()} `);
        expect(body.merchant).toMatchObject({ id: merchantId, name: "Ada's Tea" });
        const [one, other] = await identities.find([ben.key, walletKey(holder)]);
        expect(one).toBe(other);
        expect(code(await redeem(holder, typed))).toBe("CODE_NOT_FOUND");
    });

    test("is not found when it was never made", async () => {
        expect(code(await redeem(await signUp(), "AAAAAA"))).toBe("CODE_NOT_FOUND");
    });
});

describe("who am I", () => {
    test("what is known to be theirs, but none of its values, and nobody is made by asking", async () => {
        const { merchantId, ben } = await teaStory();
        const holder = await signUp();
        await link(holder, merchantId, ben.clientId);
        const { body, text } = await holder.ask("GET", path("me"));
        expect(body).toMatchObject({
            wallet: holder.wallet,
            merchants: [{ id: merchantId, name: "Ada's Tea" }],
        });
        expect(body.nodes.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
            "client",
            "wallet",
        ]);
        expect(text).not.toContain(ben.clientId);

        const before = await database.current.$count(identityGroups);
        const nobody = await asBrowser(randomUUID())("GET", path(`me?merchantId=${merchantId}`));
        expect(nobody.body).toEqual({ wallet: null, nodes: [], merchants: [] });
        expect(await database.current.$count(identityGroups)).toBe(before);
    });
});

describe("two wallets of one person", () => {
    const agree = async (into: Holder, from: Holder) => {
        const json = { from: from.wallet };
        return (await into.ask("POST", path("wallet-merge/challenge"), { json })).body;
    };
    const merge = (into: Holder, challengeId: string, answers: object) =>
        into.ask("POST", path("wallet-merge"), { json: { challengeId, ...answers } });

    test("become one when a passkey of each signs for it", async () => {
        const tea = await teaStory();
        const [old, current] = [await signUp(), await signUp()];
        await link(old, tea.merchantId, tea.ben.clientId);
        await link(current, tea.merchantId, tea.cleo.clientId);
        const { challengeId, challenge } = await agree(current, old);
        const answers = { into: current.sign(challenge), from: old.sign(challenge) };

        expect((await merge(current, challengeId, answers)).body).toEqual({ merged: true });
        const groups = await identities.find([tea.ben.key, tea.cleo.key, walletKey(current)]);
        expect(new Set(groups).size).toBe(1);
        expect(await identities.find([walletKey(old)])).toEqual([undefined]);
        expect(code(await merge(current, challengeId, answers))).toBe("CHALLENGE_INVALID");
        await comes(tea.merchantId, tea.ben.key, tea.code);
    });

    test("and not when one of them does not agree, or agreed to something else", async () => {
        const [mine, theirs, third] = [await signUp(), await signUp(), await signUp()];
        for (const forged of [
            (challenge: string) => ({ into: mine.sign(challenge), from: mine.sign(challenge) }),
            (challenge: string) => ({ into: mine.sign(challenge), from: third.sign(challenge) }),
        ]) {
            const { challengeId, challenge } = await agree(mine, theirs);
            const refused = await merge(mine, challengeId, forged(challenge));
            expect([refused.status, code(refused)]).toEqual([401, "ASSERTION_INVALID"]);
        }
        const { challengeId, challenge } = await agree(mine, theirs);
        const answers = { into: mine.sign(challenge), from: theirs.sign(challenge) };
        expect(code(await merge(theirs, challengeId, answers))).toBe("CHALLENGE_INVALID");
        const groups = await identities.find([walletKey(mine), walletKey(theirs)]);
        expect(groups[0]).not.toBe(groups[1]);
        const same = await mine.ask("POST", path("wallet-merge/challenge"), {
            json: { from: mine.wallet },
        });
        expect(code(same)).toBe("SAME_WALLET");
    });

    test("and no other challenge will do", async () => {
        const [mine, theirs] = [await signUp(), await signUp()];
        const { body } = await ask("POST", "/wallet/v1/auth/challenge", {
            json: { purpose: "stepUp" },
        });
        const credential = mine.sign(body.challenge);
        const refused = await merge(mine, body.challengeId, { into: credential, from: credential });
        expect(code(refused)).toBe("CHALLENGE_INVALID");
        expect((await theirs.ask("GET", "/wallet/v1/auth/session")).status).toBe(200);
    });
});

test("a mail address is not asked for where no mail can be sent, and that is said", async () => {
    const json = { email: "cleo@example.com" };
    const refused = await (await signUp()).ask("POST", path("email"), { json });
    expect([refused.status, code(refused)]).toEqual([503, "MAIL_NOT_CONFIGURED"]);
    expect(await database.current.$count(identityMailCodes)).toBe(0);
});

describe("forget me", () => {
    test("takes a passkey of the wallet, there and then", async () => {
        const holder = await signUp();
        const unproven = await holder.ask("DELETE", path("me"));
        expect([unproven.status, code(unproven)]).toEqual([403, "STEP_UP_REQUIRED"]);
        expect((await holder.ask("GET", "/wallet/v1/auth/session")).status).toBe(200);
    });

    test("ends the sessions at once", async () => {
        const holder = await signUp();
        await holder.stepUp();
        const answer = await holder.ask("DELETE", path("me"));
        expect([answer.status, answer.body]).toEqual([202, { status: "started" }]);
        expect(code(await holder.ask("GET", "/wallet/v1/auth/session"))).toBe("SESSION_ENDED");
        const [open] = await database.rows<{ count: number }>(
            sql`select count(*)::int as count from identity_erasures where wallet = ${holder.wallet.toLowerCase()}`
        );
        expect(open?.count).toBe(1);
    });
});
