import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { beforeAll, describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { RewardsContext } from "@/domain/rewards";
import { contracts } from "@/infrastructure/blockchain";
import { OrchestrationContext } from "@/orchestration";
import { newId } from "@/utils/ids";
import { withWallet } from "../../fixtures/api";
import { audit } from "../../fixtures/books";
import { openBanks, settle, useContracts } from "../../fixtures/chain";
import { buys, newOrderId, teaStory } from "../../fixtures/tea";

beforeAll(useContracts);

const path = "/wallet/v1/rewards";

/** Ben has a wallet and is owed 20.2475 by a shop that pays out no less than 30 at once. */
async function benIsOwedLittle() {
    const tea = await teaStory();
    await openBanks();
    const token = contracts.testToken;
    const { merchantId } = tea;
    await OrchestrationContext.testFunding.fund({ merchantId, token, amount: 100_000_000n });
    const minimum = 30_000_000n;
    await RewardsContext.services.rewards.setMinimumPayout({ merchantId, token }, minimum);
    const wallet = privateKeyToAccount(generatePrivateKey()).address;
    const { identities } = IdentityContext.services;
    const keys = [identities.keyOf({ kind: "wallet", wallet }), tea.ben.key];
    await OrchestrationContext.identityMerge.unite({ keys, reason: "test", evidence: {} });
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
    await settle();
    return withWallet(wallet);
}

describe("a claim", () => {
    test("is paid below the minimum, once, however often it is asked for", async () => {
        const ben = await benIsOwedLittle();
        const waiting = await ben("GET", `${path}?status=available`);
        expect(waiting.body.items).toHaveLength(1);

        const first = await ben("POST", `${path}/claim`, { json: {} });
        expect(first.status).toBe(202);
        expect(first.body.amount.amount).toBe("20247500");
        const second = await ben("POST", `${path}/claim`, { json: {} });
        expect(second.body).toEqual(first.body);
        const state = () => ben("GET", `${path}/claims/${first.body.claimId}`);
        expect((await state()).body).toMatchObject({ status: "queued", txHash: null });

        await settle();
        expect((await state()).body).toMatchObject({
            status: "confirmed",
            txHash: expect.stringMatching(/^0x[\da-f]{64}$/),
        });
        const balance = await ben("GET", "/wallet/v1/balance");
        expect(balance.body.rewards[0]).toMatchObject({
            claimable: { amount: "0" },
            claimed: { amount: "20247500" },
        });
        const nothing = await ben("POST", `${path}/claim`, { json: {} });
        expect([nothing.status, nothing.body.error.code]).toEqual([409, "NOTHING_TO_CLAIM"]);
        expect(await audit()).toEqual([]);
    });

    test("is its claimant's alone", async () => {
        const ben = await benIsOwedLittle();
        const { body } = await ben("POST", `${path}/claim`, { json: {} });
        const eve = await withWallet(privateKeyToAccount(generatePrivateKey()).address);
        expect((await eve("GET", `${path}/claims/${body.claimId}`)).status).toBe(403);
        expect((await eve("GET", `${path}/claims/${newId()}`)).status).toBe(404);
        expect((await eve("POST", `${path}/claim`, { json: {} })).status).toBe(409);
    });
});
