import { Elysia, t } from "elysia";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { rateLimit } from "../macros/rateLimit";
import { visitor } from "../macros/visitor";
import { IdOf, refusals } from "../schemas";

export const referral = new Elysia({ prefix: "/referral" })
    .use(rateLimit)
    .use(visitor)
    .guard({ rateLimit: "sdk", visitor: true })
    .get(
        "/link",
        ({ query, visitor }) => OrchestrationContext.shareLink.linkOf(query.merchantId, visitor),
        {
            query: t.Object({ merchantId: IdOf<MerchantId>() }),
            response: {
                200: t.Object({ code: t.String(), url: t.String() }),
                ...refusals({
                    401: ["AUTH_REQUIRED", "TOKEN_INVALID"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags: ["referral"],
                summary: "The caller's own link to share",
                description: "The code in it is public, made once, and tells nothing of its owner.",
            },
        }
    );
