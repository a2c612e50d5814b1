import { Elysia, t } from "elysia";
import { type ApiKey, AuthContext } from "@/domain/auth";
import { actions } from "@/domain/merchant";
import type { ApiKeyId, MerchantId } from "@/utils/ids";
import { oneOf } from "@/utils/schema";
import { idempotent } from "../macros/idempotency";
import { merchantRole } from "../macros/merchantRole";
import { rateLimit } from "../macros/rateLimit";
import { PageQuery, pageFrom, pageOf, toPage } from "../page";
import { asInstant, IdOf, Instant, refusals } from "../schemas";

const { apiKeys: keys } = AuthContext.services;
const tags = ["API keys"];
const params = t.Object({ merchantId: IdOf<MerchantId>() });

const shape = {
    id: t.String(),
    name: t.String(),
    mode: t.String({ examples: ["live", "test"] }),
    scopes: t.Array(t.String(), { examples: [["campaigns:read", "purchases:read"]] }),
    prefix: t.String({ examples: ["ck_live_8Zq1"] }),
    lastFour: t.String({ examples: ["x9Kd"] }),
    createdBy: t.String(),
    createdAt: Instant,
};
const unauthorized = {
    401: ["AUTH_REQUIRED", "SESSION_ENDED"],
    403: ["ROLE_TOO_LOW"],
    404: ["MERCHANT_NOT_FOUND"],
} as const;

/** For owners who signed in: a key cannot make keys. */
export const apiKeys = new Elysia({ prefix: "/merchants/:merchantId/api-keys" })
    .use(rateLimit)
    .use(merchantRole)
    .use(idempotent)
    .guard({ rateLimit: "dashboard" })
    .get(
        "",
        async ({ params, query }) => {
            const page = pageFrom(query);
            const { limit, before } = page;
            const rows = await keys.list(params.merchantId, { limit: limit + 1, before });
            return toPage(rows, page, asApiKey);
        },
        {
            merchantRole: "owner",
            params,
            query: PageQuery,
            response: {
                200: pageOf(t.Object(shape)),
                ...refusals({ ...unauthorized, 400: ["INVALID_CURSOR"] }),
            },
            detail: { tags, summary: "A merchant's API keys that are in use, newest first" },
        }
    )
    .post(
        "",
        async ({ params: { merchantId }, body, session, status }) => {
            const asked = { ...body, merchantId, createdBy: session.subject };
            const { key, text } = await keys.create(asked);
            return status(201, { ...asApiKey(key), key: text });
        },
        {
            merchantRole: "owner",
            idempotent: true,
            params,
            body: t.Object({
                name: t.String({ minLength: 1, maxLength: 100, examples: ["Tea back office"] }),
                scopes: t.Array(oneOf(...actions), { minItems: 1, maxItems: 50 }),
                mode: oneOf("live", "test"),
            }),
            response: {
                201: t.Object({ ...shape, key: t.String({ description: "Shown this once" }) }),
                ...refusals(unauthorized),
            },
            detail: {
                tags,
                summary: "Make an API key",
                description:
                    "Sent as `Authorization: Bearer ck_live_…`. A test key is for test merchants.",
            },
        }
    )
    .delete(
        "/:keyId",
        async ({ params: { merchantId, keyId }, status }) => {
            await keys.revoke(merchantId, keyId);
            return status(204, undefined);
        },
        {
            merchantRole: "owner",
            idempotent: true,
            params: t.Object({ merchantId: IdOf<MerchantId>(), keyId: IdOf<ApiKeyId>() }),
            response: {
                204: t.Void(),
                ...refusals({ ...unauthorized, 404: [...unauthorized[404], "API_KEY_NOT_FOUND"] }),
            },
            detail: { tags, summary: "Revoke an API key" },
        }
    );

const asApiKey = ({ createdAt, ...key }: ApiKey) => ({
    id: key.id,
    name: key.name,
    mode: key.mode,
    scopes: key.scopes,
    prefix: key.prefix,
    lastFour: key.lastFour,
    createdBy: key.createdBy,
    createdAt: asInstant(createdAt),
});
