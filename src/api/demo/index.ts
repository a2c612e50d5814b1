import { Elysia, t } from "elysia";
import { CampaignContext } from "@/domain/campaign";
import { OrchestrationContext } from "@/orchestration";
import { type DeliveryView, ReadContext } from "@/orchestration/read";
import { NotFoundError } from "@/utils/errors";
import type { DeliveryId } from "@/utils/ids";
import { asInstant, asInstantOrNull, asMoney, asTokenAmount, IdOf } from "../schemas";
import { asWhy } from "../views";
import { pageFiles } from "./pageFiles";
import { tellOfOrder } from "./tellOfOrder";

const { demoShop } = OrchestrationContext;

const shopRoutes = new Elysia({ prefix: "/shop" })
    .get("/", async () => {
        const { webhookSecret: _, ...shop } = await demoShop.open();
        return shop;
    })
    .get("/campaign", async () => {
        const { merchantId } = await demoShop.open();
        const page = { limit: 1, before: undefined };
        const [latest] = await CampaignContext.services.campaigns.list(merchantId, page);
        return { name: latest?.campaign.name, definition: latest?.version.definition };
    })
    .get("/bank", async () => {
        const { merchantId } = await demoShop.open();
        const { status, assets } = await ReadContext.banks.of(merchantId);
        return {
            status,
            balances: assets.map(({ asset, balance }) => asTokenAmount(balance, asset)),
        };
    });

const orderRoutes = new Elysia({ prefix: "/orders" })
    .post("/", async ({ body }) => tellOfOrder(await demoShop.open(), body), {
        body: t.Object({
            clientId: t.String({ format: "uuid" }),
            total: t.Optional(t.String({ pattern: "^\\d{1,6}\\.\\d{2}$" })),
        }),
    })
    .get(
        "/:deliveryId",
        async ({ params }) => {
            const { merchantId } = await demoShop.open();
            const delivery = await ReadContext.deliveries.find(merchantId, params.deliveryId);
            if (delivery) return asOrder(delivery);
            throw new NotFoundError("DELIVERY_NOT_FOUND", "There is no such delivery");
        },
        { params: t.Object({ deliveryId: IdOf<DeliveryId>() }) }
    );

/**
 * One page that plays the whole story for a person. It signs orders in the name of the demo shop, so it is
 * there in development only.
 */
export const demo = new Elysia({ prefix: "/demo", detail: { hide: true } })
    .use(pageFiles)
    .use(shopRoutes)
    .use(orderRoutes);

/** Where a delivery stands, the purchase that it told of, and what was decided about that. */
async function asOrder({ purchase, ...delivery }: DeliveryView) {
    const why = purchase ? await ReadContext.why.findOfPurchase(purchase.id) : undefined;
    return {
        deliveryId: delivery.id,
        status: delivery.status,
        reason: delivery.reason,
        receivedAt: asInstant(delivery.receivedAt),
        processedAt: asInstantOrNull(delivery.processedAt),
        purchase: purchase && {
            id: purchase.id,
            name: purchase.externalName ?? purchase.externalId,
            status: purchase.status,
            total: purchase.currency && asMoney(purchase.total, purchase.currency),
            linkedBy: purchase.linkedBy,
        },
        why: why ? asWhy(why) : null,
    };
}
