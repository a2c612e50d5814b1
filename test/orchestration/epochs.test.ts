import { eq } from "drizzle-orm";
import fc from "fast-check";
import { getAddress } from "viem";
import { beforeAll, describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { purchases } from "@/domain/purchases/db/schema";
import { epochPublications } from "@/domain/rewards/db/epochs";
import { epochs, rewards } from "@/domain/rewards/db/schema";
import { contracts } from "@/infrastructure/blockchain";
import { config } from "@/infrastructure/config";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext as flow } from "@/orchestration";
import { verifyEpoch } from "../../scripts/verification/verifyEpoch";
import { type Asker, ask, askWith, signedIn } from "../fixtures/api";
import { openBanks, settle, useContracts } from "../fixtures/chain";
import { buys, newOrderId, type Tea, teaStory } from "../fixtures/tea";

const db = database.current;
const { identities } = IdentityContext.services;
const token = contracts.testToken;
const ben = getAddress(`0x${crypto.randomUUID().replaceAll("-", "").padEnd(40, "1")}`);

let tea: Tea;
let asCleo: Asker;
let last: string;

async function publish(): Promise<void> {
    await flow.epochPublication.advance();
    await settle();
    await flow.epochPublication.advance();
}

/** Ben is paid; Cleo has no wallet yet, and 2 tokens are owed to her. */
beforeAll(async () => {
    await useContracts();
    tea = await teaStory();
    await openBanks();
    await flow.testFunding.fund({ merchantId: tea.merchantId, token, amount: 50_000_000n });
    await settle();
    const keys = [identities.keyOf({ kind: "wallet", wallet: ben }), tea.ben.key];
    await flow.identityMerge.unite({ keys, reason: "test", evidence: {} });
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
    await settle();
    await publish();
    asCleo = askWith({ "x-client-id": tea.cleo.clientId });
    const published = await db.select().from(epochPublications);
    last = String(published.at(-1)?.epoch);
}, 60_000);

const epochSaid = async (number = last) => ({
    rpcUrl: config.RPC_URL,
    hub: contracts.rewardsHub,
    epoch: (await ask("GET", `/common/v1/epochs/${number}`)).body,
    leaves: (await ask("GET", `/common/v1/epochs/${number}/leaves`)).body,
});
const rewardOf = async (recipient: "referrer" | "referee") => {
    const rows = await db.select().from(rewards).where(eq(rewards.merchantId, tea.merchantId));
    return rows.find((row) => row.recipient === recipient)?.id;
};
const isValid = async (json: unknown) => {
    const { status, body } = await ask("POST", "/common/v1/proofs/verify", { json });
    return status === 200 && body.valid;
};

/** Every text of hex digits in it, with the way there. */
function hexes(value: unknown, path: string[] = []): string[][] {
    if (typeof value === "string") return /^(0x)?[\da-f]+$/.test(value) ? [path] : [];
    if (value === null || typeof value !== "object") return [];
    return Object.entries(value).flatMap(([key, inner]) => hexes(inner, [...path, key]));
}

/** A copy with one digit changed. */
function changed<T>(value: T, path: readonly string[], digit: number): T {
    const copy = structuredClone(value);
    const [parents, name] = [path.slice(0, -1), path.at(-1) ?? ""];
    // biome-ignore lint/suspicious/noExplicitAny: a walk through an answer of any shape
    const parent = parents.reduce<any>((inner, key) => inner[key], copy);
    const text: string = parent[name];
    const at = text.startsWith("0x") ? 2 + (digit % (text.length - 2)) : digit % text.length;
    const other = text[at] === "1" ? "2" : "1";
    parent[name] = text.slice(0, at) + other + text.slice(at + 1);
    return copy;
}

describe("an epoch", () => {
    test("is published with what it committed to, and verifies from outside", async () => {
        const said = await epochSaid();
        expect(said.epoch).toMatchObject({
            number: last,
            liabilities: [{ token, amount: "2000000" }],
            batches: [{ txHash: expect.any(String) }],
        });
        expect(said.epoch.publishedAt).not.toBeNull();
        expect(said.leaves).toMatchObject({ rewards: [{}], purchases: [{}], merchants: [{}] });
        expect(await verifyEpoch(said)).toEqual([]);
    });

    test("does not verify when any digit of it is another", async () => {
        const { epoch, leaves, ...rest } = await epochSaid();
        expect(await verifyEpoch({ epoch, leaves, ...rest })).toEqual([]);
        const { purchasesRoot, liabilitiesRoot, liabilities } = epoch;
        const said = { epoch: { purchasesRoot, liabilitiesRoot, liabilities }, leaves };
        const paths = hexes(said);
        expect(paths.length).toBeGreaterThan(10);
        await fc.assert(
            fc.asyncProperty(fc.nat(paths.length - 1), fc.nat(63), async (path, digit) => {
                const other = changed(said, paths[path] ?? [], digit);
                const whole = {
                    ...rest,
                    leaves: other.leaves,
                    epoch: { ...epoch, ...other.epoch },
                };
                expect(
                    (await verifyEpoch(whole).catch(() => ["unreadable"])).length
                ).toBeGreaterThan(0);
            }),
            { numRuns: 60 }
        );
    }, 60_000);

    test("that is not closed is not found", async () => {
        expect(await ask("GET", "/common/v1/epochs/99999")).toMatchObject({ status: 404 });
        expect(await ask("GET", "/common/v1/epochs/one")).toMatchObject({ status: 400 });
    });
});

