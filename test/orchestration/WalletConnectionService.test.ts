import { and, eq, inArray } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { interactions } from "@/domain/campaign/db/schema";
import { IdentityContext } from "@/domain/identity";
import { database } from "@/infrastructure/persistence/postgres";
import { type MerchantId, newId } from "@/utils/ids";
import { ask } from "../fixtures/api";
import { SoftwareAuthenticator } from "../fixtures/SoftwareAuthenticator";
import { newClient, teaStory } from "../fixtures/tea";

const { identities } = IdentityContext.services;
const origin = "http://localhost:3030";

type Challenge = { challengeId: string; challenge: string; user?: { id: string } };
type Page = { merchantId: MerchantId; clientId: string };

/** Somebody at a shop's page who makes a wallet, and later signs in with it. */
function newPerson() {
    let authenticator: SoftwareAuthenticator | undefined;
    const challengeFor = async (purpose: string): Promise<Challenge> =>
        (await ask("POST", "/wallet/v1/auth/challenge", { json: { purpose } })).body;
    const send = (route: string, { merchantId, clientId }: Page, proof: object) =>
        ask("POST", `/wallet/v1/auth/${route}`, {
            headers: { "x-client-id": clientId },
            json: { merchantId, ...proof },
        });
    return {
        async register(page: Page) {
            const challenge = await challengeFor("register");
            const userHandle = Buffer.from(challenge.user?.id ?? "", "base64url");
            authenticator = new SoftwareAuthenticator({ origin, userHandle });
            const credential = authenticator.register(challenge.challenge);
            const { challengeId } = challenge;
            return send("register", page, { challengeId, credential });
        },
        async login(page: Page) {
            const challenge = await challengeFor("login");
            const credential = authenticator?.authenticate(challenge.challenge);
            const { challengeId } = challenge;
            return send("login", page, { challengeId, credential });
        },
    };
}
const openedAt = async (merchantId: MerchantId) => {
    const triggers = ["signup", "walletConnected"] as const;
    const found = await database.current
        .select()
        .from(interactions)
        .where(
            and(
                eq(interactions.merchantId, merchantId),
                inArray(interactions.trigger, [...triggers])
            )
        );
    return found.toSorted((a, b) => a.trigger.localeCompare(b.trigger));
};

describe("a wallet on a shop's page", () => {
    test("signs up and connects once, however often it comes back", async () => {
        const { merchantId, cleo } = await teaStory();
        const person = newPerson();
        const page = { merchantId, clientId: cleo.clientId };
        const { status, body } = await person.register(page);
        expect(status).toBe(201);
        expect((await person.login(page)).status).toBe(200);

        const [groupId] = await identities.find([cleo.key]);
        const subject = body.wallet.toLowerCase();
        expect(await openedAt(merchantId)).toMatchObject([
            { trigger: "signup", groupId, subject },
            { trigger: "walletConnected", groupId, subject },
        ]);
    });

    test("that was made elsewhere only connects", async () => {
        const [here, there] = [await teaStory(), await teaStory()];
        const person = newPerson();
        await person.register({ ...here, clientId: here.cleo.clientId });
        await person.login({ ...there, clientId: there.cleo.clientId });
        expect(await openedAt(there.merchantId)).toMatchObject([{ trigger: "walletConnected" }]);
    });

    test("in somebody else's browser earns nothing by it, nor at a shop that there is not", async () => {
        const { merchantId } = await teaStory();
        const { clientId } = newClient(merchantId);
        await newPerson().register({ merchantId, clientId });
        const eve = newPerson();
        expect((await eve.register({ merchantId, clientId })).status).toBe(201);
        expect(await openedAt(merchantId)).toHaveLength(2);

        const nowhere = newId<MerchantId>();
        expect((await newPerson().register({ merchantId: nowhere, clientId })).status).toBe(201);
        expect(await openedAt(nowhere)).toEqual([]);
    });
});
