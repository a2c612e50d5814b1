import { Elysia, t } from "elysia";
import { type LedgerLine, RewardsContext } from "@/domain/rewards";
import type { MerchantId } from "@/utils/ids";
import { decodeCursor, encodeCursor } from "../cursor";
import { merchantAction } from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { PageQuery, pageOf } from "../page";
import { asInstant, IdOf, Instant, orNull, refusals } from "../schemas";

const { ledger } = RewardsContext.repositories;

const Place = t.Object({
    kind: t.String({
        examples: ["campaign", "pending", "available", "settling", "paid", "debt", "used"],
    }),
    owner: orNull(t.String({ description: "A campaign, or a person; null after a merge" })),
});
const Transfer = t.Object({
    number: t.String({ description: "Counts the merchant's transfers from 1" }),
    at: Instant,
    kind: t.String({ examples: ["granted", "unlocked", "settling", "settled", "revised"] }),
    asset: t.String({ description: "A token's address, or `points`" }),
    amount: t.String({ description: "Whole base units" }),
    debit: Place,
    credit: Place,
    rewardId: orNull(t.String()),
    purchaseId: orNull(t.String()),
    paymentId: orNull(t.String()),
    hash: t.String({ description: "Covers this transfer and the one before it" }),
});

export const ledgerRoutes = new Elysia({ prefix: "/merchants/:merchantId/ledger" })
    .use(rateLimit)
    .use(merchantAction)
    .get(
        "",
        async ({ params, query }) => {
            const { limit = 20, cursor } = query;
            const before = cursor === undefined ? undefined : BigInt(decodeCursor(cursor));
            const rows = await ledger.list(params.merchantId, { limit: limit + 1, before });
            const shown = rows.slice(0, limit);
            const last = shown.at(-1);
            return {
                items: shown.map(asTransfer),
                nextCursor: last && rows.length > limit ? encodeCursor(last.number) : null,
            };
        },
        {
            rateLimit: "dashboard",
            merchantAction: "rewards:read",
            params: t.Object({ merchantId: IdOf<MerchantId>() }),
            query: PageQuery,
            response: {
                200: pageOf(Transfer),
                ...refusals({
                    400: ["INVALID_CURSOR"],
                    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
                    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: { tags: ["ledger"], summary: "A merchant's books, newest first" },
        }
    );

const asTransfer = (line: LedgerLine) => ({
    number: line.number,
    at: asInstant(new Date(line.at)),
    kind: line.kind,
    asset: line.asset,
    amount: line.amount,
    debit: { kind: line.debit, owner: line.debitOwner },
    credit: { kind: line.credit, owner: line.creditOwner },
    rewardId: line.rewardId,
    purchaseId: line.purchaseId,
    paymentId: line.paymentId,
    hash: line.hash,
});
