import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { IdentityContext } from "@/domain/identity";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { load, summary } from "../lib/load";
import { orderRequests } from "../lib/orders";
import type { Row } from "../lib/report";
import { startProcess } from "../lib/stage";
import { makeWorld, type World } from "../lib/world";

type Setting = { seconds: number; port: number; insert: Row };

const campaignCount = 20;
const browserCount = 2_000;

/** From a delivery in the inbox to a reward that is decided, with twenty campaigns that look at every order. */
export async function decisions({ seconds, port, insert }: Setting): Promise<Row[]> {
    const world = await makeWorld(campaignCount);
    const browsers = await referredBrowsers(world);
    const api = await startProcess("src/index.ts", port, { ROLE: "api" });
    const next = orderRequests(world, 20_000, browsers);
    const { requests } = await load({ port, connections: 64, seconds, next });
    await api.stop();
    // As autovacuum does within a minute; this backlog was made in a few seconds.
    await database.rows(sql`analyze webhook_deliveries`);

    const startedAt = performance.now();
    const worker = await startProcess("src/index.ts", port, { ROLE: "worker" });
    const decided = await untilDecided(world.merchantId, Math.min(requests, 20_000));
    const elapsed = (performance.now() - startedAt) / 1_000;
    await worker.stop();
    const backlog = summary([], elapsed, 0);
    return [
        {
            name: `delivery → decided, ${campaignCount} campaigns, backlog of ${decided}`,
            measured: { ...backlog, requests: decided, perSecond: decided / elapsed },
            floor: insert,
            goal: "≥ 1,500/s",
        },
        await lag(port),
    ];
}

/** How long a reward takes to be decided while orders come in at an even pace, as the rows say. */
async function lag(port: number): Promise<Row> {
    const world = await makeWorld(campaignCount);
    const browsers = await referredBrowsers(world);
    const server = await startProcess("src/index.ts", port);
    const next = orderRequests(world, 4_000, browsers);
    const { requests, failed } = await load({ port, connections: 8, seconds: 4, next });
    await untilDecided(world.merchantId, Math.min(requests, 4_000));
    await server.stop();
    const rows = await database.rows<{ ms: string }>(sql`
        select extract(epoch from evaluation.evaluated_at - delivery.received_at) * 1000 as ms
        from purchases purchase
        join interactions interaction on interaction.subject = purchase.id::text
        join lateral (select min(evaluated_at) as evaluated_at from evaluations
            where interaction_id = interaction.id) evaluation on true
        join lateral (select min(received_at) as received_at from webhook_deliveries
            where merchant_id = purchase.merchant_id and external_id = purchase.external_id) delivery on true
        where purchase.merchant_id = ${world.merchantId}`);
    return {
        name: `lag of a decision at ${Math.round(requests / 4)} deliveries/s`,
        measured: summary(
            rows.map(({ ms }) => Number(ms)),
            4,
            failed
        ),
        goal: "p99 < 1,000 ms",
    };
}

/** Browsers that came through a link, so that every order has somebody to reward. */
export async function referredBrowsers({ merchantId, code }: World): Promise<string[]> {
    const browsers = Array.from({ length: browserCount }, () => randomUUID());
    await Promise.all(
        browsers.map((clientId) =>
            OrchestrationContext.arrival.record({
                merchantId,
                visitor: IdentityContext.services.identities.keyOf({
                    kind: "client",
                    clientId,
                    merchantId,
                }),
                referralCode: code,
                landingUrl: undefined,
                utm: undefined,
            })
        )
    );
    return browsers;
}

async function untilDecided(merchantId: MerchantId, orders: number): Promise<number> {
    for (;;) {
        const [row] = await database.rows<{ decided: string; left: string }>(sql`
            select (select count(*) from interactions
                where merchant_id = ${merchantId} and status <> 'open') as decided,
            (select count(*) from webhook_deliveries
                where merchant_id = ${merchantId} and status = 'received') as left`);
        const decided = Number(row?.decided ?? 0);
        if (row?.left === "0" && decided >= orders) return decided;
        await Bun.sleep(250);
    }
}
