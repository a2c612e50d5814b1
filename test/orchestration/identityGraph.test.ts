import { randomInt } from "node:crypto";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { privateKeyToAddress } from "viem/accounts";
import { expect, test } from "vitest";
import { IdentityContext, type NodeKey } from "@/domain/identity";
import { identityMerges } from "@/domain/identity/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { buys, comes, newClient, newOrderId, type Tea, teaStory, workOff } from "../fixtures/tea";

const { identities } = IdentityContext.services;
const { identityMerge, purchaseClaim, shareLink } = OrchestrationContext;

const newWallet = (): NodeKey => {
    const wallet = privateKeyToAddress(
        `0x${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex")}`
    );
    return identities.keyOf({ kind: "wallet", wallet });
};
const unite = (keys: readonly NodeKey[]) =>
    identityMerge.unite({ keys, reason: "test", evidence: {} });

/** Rows of a group that lost, in any column of any table that holds a group's id, but where merges are remembered. */
async function stranded(): Promise<string[]> {
    const columns = await database.rows<{ table: string; column: string }>(sql`
        select table_name as "table", column_name as "column" from information_schema.columns
        where table_schema = 'public' and data_type = 'uuid'
            and table_name not in ('identity_groups', 'identity_merges')`);
    const found: string[] = [];
    for (const { table, column } of columns) {
        const [row] = await database.rows<{ count: number }>(sql`
            select count(*)::int as count from ${sql.identifier(table)} held
            join identity_groups lost on lost.id = held.${sql.identifier(column)}
            where lost.merged_into is not null`);
        if (row && row.count > 0) found.push(`${table}.${column}: ${row.count}`);
    }
    return found;
}

async function deadlocks(): Promise<number> {
    await database.current.execute(sql`select pg_stat_force_next_flush()`);
    const [row] = await database.rows<{ deadlocks: string }>(
        sql`select deadlocks from pg_stat_database where datname = current_database()`
    );
    return Number(row?.deadlocks);
}

type Person = { wallet: NodeKey; browsers: { clientId: string; key: NodeKey }[] };
const workers = 8;
const steps = 2_400;
const pick = <T>(list: readonly T[]): T => list[randomInt(list.length)] as T;

/** One thing that happens to somebody, as it comes from outside. */
async function step(tea: Tea, person: Person): Promise<void> {
    const { key, clientId } = pick(person.browsers);
    const other = pick([person.wallet, ...person.browsers.map((one) => one.key)]);
    const dice = randomInt(100);
    if (dice < 40) await database.transaction(() => identities.resolve([key]));
    else if (dice < 70) await unite([key, other]);
    else if (dice < 80) await comes(tea.merchantId, key, tea.code);
    else if (dice < 88) await shareLink.linkOf(tea.merchantId, key);
    else if (dice < 96) {
        const claim = { merchantId: tea.merchantId, orderId: newOrderId(), token: "t" };
        await purchaseClaim.claim({ ...claim, claimant: key });
    } else await buys(tea, { id: newOrderId(), clientId });
}

test("eight workers merge and resolve at random: one group a person, nothing stranded, no deadlock", async () => {
    const tea = await teaStory();
    const people: Person[] = Array.from({ length: 40 }, () => ({
        wallet: newWallet(),
        browsers: Array.from({ length: 5 }, () => newClient(tea.merchantId)),
    }));
    const before = await deadlocks();
    let left = steps;
    const worker = async () => {
        while (left-- > 0) await step(tea, pick(people));
    };
    await Promise.all(Array.from({ length: workers }, worker));
    await workOff();

    await Promise.all(
        people.map(({ wallet, browsers }) => unite([wallet, ...browsers.map(({ key }) => key)]))
    );
    await workOff();
    const groups = new Set<unknown>();
    for (const { wallet, browsers } of people) {
        const found = await identities.find([wallet, ...browsers.map(({ key }) => key)]);
        expect(new Set(found).size).toBe(1);
        groups.add(found[0]);
    }
    expect(groups.size).toBe(people.length);
    expect(await stranded()).toEqual([]);
    expect(await deadlocks()).toBe(before);
    const [made] = await database.rows<{ rewards: number; merges: number }>(sql`
        select (select count(*)::int from rewards) as rewards,
            (select count(*)::int from identity_merges) as merges`);
    expect(made?.rewards).toBeGreaterThan(20);
    expect(made?.merges).toBeGreaterThan(100);
}, 300_000);

/** For each identifier the place of the first, and so the oldest, that is the same person's. */
async function partition(keys: readonly NodeKey[]) {
    const groups = await identities.find(keys);
    return keys.map((_, index) => groups.indexOf(groups[index]));
}

const size = 7;
const place = fc.integer({ min: 0, max: size - 1 });
const union = fc.tuple(place, place);

test("in whatever order and however often it is said, the same identifiers are one person with the same anchor", async () => {
    const { merchantId } = await teaStory();
    /** The last one is a wallet: there is one, so no order of things refuses anything. */
    const identifiers = () => [
        ...Array.from({ length: size - 1 }, () => newClient(merchantId).key),
        newWallet(),
    ];
    const outcome = async (unions: readonly (readonly [number, number])[]) => {
        const keys = identifiers();
        const made = await database.transaction(async () => {
            const groups: string[] = [];
            for (const key of keys) groups.push(...(await identities.resolve([key])));
            return groups;
        });
        for (const [a, b] of unions) await unite([keys[a] as NodeKey, keys[b] as NodeKey]);
        const merges = await database.current.$count(identityMerges);
        for (const [a, b] of unions) await unite([keys[b] as NodeKey, keys[a] as NodeKey]);
        expect(await database.current.$count(identityMerges)).toBe(merges);
        const anchors = (await identities.find(keys)).map((group) => made.indexOf(group ?? ""));
        const whose = await partition(keys);
        const isTheWallets = (index: number) => whose[index] === whose[size - 1];
        const expected = keys.map((_, index) => (isTheWallets(index) ? size - 1 : whose[index]));
        expect(anchors).toEqual(expected);
        return { whose, anchors };
    };
    await fc.assert(
        fc.asyncProperty(
            fc.array(union, { maxLength: 8 }),
            fc.infiniteStream(fc.nat()),
            async (unions, order) => {
                const weights = unions.map(() => order.next().value);
                const shuffled = unions
                    .map((one, index) => [weights[index] as number, one] as const)
                    .sort(([a], [b]) => a - b)
                    .map(([, one]) => one);
                expect(await outcome(shuffled)).toEqual(await outcome(unions));
            }
        ),
        { numRuns: 25 }
    );
}, 120_000);
