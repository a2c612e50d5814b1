import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adapterOf } from "@/domain/purchases/services/adapters/adapterOf";
import { awaited } from "@/domain/purchases/services/awaited";
import {
    type HashedReport,
    mergeFacts,
    type PurchaseFacts,
} from "@/domain/purchases/services/mergeFacts";
import { netOf } from "@/domain/purchases/services/netOf";
import type { MerchantId } from "@/utils/ids";
import { parseLossless } from "@/utils/json";
import { type Chapter, chaptersOf, lives, shuffledOf } from "../../../fixtures/lifecycle";

const noon = new Date("2026-11-21T12:00:00.000Z");
const key = { merchantId: "ada" as MerchantId, platform: "shopify", externalId: "1001" } as const;
const unknown: PurchaseFacts = { purchase: awaited(key, noon), lines: [], refunds: [] };

function reportOf(platform: "shopify" | "woocommerce", { topic, body }: Chapter): HashedReport {
    const text = JSON.stringify(body);
    const reading = adapterOf(platform).read(topic, parseLossless(text), noon);
    if (!("report" in reading)) throw new Error(text);
    const { buyer, ...report } = reading.report;
    return {
        ...report,
        codes: buyer.codes,
        tokenLookups: buyer.tokens,
        landingUrl: null,
        customerLookup: null,
        emailLookup: null,
    };
}

/** What each chapter says is read once: to read it again is not what these tests are about. */
function merged(
    platform: "shopify" | "woocommerce",
    chapters: readonly Chapter[],
    read = new Map<Chapter, HashedReport>()
): PurchaseFacts {
    return chapters.reduce((facts, chapter) => {
        const report = read.get(chapter) ?? reportOf(platform, chapter);
        read.set(chapter, report);
        return mergeFacts(facts, report);
    }, unknown);
}

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
                const end = merged("shopify", inOrder, read);
                const other = merged("shopify", shuffled, read);
                same(other, end);

                const { purchase, lines, refunds } = end;
                const net = netOf(purchase, lines, refunds);
                same(netOf(other.purchase, other.lines, other.refunds), net);
                const paidBack = BigInt(life.refunds) * 1_000n + (life.amountOnly ? 333n : 0n);
                if (!life.edited) same([purchase.total, purchase.refunded], [5_500n, paidBack]);
                same(net.total, life.cancelled ? 0n : purchase.total - purchase.refunded);
            }),
            { numRuns: 10_000 }
        );
    }, 120_000);
});

describe("an order of WooCommerce, told in any order any number of times", () => {
    const time = (minute: number) => `2026-11-20T10:${String(minute).padStart(2, "0")}:00`;
    const steps = fc.record({
        status: fc.constantFrom(
            "pending",
            "failed",
            "processing",
            "completed",
            "cancelled",
            "trash"
        ),
        refunds: fc.subarray([1, 2, 3]),
        quantity: fc.integer({ min: 1, max: 3 }),
    });
    const told = fc.array(steps, { minLength: 1, maxLength: 6 }).chain((all) => {
        const inOrder = all.map(({ status, refunds, quantity }, minute) => ({
            topic: "order.updated",
            body: {
                id: 1001,
                status,
                currency: "EUR",
                date_modified_gmt: time(minute),
                date_paid_gmt: status === "processing" ? time(minute) : null,
                total: `${quantity * 20}.00`,
                line_items: [{ id: 1, quantity, total: `${quantity * 20}.00` }],
                refunds: refunds.map((id) => ({ id, total: `-${id}.50` })),
            },
        }));
        return fc.record({ inOrder: fc.constant(inOrder), shuffled: shuffledOf(inOrder) });
    });

    test("ends as its newest word says: refunds that it does not list are undone", () => {
        fc.assert(
            fc.property(told, ({ inOrder, shuffled }) => {
                const end = merged("woocommerce", inOrder);
                expect(merged("woocommerce", shuffled)).toEqual(end);
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
            expect(merged("woocommerce", chapters).purchase.status).toBe("cancelled");
        }
        for (const chapters of [
            [before, deleted, after],
            [after, deleted, before],
        ]) {
            expect(merged("woocommerce", chapters).purchase.status).toBe("confirmed");
        }
    });
});
