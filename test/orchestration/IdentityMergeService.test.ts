import { randomBytes } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { identityGroups, identityMerges } from "@/domain/identity/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import type { GroupId } from "@/utils/ids";
import { audit } from "../fixtures/books";
import { buys, comes, newClient, newOrderId, type Tea, teaStory } from "../fixtures/tea";

afterEach(async () => {
    expect(await audit()).toEqual([]);
});

const { handovers, identities, mailCodes, personalValues } = IdentityContext.services;
const { identityMerge, purchaseClaim, shareLink } = OrchestrationContext;

const wallet = (digit: string) =>
    identities.keyOf({ kind: "wallet", wallet: `0x${digit.repeat(40)}` });
const unite = (...keys: Parameters<typeof identityMerge.unite>[0]["keys"]) =>
    identityMerge.unite({ keys, reason: "test", evidence: {} });
const groupOf = async (key: ReturnType<typeof wallet>) =>
    (await identities.find([key]))[0] as GroupId;

/** What `HeldRowsRepository` must know: a table with a group's id that is missing there could not be given back. */
const heldTables = [
    "campaign_caps",
    "cap_takings",
    "identity_keys",
    "identity_nodes",
    "interactions",
    "missing_rewards",
    "personal_codes",
    "purchase_claims",
    "purchases",
    "referral_edges",
    "reward_claims",
    "rewards",
    "share_codes",
    "touchpoints",
];

const rewardsOf = ({ merchantId }: Tea) =>
    database.rows<{ recipient: string; status: string; reason: string; wallet: string | null }>(sql`
        select recipient, status, reason, wallet from rewards where merchant_id = ${merchantId}
        order by recipient`);

async function usedOf({ campaignId }: Tea): Promise<bigint> {
    const [row] = await database.rows<{ used: string }>(
        sql`select sum(used) as used from campaign_budgets where campaign_id = ${campaignId}`
    );
    return BigInt(row?.used ?? 0);
}

/** Where an id still stands, in any uuid column of any table but those that are there to remember it. */
async function tracesOf(id: GroupId): Promise<string[]> {
    const columns = await database.rows<{ table: string; column: string }>(sql`
        select table_name as "table", column_name as "column" from information_schema.columns
        where table_schema = 'public' and data_type = 'uuid'
            and table_name not in ('identity_groups', 'identity_merges')`);
    const found: string[] = [];
    for (const { table, column } of columns) {
        const rows = await database.rows(
            sql`select 1 from ${sql.identifier(table)} where ${sql.identifier(column)} = ${id}`
        );
        if (rows.length > 0) found.push(`${table}.${column}`);
    }
    return found;
}

describe("two identifiers turn out to be one person's", () => {
    test("and everything that the anonymous browser had is the wallet's", async () => {
        const tea = await teaStory();
        const id = newOrderId();
        await buys(tea, { id, clientId: tea.cleo.clientId });
        await shareLink.linkOf(tea.merchantId, tea.cleo.key);
        const claim = { merchantId: tea.merchantId, orderId: "1", token: "t" };
        await purchaseClaim.claim({ ...claim, claimant: tea.cleo.key });
        await comes(tea.merchantId, newClient(tea.merchantId).key, tea.code);

        for (const [key, digit] of [
            [tea.ben.key, "b"],
            [tea.cleo.key, "c"],
        ] as const) {
            const loser = await groupOf(key);
            expect(await tracesOf(loser)).not.toEqual([]);
            const winner = await unite(wallet(digit), key);
            expect(await groupOf(key)).toBe(winner);
            expect(await tracesOf(loser)).toEqual([]);
        }
    });

    test("an id that was read a moment ago still leads to them, over many merges", async () => {
        const { merchantId } = await teaStory();
        const [a, b, c] = [newClient(merchantId), newClient(merchantId), newClient(merchantId)];
        const first = await database.transaction(() => identities.resolve([c.key]));
        await unite(b.key, c.key);
        await unite(a.key, b.key);
        const last = await unite(wallet("d"), a.key);

        const held = await database.transaction(() => identities.hold(first as GroupId[]));
        expect([...held.values()]).toEqual([last]);
        const [row] = await database.rows<{ live: string }>(
            sql`select live from hold_groups(array[${first[0]}]::uuid[])`
        );
        expect(row?.live).toBe(last);
    });

    test("but two wallets are never made one this way, and nothing moves", async () => {
        const { merchantId } = await teaStory();
        const browser = newClient(merchantId);
        const theirs = await unite(wallet("e"), browser.key);

        expect(await unite(wallet("f"), browser.key)).toBe("walletConflict");
        expect(await groupOf(browser.key)).toBe(theirs);
    });
});

describe("what somebody was promised for bringing themselves", () => {
    test("is cancelled when that turns out, and the budget has it back", async () => {
        const tea = await teaStory();
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        expect(await rewardsOf(tea)).toMatchObject([
            { recipient: "referee", status: "available" },
            { recipient: "referrer", status: "available" },
        ]);
        expect(await usedOf(tea)).toBeGreaterThan(0n);

        await unite(tea.ben.key, tea.cleo.key);
        expect(await rewardsOf(tea)).toMatchObject([
            { recipient: "referee", status: "cancelled", reason: "selfReferral" },
            { recipient: "referrer", status: "cancelled", reason: "selfReferral" },
        ]);
        expect(await usedOf(tea)).toBe(0n);
    });

    test("but not what is on its way, nor what others are owed", async () => {
        const tea = await teaStory();
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        await unite(wallet("7"), tea.cleo.key);
        await unite(newClient(tea.merchantId).key, tea.ben.key);
        expect((await rewardsOf(tea)).map(({ status }) => status)).toEqual([
            "available",
            "available",
        ]);
    });

    test("nothing of it is owed for what is bought afterwards", async () => {
        const tea = await teaStory();
        await unite(tea.ben.key, tea.cleo.key);
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        expect(await rewardsOf(tea)).toEqual([]);
    });
});

