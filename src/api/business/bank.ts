import { Elysia, t } from "elysia";
import type { Address } from "viem";
import { MerchantContext } from "@/domain/merchant";
import { OrchestrationContext } from "@/orchestration";
import { type BankView, type PaymentView, ReadContext } from "@/orchestration/read";
import { scaled } from "@/utils/decimal";
import { InvalidError } from "@/utils/errors";
import type { MerchantId } from "@/utils/ids";
import { idempotent } from "../macros/idempotency";
import { allowed, businessCaller, merchantAction } from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import {
    AddressText,
    asInstant,
    asTokenAmount,
    IdOf,
    Instant,
    orNull,
    refusals,
    TokenAmountShape,
} from "../schemas";

const { merchants } = MerchantContext.services;
const { bankOpening, chainOrders, testFunding } = OrchestrationContext;
const tags = ["bank"];
const params = t.Object({ merchantId: IdOf<MerchantId>() });

/** What the faucet gives when nobody says how much: a thousand tokens. */
const defaultFunding = "1000";

const Bank = t.Object({
    status: t.String({ examples: ["none", "deploying", "open", "paused"] }),
    address: orNull(t.String()),
    balances: t.Array(TokenAmountShape, { description: "Held on chain" }),
    committed: t.Array(TokenAmountShape, { description: "Owed to people and not yet paid" }),
    limits: t.Array(t.Object({ left: TokenAmountShape }), {
        description: "What may still be paid out in this period",
    }),
});

const Payment = t.Object({
    id: t.String(),
    wallet: t.String(),
    amount: TokenAmountShape,
    rewards: t.Array(t.String()),
    status: t.String({ examples: ["created", "sent", "confirmed", "skipped", "failed"] }),
    reason: orNull(t.String()),
    txHash: orNull(t.String()),
    epoch: t.String(),
    createdAt: Instant,
});
const ordering = {
    merchantAction: "bank:write",
    idempotent: true,
    params,
    response: {
        202: t.Object({
            status: t.String({ examples: ["requested", "sent", "done", "failed"] }),
            reason: orNull(t.String()),
            txHash: orNull(t.String()),
        }),
        ...refusals({
            401: ["AUTH_REQUIRED", "SESSION_ENDED"],
            403: ["ROLE_TOO_LOW"],
            404: ["MERCHANT_NOT_FOUND"],
            409: ["BANK_NOT_FOUND"],
        }),
    },
} as const;

