import { Elysia, t } from "elysia";
import type { Address } from "viem";
import { type ChainOrder, MerchantContext } from "@/domain/merchant";
import { contracts } from "@/infrastructure/blockchain";
import { MerchantRegistryClient } from "@/infrastructure/blockchain/MerchantRegistryClient";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { businessSession } from "../macros/businessSession";
import { idempotent } from "../macros/idempotency";
import { merchantRole, roleOf } from "../macros/merchantRole";
import { rateLimit } from "../macros/rateLimit";
import { IdOf, orNull, refusals } from "../schemas";

const { merchants } = MerchantContext.services;
const { chainOrders } = OrchestrationContext;
const tags = ["products"];
const params = t.Object({ merchantId: IdOf<MerchantId>() });

const Product = t.Object({
    status: t.String({ examples: ["none", "requested", "sent", "done", "failed"] }),
    reason: orNull(t.String()),
    registry: t.String({ description: "The ERC-721 contract of merchants" }),
    domain: t.String(),
    tokenId: t.String({ description: "keccak256 of the domain, as a number" }),
    owner: orNull(t.String()),
    txHash: orNull(t.String()),
});
const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED"],
    403: ["ROLE_TOO_LOW"],
    404: ["MERCHANT_NOT_FOUND"],
} as const;
const minting = { 202: Product, ...refusals(unauthorized) };

const ofMerchant = new Elysia({ prefix: "/merchants/:merchantId/mint" })
    .use(rateLimit)
    .use(merchantRole)
    .use(idempotent)
    .guard({ rateLimit: "dashboard", merchantRole: "owner", params })
    .post(
        "",
        async ({ params, session, status }) =>
            status(202, await mint(params.merchantId, session.subject)),
        {
            idempotent: true,
            response: minting,
            detail: {
                tags,
                summary: "Have the merchant registered on chain",
                description: "Done by a job. Asking again changes nothing once it is done.",
            },
        }
    )
    .get(
        "",
        async ({ params }) =>
            asProduct(
                await merchants.mainDomain(params.merchantId),
                await chainOrders.find(params.merchantId, "mintProduct")
            ),
        {
            response: { 200: Product, ...refusals(unauthorized) },
            detail: { tags, summary: "Where the merchant's registration on chain stands" },
        }
    );

const alias = new Elysia({ prefix: "/products" })
    .use(rateLimit)
    .use(businessSession)
    .use(idempotent)
    .post(
        "/mint",
        async ({ body, session, status }) => {
            await roleOf(session, body.merchantId, "owner");
            return status(202, await mint(body.merchantId, session.subject));
        },
        {
            rateLimit: "dashboard",
            businessSession: true,
            idempotent: true,
            body: t.Object({ merchantId: IdOf<MerchantId>() }),
            response: minting,
            detail: { tags, summary: "As POST /merchants/:merchantId/mint" },
        }
    );

export const productRoutes = new Elysia().use(ofMerchant).use(alias);

async function mint(merchantId: MerchantId, requestedBy: Address) {
    const domain = await merchants.mainDomain(merchantId);
    const request = { merchantId, kind: "mintProduct", requestedBy, domain } as const;
    return asProduct(domain, await chainOrders.request(request));
}

const asProduct = (domain: string, order: ChainOrder | undefined) => ({
    status: order?.status ?? "none",
    reason: order?.reason ?? null,
    registry: contracts.merchantRegistry,
    domain: order?.domain ?? domain,
    tokenId: MerchantRegistryClient.idOf(order?.domain ?? domain).toString(),
    owner: order?.requestedBy ?? null,
    txHash: order?.txHash ?? null,
});
