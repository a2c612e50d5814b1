import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HashedReport, PurchaseFacts } from "@/domain/purchases/services/mergeFacts";
import { netOf } from "@/domain/purchases/services/netOf";
import {
    type Chapter,
    chaptersOf,
    type Life,
    lives,
    shuffledOf,
    wooChaptersOf,
    wooLives,
} from "../../../fixtures/lifecycle";
import { mergedOf } from "../../../fixtures/mergedOf";

/** An edit downwards changes what the lines cost; what that leaves is for the adapter's tests. */
const totalsIn = ({ purchase: { total, refunded } }: PurchaseFacts) => ({ total, refunded });
const totalsOf = ({ grown, refunds, amountOnly }: Life) => ({
    total: grown ? 8_500n : 5_500n,
    refunded: BigInt(refunds) * 1_000n + (amountOnly ? 333n : 0n),
});

const same = (a: unknown, b: unknown) => {
    if (!isDeepStrictEqual(a, b)) expect(a).toEqual(b);
};

describe("an order of Shopify, told in any order any number of times", () => {
    const told = lives.chain((life) => {
        const inOrder = chaptersOf(life);
        return fc.record({
            inOrder: fc.constant(inOrder),
            shuffled: shuffledOf(inOrder),
            life: fc.constant(life),
        });
    });

    test("ends as the same purchase, of the same net", () => {
        fc.assert(
            fc.property(told, ({ inOrder, shuffled, life }) => {
                const read = new Map<Chapter, HashedReport>();
                const end = mergedOf("shopify", inOrder, read);
                const other = mergedOf("shopify", shuffled, read);
                same(other, end);

                const { purchase, lines, refunds } = end;
                const net = netOf(purchase, lines, refunds);
                same(netOf(other.purchase, other.lines, other.refunds), net);
                same(net.total, life.cancelled ? 0n : purchase.total - purchase.refunded);
                if (!life.edited) same(totalsIn(end), totalsOf(life));
            }),
            { numRuns: 10_000 }
        );
    }, 120_000);
});

describe("an order of WooCommerce, told in any order any number of times", () => {
    const told = wooLives.chain((life) => {
        const inOrder = wooChaptersOf(life);
        return fc.record({ inOrder: fc.constant(inOrder), shuffled: shuffledOf(inOrder) });
    });

    test("ends as its newest word says: refunds that it does not list are undone", () => {
        fc.assert(
            fc.property(told, ({ inOrder, shuffled }) => {
                const end = mergedOf("woocommerce", inOrder);
                expect(mergedOf("woocommerce", shuffled)).toEqual(end);
                const newest = inOrder.at(-1)?.body;
                const listed = (newest?.refunds ?? []).reduce(
                    (sum, { id }) => sum + id * 100 + 50,
                    0
                );
                expect(end.purchase.refunded).toBe(BigInt(listed));
                const isDead = ["failed", "cancelled", "trash"].includes(newest?.status ?? "");
                expect(end.purchase.status === "cancelled").toBe(isDead);
            }),
            { numRuns: 3_000 }
        );
    }, 120_000);

    test("that was deleted is cancelled until the shop speaks of it again", () => {
        const order = (minute: number) => ({
            topic: "order.restored",
            body: {
                id: 1001,
                status: "processing",
                currency: "EUR",
                date_modified_gmt: `2026-11-2${minute}T10:00:00`,
                total: "20.00",
            },
        });
        const deleted = { topic: "order.deleted", body: { id: 1001 } };
        // Deleted at noon of the 21st.
        const [before, after] = [order(0), order(2)];
        for (const chapters of [
            [before, deleted],
            [deleted, before],
        ]) {
            expect(mergedOf("woocommerce", chapters).purchase.status).toBe("cancelled");
        }
        for (const chapters of [
            [before, deleted, after],
            [after, deleted, before],
        ]) {
            expect(mergedOf("woocommerce", chapters).purchase.status).toBe("confirmed");
        }
    });
});