export const bank = new Elysia({ prefix: "/merchants/:merchantId/bank" })
    .use(rateLimit)
    .use(merchantAction)
    .use(idempotent)
    .guard({ rateLimit: "dashboard" })
    .get("", async ({ params }) => asBank(await ReadContext.banks.of(params.merchantId)), {
        merchantAction: "bank:read",
        params,
        response: {
            200: Bank,
            ...refusals({
                401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
                403: ["SCOPE_MISSING", "MODE_MISMATCH"],
                404: ["MERCHANT_NOT_FOUND"],
                503: ["CHAIN_UNAVAILABLE"],
            }),
        },
        detail: { tags, summary: "The merchant's vault on chain" },
    })
    .post(
        "/deploy",
        async ({ params, session, status }) => {
            const { status: state, address } = await bankOpening.request(
                params.merchantId,
                session.subject
            );
            return status(202, { status: state, address });
        },
        {
            merchantAction: "bank:deploy",
            idempotent: true,
            params,
            response: {
                202: t.Object({ status: t.String(), address: t.String() }),
                ...refusals({
                    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
                    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags,
                summary: "Have the bank deployed",
                description:
                    "Done by a job; the address is known at once. Asking again changes nothing.",
            },
        }
    );

/** Beside the routes above, so that each stays short. */
export const bankOrders = new Elysia({ prefix: "/merchants/:merchantId/bank" })
    .use(rateLimit)
    .use(merchantAction)
    .use(idempotent)
    .guard({ rateLimit: "dashboard" })
    .post(
        "/pause",
        async ({ params, session, status }) =>
            status(202, await order(params.merchantId, "pauseBank", session.subject)),
        {
            ...ordering,
            detail: {
                tags,
                summary: "Have the bank paused",
                description: "Done by a job. Once it is, nothing leaves the bank by the hub.",
            },
        }
    )
    .post(
        "/resume",
        async ({ params, session, status }) =>
            status(202, await order(params.merchantId, "resumeBank", session.subject)),
        {
            ...ordering,
            detail: { tags, summary: "Have the bank resumed", description: "Done by a job." },
        }
    )
    .get(
        "/transactions",
        async ({ params, query }) => {
            const page = pageFrom(query);
            const rows = await ReadContext.payments.findOfMerchant(params.merchantId, {
                limit: page.limit + 1,
                before: numberedFrom(page.before),
            });
            const payments = rows.map((row) => ({ ...row, id: row.id.toString() }));
            return toPage(payments, page, asPayment);
        },
        {
            merchantAction: "bank:read",
            params,
            query: PageQuery,
            response: {
                200: pageOf(Payment),
                ...refusals({
                    400: ["INVALID_CURSOR"],
                    401: ["AUTH_REQUIRED", "SESSION_ENDED"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: { tags, summary: "The transfers out of the bank, newest first" },
        }
    );

export const funding = new Elysia({ prefix: "/funding" })
    .use(rateLimit)
    .use(businessCaller)
    .use(idempotent)
    .post(
        "/test-token",
        async ({ body, session, status }) => {
            await allowed(session, body.merchantId, "bank:write");
            const asset = merchants.assetOf(body.asset);
            const amount = scaled(body.amount ?? defaultFunding, asset.decimals);
            const txHash = await testFunding.fund({
                merchantId: body.merchantId,
                token: asset.address,
                amount,
            });
            return status(202, { txHash, amount: asTokenAmount(amount, asset) });
        },
        {
            rateLimit: "dashboard",
            businessCaller: true,
            idempotent: true,
            body: t.Object({
                merchantId: IdOf<MerchantId>(),
                asset: t.Optional(AddressText),
                amount: t.Optional(
                    t.String({ pattern: "^\\d{1,9}(\\.\\d{1,18})?$", description: "In tokens" })
                ),
            }),
            response: {
                202: t.Object({ txHash: t.String(), amount: TokenAmountShape }),
                ...refusals({
                    400: ["UNKNOWN_ASSET"],
                    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
                    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH", "TEST_CHAIN_ONLY"],
                    404: ["MERCHANT_NOT_FOUND"],
                    409: ["BANK_NOT_FOUND"],
                    503: ["CHAIN_UNAVAILABLE"],
                }),
            },
            detail: { tags, summary: "Test tokens for a bank, on a test chain" },
        }
    );

async function order(merchantId: MerchantId, kind: "pauseBank" | "resumeBank", by: Address) {
    const request = { merchantId, kind, requestedBy: by, domain: null };
    const { status, reason, txHash } = await chainOrders.request(request);
    return { status, reason, txHash };
}

/** A cursor of this list holds a payment's number. */
function numberedFrom(before: string | undefined): bigint | undefined {
    if (before === undefined) return undefined;
    if (/^\d+$/.test(before)) return BigInt(before);
    throw new InvalidError("INVALID_CURSOR", "This cursor is of another list");
}

const asPayment = ({
    token,
    rewardIds,
    epoch,
    ...payment
}: Omit<PaymentView, "id"> & { id: string }) => ({
    id: payment.id,
    wallet: payment.wallet,
    amount: asTokenAmount(payment.amount, merchants.assetOf(token)),
    rewards: rewardIds,
    status: payment.status,
    reason: payment.reason,
    txHash: payment.txHash,
    epoch: epoch.toString(),
    createdAt: asInstant(payment.createdAt),
});

const asBank = ({ status, address, assets }: BankView) => ({
    status,
    address,
    balances: assets.map(({ asset, balance }) => asTokenAmount(balance, asset)),
    committed: assets.map(({ asset, committed }) => asTokenAmount(committed, asset)),
    limits: assets.map(({ asset, limitLeft }) => ({ left: asTokenAmount(limitLeft, asset) })),
});
