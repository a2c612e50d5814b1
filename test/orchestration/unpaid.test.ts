import { eq } from "drizzle-orm";
import { type Address, getAddress } from "viem";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";

const { moody } = await import("../fixtures/moodyAsset");
const { balanceOf, openBanks, pauseBank, settle, useContracts } = await import("../fixtures/chain");
const { signedIn, withWallet } = await import("../fixtures/api");
const { audit, newWallet } = await import("../fixtures/books");
const { buys, newOrderId, teaStory } = await import("../fixtures/tea");
const { merchantBanks } = await import("@/domain/merchant/db/schema");
const { contracts } = await import("@/infrastructure/blockchain");
const { IdentityContext } = await import("@/domain/identity");
const { database } = await import("@/infrastructure/persistence/postgres");
const { OrchestrationContext: flow } = await import("@/orchestration");

type Tea = Awaited<ReturnType<typeof teaStory>>;
type Shop = Tea & { bank: Address };

const { identities } = IdentityContext.services;
const hour = 3_600_000;
const reward = 20_247_500n;

beforeAll(async () => {
    await useContracts();
    await moody.deploy();
});
afterEach(async () => {
    vi.useRealTimers();
    expect(await audit()).toEqual([]);
});

/** A shop whose bank stands and holds so many base units. */
async function shop({ funds = reward * 10n, asset = contracts.testToken } = {}): Promise<Shop> {
    const tea = await teaStory({ rewardAsset: asset });
    await openBanks();
    const [row] = await database.current
        .select()
        .from(merchantBanks)
        .where(eq(merchantBanks.merchantId, tea.merchantId));
    const bank = row?.address ?? "0x";
    if (asset === moody.address) await moody.mint(bank, funds);
    else await fund(tea, funds);
    return { ...tea, bank };
}

async function fund({ merchantId }: Tea, amount: bigint): Promise<void> {
    await flow.testFunding.fund({ merchantId, token: contracts.testToken, amount });
    await settle();
}

/** That person has this wallet from now on. */
async function gets({ key }: Tea["ben"], wallet = newWallet()): Promise<Address> {
    const keys = [identities.keyOf({ kind: "wallet", wallet }), key];
    await flow.identityMerge.unite({ keys, reason: "test", evidence: {} });
    return wallet;
}

const cleoBuys = (tea: Tea) => buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });

/** What the person, and the shop's staff, are told of the one reward of that wallet. */
async function toldOf(tea: Tea, wallet: Address) {
    const [ben, ada] = [await withWallet(wallet), await signedIn(tea.ada)];
    const mine = await ben("GET", "/wallet/v1/rewards");
    const theirs = await ada("GET", `/business/v1/merchants/${tea.merchantId}/rewards`);
    const payments = await ada("GET", `/business/v1/merchants/${tea.merchantId}/bank/transactions`);
    const balance = await ben("GET", "/wallet/v1/balance");
    const [own] = mine.body.items;
    return {
        status: own.status,
        reason: own.reason,
        staffReads: theirs.body.items.find(({ id }: { id: string }) => id === own.id).reason,
        payments: payments.body.items.map(
            (one: { status: string; reason: string | null }) => `${one.status} ${one.reason}`
        ),
        balance: balance.body.rewards,
    };
}

/** What failed on chain is tried again by itself, an hour later at most. */
async function anHourPasses(): Promise<void> {
    vi.useFakeTimers({ now: Date.now() + hour, toFake: ["Date"] });
    await settle();
}