describe("two wallets that agreed to be one person's", () => {
    test("have what is owed to the one paid to the other, and what is on its way left alone", async () => {
        const tea = await teaStory();
        await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
        const [old, current] = [wallet("8"), wallet("9")];
        await unite(old, tea.ben.key);
        expect((await rewardsOf(tea)).map((one) => one.wallet)).toEqual([
            null,
            `0x${"8".repeat(40)}`,
        ]);
        const pair = { into: current, from: old, reason: "test", evidence: {} };

        expect(await identityMerge.uniteWallets(pair)).toBe(true);
        expect((await rewardsOf(tea)).map((one) => one.wallet)).toEqual([
            null,
            `0x${"9".repeat(40)}`,
        ]);
        expect(await groupOf(tea.ben.key)).toBe(await groupOf(current));
        expect(await groupOf(old)).toBeUndefined();
    });

    test("are one with the codes, tokens and addresses that the other was about to prove", async () => {
        const tea = await teaStory();
        const [old, current] = [wallet("6"), wallet("7")];
        const email = identities.keyOf({ kind: "email", email: "ben@example.com" });
        const loser = (await unite(old, tea.ben.key, email)) as GroupId;
        await database.transaction(async () => {
            await identities.hold([loser]);
            await personalValues.remember(loser, "ben@example.com");
            await mailCodes.issue(loser, "ben@work.example");
            const { merchantId } = tea;
            await handovers.issue({ kind: "installCode", groupId: loser, merchantId });
        });
        const pair = { into: current, from: old, reason: "test", evidence: {} };
        expect(await identityMerge.uniteWallets(pair)).toBe(true);
        expect(await personalValues.reveal(await groupOf(current))).toEqual(["ben@example.com"]);
        expect(await tracesOf(loser)).toEqual([]);
    });
});

test("a merge keeps what it moved, and is never written over", async () => {
    const tea = await teaStory();
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
    const loser = await groupOf(tea.cleo.key);
    const held = await database.rows<{ table: string }>(sql`
        select distinct table_name as "table" from information_schema.columns
        where table_schema = 'public' and column_name in ('group_id', 'referrer_group_id')`);
    await unite(wallet("a"), tea.cleo.key);

    const [merge] = await database.current
        .select()
        .from(identityMerges)
        .where(eq(identityMerges.loserId, loser));
    const counted = Object.entries(merge?.moved ?? {}).map(([table, keys]) => [table, keys.length]);
    expect(Object.fromEntries(counted)).toEqual({
        identity_nodes: 1,
        // Her purchase, and that she was brought.
        interactions: 2,
        purchases: 1,
        referred_by: 1,
        rewards: 1,
        touchpoints: 1,
    });
    const shortLived = ["identity_handovers", "identity_mail_codes", "identity_erasures"];
    const kept = held.map(({ table }) => table).filter((table) => !shortLived.includes(table));
    expect(kept.sort()).toEqual(heldTables);
    await expect(
        database.current.execute(sql`update identity_merges set reason = 'another'`)
    ).rejects.toThrow();
});

describe("at the same time", () => {
    test("fifty first requests of one browser make one group", async () => {
        const { merchantId } = await teaStory();
        const browser = newClient(merchantId);
        const before = await database.current.$count(identityGroups);
        const resolved = await Promise.all(
            Array.from({ length: 50 }, () =>
                database.transaction(() => identities.resolve([browser.key]))
            )
        );
        expect(new Set(resolved.flat()).size).toBe(1);
        expect(await database.current.$count(identityGroups)).toBe(before + 1);
    });

    test("merges in opposite orders end in one group", async () => {
        const { merchantId } = await teaStory();
        const browsers = Array.from({ length: 12 }, () => newClient(merchantId).key);
        await Promise.all(
            browsers.flatMap((one, index) => {
                const next = browsers[(index + 1) % browsers.length];
                return next ? [unite(one, next), unite(next, one)] : [];
            })
        );
        const groups = await identities.find(browsers);
        expect(new Set(groups).size).toBe(1);
    });

    test("two wallets that want one browser: one has it, and the other is told so", async () => {
        const { merchantId } = await teaStory();
        for (let times = 0; times < 10; times++) {
            const browser = newClient(merchantId);
            const wallets = Array.from({ length: 4 }, () =>
                identities.keyOf({ kind: "wallet", wallet: `0x${randomBytes(20).toString("hex")}` })
            );
            const united = await Promise.all(wallets.map((one) => unite(one, browser.key)));
            expect(united.filter((group) => group === "walletConflict")).toHaveLength(3);
            const owner = await groupOf(browser.key);
            expect(united).toContain(owner);
            expect((await identities.nodesOf(owner)).map(({ kind }) => kind).toSorted()).toEqual([
                "client",
                "wallet",
            ]);
        }
    });

    test("an order that is being recorded while its buyer is merged is not stranded", async () => {
        const tea = await teaStory();
        const buyers = Array.from({ length: 10 }, () => newClient(tea.merchantId));
        await Promise.all(
            buyers.flatMap(({ clientId, key }, index) => [
                buys(tea, { id: newOrderId(), clientId }),
                unite(wallet(String(index)), key),
            ])
        );
        const stranded = await database.rows(sql`
            select purchase.id from purchases purchase
            join identity_groups owner on owner.id = purchase.group_id
            where owner.merged_into is not null`);
        expect(stranded).toEqual([]);
    });
});
