import { sql } from "drizzle-orm";
import { LedgerRepository } from "@/domain/rewards/repositories/LedgerRepository";
import { database } from "@/infrastructure/persistence/postgres";
import { AuditRepository } from "@/orchestration/read/AuditRepository";
import { type CampaignId, type GroupId, type MerchantId, newId, type RewardId } from "@/utils/ids";
import { summary } from "../lib/load";
import type { Row } from "../lib/report";

const batchSize = 1_000;
const merchantCount = 20;
const peopleCount = 500;
const asset = `0x${"a1".repeat(20)}`;
const million = 1_000_000;

/** Transfers into the books, a thousand to a durable transaction; then the audit of a million of them. */
export async function books({ seconds, insert }: { seconds: number; insert: Row }): Promise<Row[]> {
    const ledger = new LedgerRepository(database);
    const merchants = ids<MerchantId>(merchantCount);
    const people = ids<GroupId>(peopleCount);
    const campaignId = newId<CampaignId>();
    const latencies: number[] = [];
    const startedAt = performance.now();
    let count = 0;
    while (performance.now() - startedAt < seconds * 1_000) {
        const before = performance.now();
        const merchantId = at(merchants, latencies.length);
        const entries = Array.from({ length: batchSize }, () => ({
            merchantId,
            from: { kind: "campaign", owner: campaignId } as const,
            to: { kind: "available", owner: at(people, ++count) } as const,
            asset,
            amount: BigInt(1 + (count % 1_000)),
            kind: "granted",
            rewardId: newId<RewardId>(),
            purchaseId: null,
            key: `bench:${count}`,
        }));
        await ledger.post(entries, new Date());
        latencies.push(performance.now() - before);
    }
    const elapsed = (performance.now() - startedAt) / 1_000;
    const posted = summary(latencies, elapsed, 0);
    return [
        {
            name: `ledger: transfers, ${batchSize} to a commit`,
            measured: { ...posted, requests: count, perSecond: count / elapsed },
            floor: insert,
            goal: "≥ 5,000/s",
        },
        await auditOf({ merchants, people, campaignId, count }),
    ];
}

type Made = { merchants: MerchantId[]; people: GroupId[]; campaignId: CampaignId; count: number };

/** The rest of a million is posted by SQL alone: what the audit reads is the same. */
async function auditOf({ merchants, people, campaignId, count }: Made): Promise<Row> {
    for (let posted = count; posted < million; posted += 10_000) {
        const size = Math.min(10_000, million - posted);
        await database.rows(sql`
            select ledger_post(array(
                select row(${at(merchants, posted / 10_000)}::uuid, 'campaign', ${campaignId}::uuid, 'available',
                    (${`{${people.join(",")}}`}::uuid[])[1 + n % ${peopleCount}], ${asset}, 1 + n % 1000, 'granted',
                    gen_random_uuid(), null, null, 'bulk:' || n)::ledger_entry
                from generate_series(${posted}::int + 1, ${posted + size}::int) as n
            ), now())`);
    }
    await database.rows(sql`vacuum analyze ledger_transfers`);
    const audits = new AuditRepository(database);
    const startedAt = performance.now();
    const findings = await database.transaction(async () => {
        await audits.takeTime();
        return audits.find();
    });
    const ms = performance.now() - startedAt;
    const broken = new Set(findings.map(({ rule }) => rule));
    // These transfers are of no rewards, which is the one thing that the audit has to find.
    const isAsExpected = [...broken].every((rule) => rule.includes("rewards of that status"));
    return {
        name: "audit of 1,000,000 transfers",
        measured: {
            ...summary([ms], ms / 1_000, isAsExpected ? 0 : 1),
            perSecond: million / (ms / 1_000),
        },
        goal: "< 5,000 ms",
    };
}

const ids = <T extends ReturnType<typeof newId>>(count: number): T[] =>
    Array.from({ length: count }, () => newId<T>());

function at<T>(all: readonly T[], index: number): T {
    return all[Math.floor(index) % all.length] as T;
}
