import { stringify } from "csv-stringify/sync";
import { Elysia, t } from "elysia";
import { exportNames, ReadContext } from "@/orchestration/read";
import type { MerchantId } from "@/utils/ids";
import { merchantAction } from "../macros/merchantAction";
import { rateLimit } from "../macros/rateLimit";
import { IdOf, refusals } from "../schemas";

/** RFC 4180. What a spreadsheet would take for a formula is quoted by an apostrophe. */
const format = { record_delimiter: "windows", escape_formulas: true } as const;

export const exportRoutes = new Elysia({ prefix: "/merchants/:merchantId/export" })
    .use(rateLimit)
    .use(merchantAction)
    .get(
        "/:name",
        ({ params }) => {
            const batches = ReadContext.exports.batchesOf(nameIn(params.name), params.merchantId);
            return new Response(csvOf(batches), {
                headers: {
                    "content-type": "text/csv; charset=utf-8",
                    "content-disposition": `attachment; filename="${params.name}"`,
                    "cache-control": "no-store",
                },
            });
        },
        {
            rateLimit: "dashboard",
            merchantAction: "rewards:read",
            params: t.Object({
                merchantId: IdOf<MerchantId>(),
                name: t.Union(exportNames.map((name) => t.Literal(`${name}.csv` as const))),
            }),
            response: {
                200: t.Any({ description: "text/csv, as it is read" }),
                ...refusals({
                    401: ["AUTH_REQUIRED", "SESSION_ENDED", "API_KEY_INVALID"],
                    403: ["ROLE_TOO_LOW", "SCOPE_MISSING", "MODE_MISMATCH"],
                    404: ["MERCHANT_NOT_FOUND"],
                }),
            },
            detail: {
                tags: ["exports"],
                summary: "All purchases, rewards or transfers, as CSV",
                description: "Oldest first. Amounts are whole minor or base units.",
            },
        }
    );

const nameIn = (file: string) => file.replace(/\.csv$/, "") as (typeof exportNames)[number];

/** Reads on as fast as it is taken, so that a slow reader costs no memory. */
function csvOf(batches: AsyncGenerator<string[][]>): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    return new ReadableStream({
        async pull(controller) {
            const { done, value } = await batches.next();
            if (done) controller.close();
            else controller.enqueue(encoder.encode(stringify(value, format)));
        },
        async cancel() {
            await batches.return(undefined);
        },
    });
}
