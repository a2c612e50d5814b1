import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { AttributionContext } from "@/domain/attribution";
import { touchpoints } from "@/domain/attribution/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import type { GroupId, MerchantId } from "@/utils/ids";
import { days, later, minutes } from "@/utils/time";
import { bareShops, strangers } from "../../../fixtures/people";

const { attribution } = AttributionContext.services;
const noon = new Date("2026-03-01T12:00:00Z");
const db = database.current;

let merchantId: MerchantId;
beforeAll(async () => {
    [merchantId] = (await bareShops(1)) as [MerchantId];
});

type Signals = Partial<Parameters<typeof attribution.record>[0][number]>;
const arrives = (groupId: GroupId, signals: Signals = {}) =>
    attribution.record([
        {
            groupId,
            merchantId,
            referrer: undefined,
            utm: undefined,
            landingUrl: undefined,
            occurredAt: noon,
            ...signals,
        },
    ]);
const touchesOf = async (groupId: GroupId, until = later(noon, days(1))) =>
    (await attribution.touchesOf([{ merchantId, groupId, until }]))[0] ?? [];
const through = (groupId: GroupId, source: "referral" | "code" = "referral") => ({
    referrer: { groupId, source, code: "AbCdEfGh" },
});

describe("the strongest signal is the source", () => {
    test.each([
        ["direct", undefined],
        ["direct", { campaign: "spring" }],
        ["organic", { source: "newsletter" }],
        ["organic", { source: "google", medium: "organic" }],
        ["paid", { source: "google", medium: "cpc" }],
        ["paid", { medium: "paid_social" }],
    ] as const)("%s for %j", async (source, utm) => {
        const [cleo] = (await strangers(1)) as [GroupId];
        await arrives(cleo, { utm });
        expect(await touchesOf(cleo)).toEqual([
            { touchpointId: expect.any(String), source, utm: utm ?? {}, occurredAt: noon },
        ]);
    });

    test.each(["referral", "code"] as const)("%s before any campaign's link", async (source) => {
        const [ben, cleo] = (await strangers(2)) as [GroupId, GroupId];
        const utm = { source: "google", medium: "cpc" };
        const [recorded] = await arrives(cleo, { ...through(ben, source), utm });
        expect(recorded?.referred).toBe(true);
        expect(await touchesOf(cleo)).toMatchObject([
            { source, referrerGroupId: ben, shareCode: "AbCdEfGh", utm },
        ]);
    });

    test("a direct visit is nobody's, nor is one through one's own link", async () => {
        const [cleo] = (await strangers(1)) as [GroupId];
        const recorded = [...(await arrives(cleo)), ...(await arrives(cleo, through(cleo)))];
        expect(recorded.map(({ referred }) => referred)).toEqual([false, false]);
        for (const touch of await touchesOf(cleo)) {
            expect(touch.source).toBe("direct");
            expect(touch).not.toHaveProperty("referrerGroupId");
            expect(touch).not.toHaveProperty("shareCode");
        }
    });

    test("a link that became one's own by a merge is no signal any more", async () => {
        const [ben, cleo] = (await strangers(2)) as [GroupId, GroupId];
        await arrives(cleo, through(ben));
        await AttributionContext.repositories.touchpoints.reassign(ben, cleo);
        const [touch] = await touchesOf(cleo);
        expect(touch).toEqual(expect.objectContaining({ source: "direct" }));
        expect(touch).not.toHaveProperty("referrerGroupId");
    });
});

describe("the arrivals of a person", () => {
    test("come oldest first, each list in its place, within a year", async () => {
        const [ben, cleo, dan] = (await strangers(3)) as [GroupId, GroupId, GroupId];
        const until = later(noon, days(365));
        const at = [noon, later(noon, 1), later(until, 0), later(until, 1)];
        for (const occurredAt of at.toReversed())
            await arrives(cleo, { occurredAt, ...through(ben) });
        await arrives(dan);

        const asked = [ben, cleo, dan].map((groupId) => ({ merchantId, groupId, until }));
        const [bens, cleos, dans] = await attribution.touchesOf(asked);
        expect(bens).toEqual([]);
        expect(cleos?.map(({ occurredAt }) => occurredAt)).toEqual([at[1], at[2]]);
        expect(dans).toEqual([]);
        expect(await attribution.touchesOf([])).toEqual([]);
    });

    test("are bounded, and a flood of visits does not wash a referral away", async () => {
        const [ben, cleo] = (await strangers(2)) as [GroupId, GroupId];
        await arrives(cleo, { ...through(ben), occurredAt: noon });
        const flood = Array.from({ length: 1_000 }, (_, index) => ({
            groupId: cleo,
            merchantId,
            referrer: undefined,
            utm: undefined,
            landingUrl: undefined,
            occurredAt: later(noon, minutes(index + 1)),
        }));
        await attribution.record(flood);
        const touches = await touchesOf(cleo);
        expect(touches).toHaveLength(201);
        expect(touches[0]).toMatchObject({ referrerGroupId: ben });
        expect(touches.at(-1)?.occurredAt).toEqual(flood.at(-1)?.occurredAt);
    });

    test("are found by index, however many others came", async () => {
        const crowd = await strangers(2_000);
        await attribution.record(
            crowd.map((groupId) => ({
                groupId,
                merchantId,
                referrer: undefined,
                utm: undefined,
                landingUrl: undefined,
                occurredAt: noon,
            }))
        );
        await db.execute(sql`analyze ${touchpoints}`);
        const plan = await planOf(() => touchesOf(crowd[0] as GroupId));
        expect(plan).toContain("touchpoints_person");
        expect(plan).toContain("touchpoints_referred");
        expect(plan).not.toContain("Seq Scan on touchpoints");
    });
});

/** How Postgres goes about the one statement that the work consists of. */
async function planOf(work: () => Promise<unknown>): Promise<string> {
    const rows = database.rows.bind(database);
    const seen: Parameters<typeof rows>[0][] = [];
    database.rows = (statement) => {
        seen.push(statement);
        return rows(statement);
    };
    await work();
    database.rows = rows;
    expect(seen).toHaveLength(1);
    const plan = await rows<{ "QUERY PLAN": string }>(sql`explain ${seen[0]}`);
    return plan.map((line) => line["QUERY PLAN"]).join("\n");
}