describe("while one is not paid, the others are: the reason is shown, and it ends by itself", () => {
    test("a bank that is short by one unit", async () => {
        const [short, other] = [await shop({ funds: reward - 1n }), await shop()];
        const [waiting, paid] = [await gets(short.ben), await gets(other.ben)];
        await cleoBuys(short);
        await cleoBuys(other);
        await settle();

        expect(await balanceOf(paid)).toBe(reward);
        expect(await balanceOf(waiting)).toBe(0n);
        expect(await toldOf(short, waiting)).toMatchObject({
            status: "waitsForFunds",
            reason: "bankShortOfFunds",
            staffReads: "bankShortOfFunds",
            payments: [],
            balance: [{ pending: { amount: String(reward) }, claimable: { amount: "0" } }, {}],
        });

        await fund(short, 1n);
        await settle();
        expect(await balanceOf(waiting)).toBe(reward);
        expect(await toldOf(short, waiting)).toMatchObject({ status: "settled", reason: null });
    });

    test("a bank that is paused", async () => {
        const [paused, other] = [await shop(), await shop()];
        const [waiting, paid] = [await gets(paused.ben), await gets(other.ben)];
        await pauseBank(paused.bank, true);
        await cleoBuys(paused);
        await cleoBuys(other);
        await settle();

        expect(await balanceOf(paid)).toBe(reward);
        expect(await toldOf(paused, waiting)).toMatchObject({
            status: "waitsForFunds",
            reason: "bankPaused",
            staffReads: "bankPaused",
        });

        await pauseBank(paused.bank, false);
        await settle();
        expect(await balanceOf(waiting)).toBe(reward);
    });

    test("a bank that is paused while the payment is on its way", async () => {
        const [paused, other] = [await shop(), await shop()];
        const [waiting, paid] = [await gets(paused.ben), await gets(other.ben)];
        await cleoBuys(paused);
        await cleoBuys(other);
        await flow.settlementRound.open();
        await flow.batchSigning.signAll();
        await pauseBank(paused.bank, true);
        await settle();

        expect(await balanceOf(paid)).toBe(reward);
        expect(await toldOf(paused, waiting)).toMatchObject({
            status: "available",
            reason: "EnforcedPause()",
            staffReads: "EnforcedPause()",
            payments: ["failed EnforcedPause()"],
            balance: [{ claimable: { amount: String(reward) } }, {}],
        });

        await pauseBank(paused.bank, false);
        await anHourPasses();
        expect(await balanceOf(waiting)).toBe(reward);
    });

    test.each([
        ["reverts", /^0x/],
        ["saysFalse", /^TransferFailed/],
    ] as const)("a token that %s", async (mood, reason) => {
        const funds = 1_000n * 10n ** 18n;
        const [moodyShop, other] = [await shop({ asset: moody.address, funds }), await shop()];
        const [waiting, paid] = [await gets(moodyShop.ben), await gets(other.ben)];
        await moody.feel(mood);
        await cleoBuys(moodyShop);
        await cleoBuys(other);
        await settle();

        expect(await balanceOf(paid)).toBe(reward);
        expect(await toldOf(moodyShop, waiting)).toMatchObject({
            status: "available",
            reason: expect.stringMatching(reason),
            staffReads: expect.stringMatching(reason),
            payments: [expect.stringMatching(`failed ${reason.source.slice(1)}`)],
        });

        await moody.feel("honest");
        await anHourPasses();
        expect(await moody.balanceOf(waiting)).toBe(reward * 10n ** 12n);
    });

    test("a token that does not even tell what the bank holds", async () => {
        const funds = 1_000n * 10n ** 18n;
        const [moodyShop, other] = [await shop({ asset: moody.address, funds }), await shop()];
        const [waiting, paid] = [await gets(moodyShop.ben), await gets(other.ben)];
        await moody.feel("reverts", "reverts");
        await cleoBuys(moodyShop);
        await cleoBuys(other);
        await settle();
        expect(await balanceOf(paid)).toBe(reward);

        await moody.feel("honest");
        expect(await toldOf(moodyShop, waiting)).toMatchObject({
            status: "waitsForFunds",
            reason: "bankShortOfFunds",
        });
        await settle();
        expect(await moody.balanceOf(waiting)).toBe(reward * 10n ** 12n);
    });

    test("a wallet that is the hub itself", async () => {
        const tea = await shop();
        const hub = getAddress(contracts.rewardsHub);
        await gets(tea.ben, hub);
        const cleo = await gets(tea.cleo);
        await cleoBuys(tea);
        await settle();

        expect(await balanceOf(cleo)).toBe(2_000_000n);
        expect(await balanceOf(hub)).toBe(0n);
        expect(await balanceOf(tea.bank)).toBe(reward * 10n - 2_000_000n);
        expect(await toldOf(tea, hub)).toMatchObject({
            status: "available",
            reason: `InvalidWallet(${hub})`,
            staffReads: `InvalidWallet(${hub})`,
            payments: expect.arrayContaining([`failed InvalidWallet(${hub})`, "confirmed null"]),
        });

        // Tried again, it fails again: it holds up nobody, and is owed for as long as there is no other wallet.
        await anHourPasses();
        expect(await toldOf(tea, hub)).toMatchObject({ status: "available" });
    });
});
