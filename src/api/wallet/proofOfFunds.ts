import { Elysia, t } from "elysia";
import { MerchantContext } from "@/domain/merchant";
import { RewardsContext } from "@/domain/rewards";
import { type AssetFunds, ReadContext } from "@/orchestration/read";
import type { MerchantId } from "@/utils/ids";
import { asMerchantProof, MerchantProofShape } from "../common/epochs";
import { rateLimit } from "../macros/rateLimit";
import { asTokenAmount, IdOf, orNull, refusals, TokenAmountShape } from "../schemas";

const { epochs } = RewardsContext.services;
const { merchants } = MerchantContext.services;

export const proofOfFunds = new Elysia({ prefix: "/merchants/:merchantId/proof-of-funds" })
    .use(rateLimit)
    .guard({ rateLimit: "publicLists" })
    .get("", ({ params }) => proofOf(params.merchantId), {
        params: t.Object({ merchantId: IdOf<MerchantId>() }),
        response: {
            200: t.Object({
                bank: orNull(t.String()),
                block: t.String({ description: "The block as of which this is so" }),
                isFunded: t.Boolean({ description: "Of every asset at least as much as is owed" }),
                assets: t.Array(
                    t.Object({
                        isFunded: t.Boolean(),
                        funded: TokenAmountShape,
                        committed: TokenAmountShape,
                        claimable: TokenAmountShape,
                        paid: TokenAmountShape,
                    })
                ),
                lastEpoch: orNull(
                    t.Object({ epoch: t.String(), proofs: t.Array(MerchantProofShape) })
                ),
            }),
            ...refusals({ 404: ["MERCHANT_NOT_FOUND"], 503: ["CHAIN_UNAVAILABLE"] }),
        },
        detail: {
            tags: ["proofs"],
            summary: "Whether a merchant's bank holds what the merchant owes",
            description:
                "`proofs` say how much of it the last epoch committed to, each with its way to the published root.",
        },
    });

async function proofOf(id: MerchantId) {
    await merchants.get(id);
    const [{ bank, block, assets }, { last, proofs }] = await Promise.all([
        ReadContext.funds.of(id),
        epochs.merchantProofs(id),
    ]);
    return {
        bank,
        block: block.toString(),
        isFunded: assets.every(isFunded),
        assets: assets.map((one) => ({
            isFunded: isFunded(one),
            funded: asTokenAmount(one.funded, one.asset),
            committed: asTokenAmount(one.committed, one.asset),
            claimable: asTokenAmount(one.claimable, one.asset),
            paid: asTokenAmount(one.paid, one.asset),
        })),
        lastEpoch: last
            ? { epoch: last.epoch.toString(), proofs: proofs.map(asMerchantProof) }
            : null,
    };
}

/** To the base unit: one short is short. */
const isFunded = ({ funded, committed }: AssetFunds): boolean => funded >= committed;
