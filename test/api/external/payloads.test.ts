import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { touchpoints } from "@/domain/attribution/db/schema";
import { IdentityContext } from "@/domain/identity";
import type { Platform, Purchase } from "@/domain/purchases";
import { database } from "@/infrastructure/persistence/postgres";
import {
    bodyOf,
    deliveriesOf,
    delivers,
    inboxOf,
    known,
    put,
    rewardsOf,
    type Told,
} from "../../fixtures/inbox";
import { comes, type Tea, teaStory, workOff } from "../../fixtures/tea";

/** The browser that all of these orders name. */
const clientId = "6f1f7c7e-7e0b-4b55-9f0e-7d9b7d7a9f10";
const { identities } = IdentityContext.services;

/** Ben told the person with that browser about Ada's shop, which is on this platform now. */
async function shopOn(platform: "shopify" | "woocommerce"): Promise<Tea> {
    const tea = await teaStory();
    const { secret, oldSecret } = deliveriesOf(platform);
    // Woo's is of 30 characters; Shopify's of 26 is the platform's own making.
    if (oldSecret) await put(tea.merchantId, platform, oldSecret);
    await put(tea.merchantId, platform, secret);
    const { merchantId } = tea;
    await comes(merchantId, identities.keyOf({ kind: "client", clientId, merchantId }), tea.code);
    await database.current
        .update(touchpoints)
        .set({ occurredAt: new Date("2026-11-19T12:00:00Z") })
        .where(eq(touchpoints.merchantId, merchantId));
    return tea;
}

async function tell({ merchantId }: Tea, platform: Platform, { file, headers }: Told) {
    const answer = await delivers(merchantId, platform, { headers, body: bodyOf(platform, file) });
    await workOff();
    return answer;
}
const earned = async ({ merchantId }: Tea) =>
    (await rewardsOf(merchantId)).filter(({ status }) => status !== "cancelled").length;

/** What earns by itself; whatever is not in here earns nothing, each for the reason in its `expect`. */
const earning = new Set([
    "paid",
    "paid-retry",
    "updated",
    "updated-partially-refunded",
    "unknown-fields",
    "rotated-secret-old",
    "updated-processing",
    "updated-completed",
    "partial-refund-1",
    "partial-refund-2",
    "subscription-renewal",
]);

describe.each(["shopify", "woocommerce"] as const)("each delivery of %s alone", (platform) => {
    const { deliveries } = deliveriesOf(platform);

    test.each(deliveries)("$name: $expect", async (told) => {
        const tea = await shopOn(platform);
        const isRefused = told.expect.startsWith("401");
        const { status, body } = await tell(tea, platform, told);
        expect(status).toBe(isRefused ? 401 : 200);
        const inbox = await inboxOf(tea.merchantId);
        expect(inbox).toHaveLength(isRefused || body.status === "ignored" ? 0 : 1);
        for (const one of inbox) expect(["processed", "ignored"]).toContain(one.status);
        expect(await earned(tea)).toBe(earning.has(told.name) ? 2 : 0);

        const once = await known(tea.merchantId);
        expect((await tell(tea, platform, told)).status).toBe(status);
        expect(await inboxOf(tea.merchantId)).toHaveLength(inbox.length);
        expect(await known(tea.merchantId)).toEqual(once);
    });
});

describe("the life of Shopify's order", () => {
    const life: [string, Purchase["status"], bigint, number][] = [
        ["create-pending", "pending", 0n, 0],
        ["paid", "confirmed", 0n, 2],
        ["paid-retry", "confirmed", 0n, 2],
        ["updated", "confirmed", 0n, 2],
        ["stale-pending-after-paid", "confirmed", 0n, 2],
        ["refund-partial-1", "partiallyRefunded", 12_191n, 2],
        ["refund-partial-1-retry", "partiallyRefunded", 12_191n, 2],
        ["updated-partially-refunded", "partiallyRefunded", 12_191n, 2],
        ["refund-amount-only", "partiallyRefunded", 13_191n, 2],
        ["refund-pending-transaction", "partiallyRefunded", 13_191n, 2],
        ["cancelled", "cancelled", 26_390n, 0],
    ];
    test("is told step by step", async () => {
        const tea = await shopOn("shopify");
        const { deliveries } = deliveriesOf("shopify");
        for (const [name, status, refunded, count] of life) {
            const told = deliveries.find((one) => one.name === name) as Told;
            expect((await tell(tea, "shopify", told)).status).toBe(200);
            expect(await known(tea.merchantId)).toMatchObject([
                { status, refunded, total: 26_390n, subtotal: 25_800n, linkedBy: "client" },
            ]);
            expect(await earned(tea)).toBe(count);
        }
    });
});

describe("the life of WooCommerce's order", () => {
    const life: [string, Purchase["status"], bigint, number][] = [
        ["created-pending", "pending", 0n, 0],
        ["updated-processing", "confirmed", 0n, 2],
        ["updated-completed", "confirmed", 0n, 2],
        ["partial-refund-1", "partiallyRefunded", 3_500n, 2],
        ["partial-refund-2", "partiallyRefunded", 4_700n, 2],
        ["refunded", "refunded", 8_690n, 0],
    ];
    test("is told step by step", async () => {
        const tea = await shopOn("woocommerce");
        const { deliveries } = deliveriesOf("woocommerce");
        for (const [name, status, refunded, count] of life) {
            const told = deliveries.find((one) => one.name === name) as Told;
            await tell(tea, "woocommerce", told);
            expect(await known(tea.merchantId)).toMatchObject([{ status, refunded }]);
            expect(await earned(tea)).toBe(count);
        }
    });

    test("a refund that is missing from a newer order is undone", async () => {
        const tea = await shopOn("woocommerce");
        const { deliveries } = deliveriesOf("woocommerce");
        for (const name of ["partial-refund-2", "partial-refund-1"]) {
            await tell(tea, "woocommerce", deliveries.find((one) => one.name === name) as Told);
        }
        // Told last, but older: nothing is undone by it.
        expect(await known(tea.merchantId)).toMatchObject([{ refunded: 4_700n }]);
    });
});
