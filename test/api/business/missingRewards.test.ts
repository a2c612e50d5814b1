import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { missingRewardDecisions } from "@/domain/purchases/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { askWith, signedIn } from "../../fixtures/api";
import { rewardsOf } from "../../fixtures/inbox";
import { buys, newClient, newOrderId, teaStory, workOff } from "../../fixtures/tea";

async function deskStory() {
    const tea = await teaStory();
    const ada = await signedIn(tea.ada);
    const cleo = askWith({ "x-client-id": tea.cleo.clientId });
    const asks = (orderId: string, asker = cleo) =>
        asker("POST", "/wallet/v1/rewards/missing", {
            json: { merchantId: tea.merchantId, orderId, note: "Ben told me!" },
        });
    const answers = (id: string, word: string, json: object = {}) =>
        ada("POST", `/business/v1/merchants/${tea.merchantId}/missing-rewards/${id}/${word}`, {
            json,
        });
    return { tea, ada, cleo, asks, answers };
}

describe("Cleo misses a reward", () => {
    test("Ada says yes: the order is Cleo's, earns, and who said so is written down", async () => {
        const { tea, cleo, asks, answers, ada } = await deskStory();
        const id = newOrderId();
        await buys(tea, { id });
        expect(await rewardsOf(tea.merchantId)).toEqual([]);

        const asked = await asks(`#${id.slice(-5)}`);
        expect(asked.status).toBe(201);
        expect(asked.body).toMatchObject({ status: "open", note: "Ben told me!" });
        expect((await asks(`#${id.slice(-5)}`)).body.id).toBe(asked.body.id);
        const list = await ada(
            "GET",
            `/business/v1/merchants/${tea.merchantId}/missing-rewards?status=open`
        );
        expect(list.body.items).toHaveLength(1);

        const answer = await answers(asked.body.id, "approve");
        expect(answer.body).toMatchObject({ status: "approved", purchaseId: expect.any(String) });
        await workOff();
        expect(await rewardsOf(tea.merchantId)).toHaveLength(2);
        const mine = await cleo("GET", `/wallet/v1/rewards/missing?merchantId=${tea.merchantId}`);
        expect(mine.body.items).toMatchObject([{ status: "approved" }]);
        const decisions = await database.current
            .select()
            .from(missingRewardDecisions)
            .where(eq(missingRewardDecisions.merchantId, tea.merchantId));
        expect(decisions).toMatchObject([{ actor: tea.ada, action: "approved" }]);
        expect((await answers(asked.body.id, "approve")).body.error.code).toBe("ALREADY_ANSWERED");
    });

    test("before the shop tells of the order: it is Cleo's when it comes", async () => {
        const { tea, asks, answers } = await deskStory();
        const id = newOrderId();
        const asked = await asks(id);
        expect((await answers(asked.body.id, "approve")).status).toBe(200);
        await buys(tea, { id });
        expect(await rewardsOf(tea.merchantId)).toHaveLength(2);
    });

    test("of an order that is somebody else's: Ada cannot give it to her", async () => {
        const { tea, asks, answers } = await deskStory();
        const id = newOrderId();
        await buys(tea, { id, clientId: newClient(tea.merchantId).clientId });
        const asked = await asks(id);
        const answer = await answers(asked.body.id, "approve");
        expect([answer.status, answer.body.error.code]).toEqual([409, "ALREADY_LINKED"]);
    });

    test("Ada says no, and Cleo reads why", async () => {
        const { tea, cleo, asks, answers } = await deskStory();
        const asked = await asks("4711");
        await answers(asked.body.id, "reject", { reason: "It was paid with a voucher" });
        const mine = await cleo("GET", `/wallet/v1/rewards/missing?merchantId=${tea.merchantId}`);
        expect(mine.body.items).toMatchObject(
            [{ status: "rejected", reason: "It was paid with a voucher", answeredAt: /Z$/ }].map(
                ({ answeredAt: _, ...rest }) => rest
            )
        );
    });
});