describe("a proof", () => {
    test("of a reward that is paid, and of one that is owed, is valid until a digit changes", async () => {
        const asBen = askWith({ "x-client-id": tea.ben.clientId });
        const query = `?merchantId=${tea.merchantId}`;
        const paid = await asBen(
            "GET",
            `/wallet/v1/rewards/${await rewardOf("referrer")}/proof${query}`
        );
        const owed = await asCleo(
            "GET",
            `/wallet/v1/rewards/${await rewardOf("referee")}/proof${query}`
        );

        expect(paid.body).toMatchObject({ payment: { epoch: last }, liability: null });
        expect(owed.body).toMatchObject({
            payment: null,
            liability: { leaf: { amount: "2000000" } },
        });
        for (const { epoch: _, ...proof } of [paid.body.payment, owed.body.liability]) {
            expect(await isValid(proof)).toBe(true);
            for (const path of hexes(proof)) {
                expect(await isValid(changed(proof, path, 7))).toBe(false);
            }
        }
    });

    test("of a purchase is for its merchant, and opens to its net amount", async () => {
        const [order] = await db.select().from(purchases);
        const asAda = await signedIn(tea.ada);
        const { body } = await asAda("GET", `/business/v1/purchases/${order?.id}/proof`);

        expect(body).toMatchObject({
            kind: "purchase",
            leaf: { status: "confirmed" },
            opening: { currency: order?.currency },
        });
        const { epoch: _, opening: __, ...proof } = body;
        expect(await isValid(proof)).toBe(true);
        expect(await isValid({ ...proof, leaf: { ...proof.leaf, status: "refunded" } })).toBe(
            false
        );
        expect(await ask("GET", `/business/v1/purchases/${order?.id}/proof`)).toMatchObject({
            status: 401,
        });
    });

    test("of funds holds to the base unit", async () => {
        const path = `/wallet/v1/merchants/${tea.merchantId}/proof-of-funds`;
        const funded = (await ask("GET", path)).body;
        expect(funded).toMatchObject({
            isFunded: true,
            assets: [{ committed: { amount: "2000000" } }],
        });
        expect(await isValid(funded.lastEpoch.proofs[0])).toBe(true);

        // Cleo is owed all that the bank holds, and then one unit more.
        const held = BigInt(funded.assets[0].funded.amount);
        const owe = (amount: bigint) =>
            db.update(rewards).set({ amount }).where(eq(rewards.recipient, "referee"));
        await owe(held);
        expect((await ask("GET", path)).body.isFunded).toBe(true);
        await owe(held + 1n);
        expect((await ask("GET", path)).body).toMatchObject({ isFunded: false });

        // The epoch that commits to it says so to anyone, too.
        await db.insert(epochs).values({ startedAt: new Date() });
        await publish();
        const short = await epochSaid(String(BigInt(last) + 1n));
        expect(await verifyEpoch(short)).toEqual([expect.stringContaining(" is 1 units of ")]);
        await owe(2_000_000n);
    });
});

describe("what staff asks of the chain", () => {
    async function carriedOut(): Promise<void> {
        await flow.chainOrders.advanceAll();
        await settle();
        await flow.chainOrders.advanceAll();
    }

    test("pauses the bank, and resumes it", async () => {
        const asAda = await signedIn(tea.ada);
        const path = `/business/v1/merchants/${tea.merchantId}/bank`;
        expect(await asAda("POST", `${path}/pause`)).toMatchObject({
            status: 202,
            body: { status: "requested" },
        });
        await carriedOut();
        expect((await asAda("GET", path)).body.status).toBe("paused");
        expect(await asAda("POST", `${path}/resume`)).toMatchObject({ status: 202 });
        await carriedOut();
        expect((await asAda("GET", path)).body.status).toBe("open");
        expect((await asAda("GET", `${path}/transactions?limit=1`)).body.items).toMatchObject([
            { wallet: ben, status: "confirmed", amount: { amount: "20247500" } },
        ]);
    });

    test("registers the merchant, once", async () => {
        const asAda = await signedIn(tea.ada);
        const { merchantId } = tea;
        const path = `/business/v1/merchants/${merchantId}/mint`;
        expect((await asAda("GET", path)).body).toMatchObject({ status: "none" });
        expect(
            (await asAda("POST", "/business/v1/products/mint", { json: { merchantId } })).status
        ).toBe(202);
        await carriedOut();
        expect((await asAda("GET", path)).body).toMatchObject({ status: "done", owner: tea.ada });
        expect((await asAda("POST", path)).body).toMatchObject({ status: "done" });
    });
});
