import { sql } from "drizzle-orm";
import { ReferralContext } from "@/domain/referral";
import { database } from "@/infrastructure/persistence/postgres";
import { type GroupId, type MerchantId, newId } from "@/utils/ids";
import { summary } from "../lib/load";
import type { Row } from "../lib/report";
import { makeWorld } from "../lib/world";

const edgeCount = 100_000;
const generations = 60;
const inserts = 1_000;

const { referral } = ReferralContext.services;

/**
 * New edges in a graph of 100,000: families of sixty generations. Nearly all new edges are of people who brought
 * nobody yet; the worst are of those who founded a family and now come through the last of another.
 */
export async function referrals(): Promise<Row[]> {
    const { merchantId } = await makeWorld(0);
    const families = await grow(merchantId);
    const newcomers = await people(inserts);
    const lasts = families.map((family) => family.at(-1) as GroupId);
    const founders = families.map(([founder]) => founder as GroupId);
    const next = (index: number) => lasts[(index + 1) % lasts.length] as GroupId;
    return [
        {
            name: `a new referral, graph of ${edgeCount} edges`,
            measured: await attachEach(
                newcomers.map((referee, index) => ({ merchantId, referee, referrer: next(index) }))
            ),
        },
        {
            name: `the same with a walk of ${generations} generations`,
            measured: await attachEach(
                founders
                    .slice(0, inserts)
                    .map((referee, index) => ({ merchantId, referee, referrer: next(index) }))
            ),
        },
    ];
}

type NewReferral = { merchantId: MerchantId; referee: GroupId; referrer: GroupId };

async function attachEach(all: readonly NewReferral[]) {
    const latencies: number[] = [];
    const startedAt = performance.now();
    for (const { merchantId, referee, referrer } of all) {
        const from = performance.now();
        const people = { refereeGroupId: referee, referrerGroupId: referrer };
        const one = { merchantId, ...people, code: undefined, occurredAt: new Date() };
        await database.transaction(() => referral.attach([one]));
        latencies.push(performance.now() - from);
    }
    const elapsed = (performance.now() - startedAt) / 1_000;
    console.log(`worst insert: ${Math.max(...latencies).toFixed(2)} ms of ${latencies.length}`);
    return summary(latencies, elapsed, 0);
}

/** Families in which each was brought by the one before. */
async function grow(merchantId: MerchantId): Promise<GroupId[][]> {
    const count = Math.ceil(edgeCount / (generations - 1));
    const all = await people(count * generations);
    const families = Array.from({ length: count }, (_, index) =>
        all.slice(index * generations, (index + 1) * generations)
    );
    const edges = families.flatMap((family) =>
        family.slice(1).map((referee, index) => ({ referee, referrer: family[index] }))
    );
    await database.rows(sql`
        insert into referral_edges (id, merchant_id, referee_group_id, referrer_group_id, created_at)
        select gen_random_uuid(), ${merchantId}, referee, referrer, now()
        from unnest(${`{${edges.map(({ referee }) => referee)}}`}::uuid[],
            ${`{${edges.map(({ referrer }) => referrer)}}`}::uuid[]) as edge(referee, referrer)`);
    await database.rows(sql`analyze referral_edges`);
    return families;
}

async function people(count: number): Promise<GroupId[]> {
    const ids = Array.from({ length: count }, newId<GroupId>);
    await database.rows(sql`insert into identity_groups (id) select unnest(${`{${ids}}`}::uuid[])`);
    return ids;
}
