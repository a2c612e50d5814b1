import { sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { identityGroups } from "@/domain/identity/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import type { GroupId } from "@/utils/ids";
import { audit } from "../fixtures/books";
import { buys, comes, newClient, newOrderId, teaStory } from "../fixtures/tea";

afterEach(async () => {
    expect(await audit()).toEqual([]);
});

const { identities } = IdentityContext.services;
const { identityMerge, purchaseClaim, shareLink } = OrchestrationContext;

const wallet = (digit: string) =>
    identities.keyOf({ kind: "wallet", wallet: `0x${digit.repeat(40)}` });
const unite = (...keys: Parameters<typeof identityMerge.unite>[0]["keys"]) =>
    identityMerge.unite({ keys, reason: "test", evidence: {} });
const groupOf = async (key: ReturnType<typeof wallet>) =>
    (await identities.find([key]))[0] as GroupId;

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
