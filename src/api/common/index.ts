import { Elysia, t } from "elysia";
import packageJson from "@/../package.json";
import { config } from "@/infrastructure/config";
import { rateLimit } from "../macros/rateLimit";
import { refusals } from "../schemas";

const tags = ["common"];

/** For anyone. */
export const common = new Elysia({ prefix: "/common/v1" })
    .use(rateLimit)
    .guard({ rateLimit: "publicLists" })
    .get(
        "/assets",
        () => ({
            items: config.REWARD_ASSETS.map(({ address, symbol, decimals }, index) => ({
                asset: address,
                symbol,
                decimals,
                chainId: config.CHAIN_ID,
                default: index === 0,
            })),
        }),
        {
            response: {
                200: t.Object({
                    items: t.Array(
                        t.Object({
                            asset: t.String(),
                            symbol: t.String(),
                            decimals: t.Integer(),
                            chainId: t.Integer(),
                            default: t.Boolean(),
                        })
                    ),
                }),
                ...refusals(),
            },
            detail: { tags, summary: "The tokens that rewards can be paid in" },
        }
    )
    .get("/version", () => ({ version: packageJson.version }), {
        response: { 200: t.Object({ version: t.String() }), ...refusals() },
        detail: { tags, summary: "What runs here" },
    });
