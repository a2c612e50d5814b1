import { eq } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { shopifyOrder } from "@/api/demo/shopifyOrder";
import { purchases } from "@/domain/purchases/db/schema";
import { rewards } from "@/domain/rewards/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { audit } from "../fixtures/books";
import { bringAFriend } from "../fixtures/story/Merchant";
import { buys, newOrderId, type Tea, teaStory, tells, workOff } from "../fixtures/tea";

afterEach(async () => {
    expect(await audit()).toEqual([]);
});

const { purchaseClaim, purchaseIntake } = OrchestrationContext;
const db = database.current;

const claims = ({ merchantId, cleo }: Tea, orderId: string, token: string) =>
    purchaseClaim.claim({ merchantId, orderId, token, claimant: cleo.key });
const owed = ({ merchantId }: Tea) =>
    db.select().from(rewards).where(eq(rewards.merchantId, merchantId));
const purchasesOf = ({ merchantId }: Tea) =>
    db.select().from(purchases).where(eq(purchases.merchantId, merchantId));

describe("Cleo claims her order", () => {
    test("after the shop told of it", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        await buys(tea, { id, token: "cleos-token" });
        expect(await owed(tea)).toEqual([]);

        expect(await claims(tea, id, "cleos-token")).toMatchObject({ linkedBy: "claim" });
        await workOff();
        expect(await owed(tea)).toHaveLength(2);
    });

    test("before the shop tells of it, by its gid", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        const claimed = await claims(tea, `gid://shopify/Order/${id}`, "cleos-token");
        expect(claimed).toMatchObject({ status: "awaited", groupId: null });

        await buys(tea, { id, token: "cleos-token" });
        expect(await purchasesOf(tea)).toMatchObject([{ status: "confirmed", linkedBy: "claim" }]);
        expect(await owed(tea)).toHaveLength(2);
    });

    test("with a wrong token: refused once the order is known, worth nothing before", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        await claims(tea, id, "guessed");
        await buys(tea, { id, token: "cleos-token" });
        expect(await purchasesOf(tea)).toMatchObject([{ groupId: null }]);

        await expect(claims(tea, id, "guessed")).rejects.toMatchObject({ code: "WRONG_TOKEN" });
        expect(await owed(tea)).toEqual([]);
    });

    test("at the very moment the shop tells of it, in either order, a hundred times", async () => {
        const { budget: _, ...unlimited } = bringAFriend;
        const tea = await teaStory({ definition: unlimited });
        const ids = Array.from({ length: 100 }, newOrderId);
        await Promise.all(ids.map((id) => tells(tea, shopifyOrder({ id, token: "cleos-token" }))));
        await Promise.all([
            purchaseIntake.processDue(),
            ...ids.map((id) => claims(tea, id, "cleos-token")),
            purchaseIntake.processDue(),
        ]);
        await workOff();

        const known = await purchasesOf(tea);
        expect(known).toHaveLength(100);
        expect(known.filter(({ groupId }) => groupId === null)).toEqual([]);
        expect(await owed(tea)).toHaveLength(200);
    });

    test("at a shop that tells of no orders: refused", async () => {
        const tea = await teaStory();
        const elsewhere = { ...tea, merchantId: crypto.randomUUID() as Tea["merchantId"] };
        await expect(claims(elsewhere, "1", "token")).rejects.toMatchObject({
            code: "WEBHOOK_NOT_CONFIGURED",
        });
    });
});
