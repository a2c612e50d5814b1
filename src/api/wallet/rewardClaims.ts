import { Elysia, t } from "elysia";
import { IdentityContext } from "@/domain/identity";
import { MerchantContext } from "@/domain/merchant";
import { type RewardClaimId, RewardsContext } from "@/domain/rewards";
import { OrchestrationContext } from "@/orchestration";
import { ForbiddenError } from "@/utils/errors";
import { idempotent } from "../macros/idempotency";
import { rateLimit } from "../macros/rateLimit";
import { walletSession } from "../macros/walletSession";
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
const { identities } = IdentityContext.services;
const { claims } = RewardsContext.services;
const tags = ["rewards"];

export const rewardClaims = new Elysia({ prefix: "/rewards" })
    .use(rateLimit)
    .use(walletSession)
    .use(idempotent)
    .guard({ rateLimit: "wallet" })
    .post(
        "/claim",
        async ({ body, session, status }) => {
            const asset = merchants.assetOf(body.asset);
            const claimant = identities.keyOf({ kind: "wallet", wallet: session.subject });
            const claim = await OrchestrationContext.rewardClaim.claim(claimant, asset.address);
            return status(202, { claimId: claim.id, amount: asTokenAmount(claim.amount, asset) });
        },
        {
            walletSession: true,
            idempotent: true,
            body: t.Object({ asset: t.Optional(AddressText) }),
            response: {
                202: t.Object({ claimId: t.String(), amount: TokenAmountShape }),
                ...refusals({
                    400: ["UNKNOWN_ASSET"],
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"],
                    409: ["NOTHING_TO_CLAIM"],
                }),
            },
            detail: {
                tags,
                summary: "Be paid now what is available",
                description:
                    "Below the merchant's minimum payout too. Asking again is answered with the claim under way.",
            },
        }
    )
    .get(
        "/claims/:claimId",
        async ({ params, session }) => {
            const claim = await claims.view(params.claimId);
            const wallet = identities.keyOf({ kind: "wallet", wallet: session.subject });
            const [groupId] = await identities.find([wallet]);
            if (claim.groupId !== groupId) {
                throw new ForbiddenError("NOT_YOURS", "This claim is somebody else's");
            }
            return {
                claimId: claim.id,
                status: claim.status,
                amount: asTokenAmount(claim.amount, merchants.assetOf(claim.token)),
                txHash: claim.txHash,
                createdAt: asInstant(claim.createdAt),
            };
        },
        {
            walletSession: true,
            params: t.Object({ claimId: IdOf<RewardClaimId>() }),
            response: {
                200: t.Object({
                    claimId: t.String(),
                    status: t.String({ examples: ["queued", "sent", "confirmed", "failed"] }),
                    amount: TokenAmountShape,
                    txHash: orNull(t.String()),
                    createdAt: Instant,
                }),
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID", "SESSION_ENDED"],
                    403: ["NOT_YOURS"],
                    404: ["CLAIM_NOT_FOUND"],
                }),
            },
            detail: { tags, summary: "How far a claim is" },
        }
    );
