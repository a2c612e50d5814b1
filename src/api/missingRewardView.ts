import { t } from "elysia";
import type { MissingReward as Row } from "@/domain/purchases";
import { asInstant, asInstantOrNull, Instant, orNull } from "./schemas";

export const MissingReward = t.Object({
    id: t.String(),
    merchantId: t.String(),
    orderId: t.String(),
    purchasedAt: orNull(Instant),
    note: orNull(t.String()),
    status: t.String({ examples: ["open", "approved", "rejected"] }),
    reason: orNull(t.String({ description: "What the merchant's staff says to it" })),
    purchaseId: orNull(t.String()),
    createdAt: Instant,
    answerDueAt: Instant,
    answeredAt: orNull(Instant),
});

export const asMissingReward = (row: Row) => ({
    id: row.id,
    merchantId: row.merchantId,
    orderId: row.orderId,
    purchasedAt: asInstantOrNull(row.purchasedAt),
    note: row.note,
    status: row.status,
    reason: row.reason,
    purchaseId: row.purchaseId,
    createdAt: asInstant(row.createdAt),
    answerDueAt: asInstant(row.answerDueAt),
    answeredAt: asInstantOrNull(row.answeredAt),
});
