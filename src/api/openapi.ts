import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { swagger } from "@elysiajs/swagger";
import { Elysia } from "elysia";
import { NotFoundError } from "@/utils/errors";
import { openApi31 } from "./openApi31";

const assets = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const documentPath = "/swagger/json";
const assetNames = ["swagger-ui.css", "swagger-ui-bundle.js"] as const;

const securitySchemes = {
    walletToken: { type: "apiKey", in: "header", name: "x-wallet-auth" },
    sdkToken: { type: "apiKey", in: "header", name: "x-wallet-sdk-auth" },
    clientId: { type: "apiKey", in: "header", name: "x-client-id" },
    businessSession: { type: "apiKey", in: "cookie", name: "businessSession" },
    apiKey: { type: "http", scheme: "bearer", description: "ck_live_… or ck_test_…" },
    shopifyHmac: { type: "apiKey", in: "header", name: "x-shopify-hmac-sha256" },
    wooCommerceHmac: { type: "apiKey", in: "header", name: "x-wc-webhook-signature" },
    standardWebhooks: { type: "apiKey", in: "header", name: "webhook-signature" },
    plainHmac: { type: "apiKey", in: "header", name: "x-hmac-sha256" },
} as const;

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Commend API</title><link rel="stylesheet" href="/swagger/ui/swagger-ui.css"></head>
<body><div id="ui"></div><script src="/swagger/ui/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: "/swagger/json", dom_id: "#ui" })</script></body>
</html>`;

/** `/swagger/json` is the document; `/swagger` shows it with files of our own, so that no network is needed. */
export const openapi = new Elysia({ name: "openapi" })
    .onAfterHandle(({ path, response }) =>
        path === documentPath ? openApi31(response as Parameters<typeof openApi31>[0]) : undefined
    )
    .use(
        swagger({
            path: documentPath,
            specPath: documentPath,
            exclude: [/^\/swagger/, /^\/demo/, "/*"],
            documentation: {
                ...{ openapi: "3.1.0" },
                info: {
                    title: "Commend",
                    version: "1",
                    description:
                        "Referral and rewards. Money is never a JSON number; errors have one shape; lists take limit and cursor.",
                },
                components: { securitySchemes },
            },
        })
    )
    .get("/swagger", () => new Response(page, { headers: { "content-type": "text/html" } }), {
        detail: { hide: true },
    })
    .get("/swagger/ui/:file", ({ params }) => assetOf(params.file), {
        detail: { hide: true },
    });

function assetOf(name: string): Response {
    const known = assetNames.find((asset) => asset === name);
    if (!known) throw new NotFoundError("ROUTE_NOT_FOUND", "There is no such file");
    return new Response(Bun.file(join(assets, known)));
}
