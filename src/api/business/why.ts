import { Elysia, t } from "elysia";
import { ReadContext } from "@/orchestration/read";
import type { GroupId, MerchantId } from "@/utils/ids";
import { merchantAction } from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { IdOf, refusals } from "../schemas";
import { asWhy, Why } from "../views";

const mostShown = 100;

/** What was decided about one person at one shop: nobody is known there of whom nothing was. */
export const customerWhy = new Elysia({ prefix: "/merchants/:merchantId/customers/:groupId" })
    .use(rateLimit)
    .use(merchantAction)
    .get(
        "/why",
        async ({ params: { merchantId, groupId } }) => {
            const found = await ReadContext.why.findOfGroup(merchantId, groupId, mostShown);
            return { items: found.map(asWhy) };
        },
        {
            rateLimit: "dashboard",
            merchantAction: "purchases:read",
            params: t.Object({ merchantId: IdOf<MerchantId>(), groupId: IdOf<GroupId>() }),
            response: {
                200: t.Object({ items: t.Array(Why) }),
                ...refusals({
                    401: ["AUTH_REQUIRED", "SESSION_ENDED"],
                    403: ["ROLE_TOO_LOW"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags: ["campaigns"],
                summary: "What was decided about a person's last hundred interactions, and why",
            },
        }
    );
