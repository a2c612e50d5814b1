import { CampaignBank } from "@contracts/artifacts/CampaignBank";
import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import { ForeignBank } from "@contracts/artifacts/test/ForeignBank";
import {
    type Address,
    concatHex,
    getContract,
    type Hex,
    maxUint256,
    parseEventLogs,
    zeroAddress,
} from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { type Group, type Payment, settle } from "../fixtures/settlement";
import { bensWallet, cleosWallet, day, dollars, people } from "../fixtures/teaChain";
import { useTeaChain } from "../fixtures/useTeaChain";

const stage = useTeaChain();

const toBen: Payment = { id: 1n, wallet: bensWallet, amount: dollars(5) };
const toCleo: Payment = { id: 2n, wallet: cleosWallet, amount: dollars(2) };

const fromAda = (...payments: Payment[]): Group => {
    const { adasBank, token } = stage.tea;
    return { bank: adasBank.address, token: token.address, payments };
};
const from = (bank: { address: Address }, ...payments: Payment[]): Group => {
    return { bank: bank.address, token: stage.tea.token.address, payments };
};
const balance = (wallet: Address) => stage.tea.token.read.balanceOf([wallet]);
const spendable = () => stage.tea.adasBank.read.spendable([stage.tea.token.address]);

/** Zoe sells coffee; her bank holds 10 dollars and lets them all go. */
async function openZoesBank() {
    const { token, mint, openBank } = stage.tea;
    const limits = [{ token: token.address, amount: dollars(100), period: day }];
    const bank = await openBank({ owner: people.zoe.address, merchant: "Zoe's Coffee", limits });
    await mint(bank.address, dollars(10));
    return bank;
}

describe("a batch", () => {
    test("takes tokens from the merchant's bank straight to the wallets", async () => {
        const outcome = await settle(stage.tea, [fromAda(toBen, toCleo)]);

        expect(outcome).toMatchObject({
            paid: [1n, 2n],
            skipped: [],
            failed: {},
            failedGroups: {},
        });
        expect(await balance(bensWallet)).toBe(dollars(5));
        expect(await balance(cleosWallet)).toBe(dollars(2));
        expect(await balance(stage.tea.adasBank.address)).toBe(dollars(993));
        expect(await balance(stage.tea.hub.address)).toBe(0n);
        expect(await spendable()).toBe(dollars(493));
    });

    test("that comes again pays nothing, and says so", async () => {
        await settle(stage.tea, [fromAda(toBen, toCleo)]);

        const outcome = await settle(stage.tea, [fromAda(toBen, toCleo)]);

        expect(outcome).toMatchObject({
            paid: [],
            skipped: [1n, 2n],
            failed: {},
            failedGroups: {},
        });
        expect(await balance(bensWallet)).toBe(dollars(5));
        expect(await spendable()).toBe(dollars(493));
    });

    test("that comes again says so even when the bank is empty and paused by then", async () => {
        const { adasBank, mined, token } = stage.tea;
        const { ada } = people;
        await settle(stage.tea, [fromAda(toBen)]);
        await mined(adasBank.write.pause({ account: ada }));
        const rest = [token.address, ada.address, dollars(995)] as const;
        await mined(adasBank.write.withdraw(rest, { account: ada }));

        expect(await settle(stage.tea, [fromAda(toBen)])).toMatchObject({ skipped: [1n] });
        expect(await settle(stage.tea, [fromAda(toBen, toCleo)])).toMatchObject({
            paid: [],
            skipped: [1n],
            failedGroups: { 0: "EnforcedPause" },
        });
    });

    test("tells of single payments before it tells of their group", async () => {
        const { adasBank, mined } = stage.tea;
        await settle(stage.tea, [fromAda(toBen)]);
        await mined(adasBank.write.pause({ account: people.ada }));
        const lost = { id: 3n, wallet: zeroAddress, amount: 1n };

        const { receipt } = await settle(stage.tea, [fromAda(toCleo, toBen, lost)]);

        const told = parseEventLogs({ abi: RewardsHub.abi, logs: receipt.logs });
        expect(told.map(({ eventName }) => eventName)).toEqual([
            "PaymentFailed",
            "PaymentSkipped",
            "GroupFailed",
            "BatchSettled",
        ]);
    });

    test("pays what is new in it beside what is not", async () => {
        await settle(stage.tea, [fromAda(toCleo)]);

        const outcome = await settle(stage.tea, [fromAda(toBen, toCleo)]);

        expect(outcome).toMatchObject({ paid: [1n], skipped: [2n] });
    });

    test("with one payment twice in a group pays it once", async () => {
        const outcome = await settle(stage.tea, [fromAda(toBen, toBen, toCleo)]);

        expect(outcome).toMatchObject({ paid: [1n, 2n], skipped: [1n], failed: {} });
        expect(await balance(bensWallet)).toBe(dollars(5));
    });

    test("with one payment in two groups pays it once", async () => {
        const outcome = await settle(stage.tea, [fromAda(toBen), fromAda(toBen)]);

        expect(outcome).toMatchObject({ paid: [1n], skipped: [1n] });
        expect(await balance(bensWallet)).toBe(dollars(5));
    });

    test("counts one payment that comes twice once against the limit", async () => {
        const all = { ...toBen, amount: dollars(500) };

        expect(await settle(stage.tea, [fromAda(all, all)])).toMatchObject({ paid: [1n] });
        expect(await spendable()).toBe(0n);
    });

    test("without groups, or with an empty one, is settled", async () => {
        expect(await settle(stage.tea, [])).toMatchObject({ paid: [], failedGroups: {} });
        expect(await settle(stage.tea, [fromAda()])).toMatchObject({ paid: [], failedGroups: {} });
    });

    test("is remembered 256 payments a word", async () => {
        const { hub } = stage.tea;
        const ids = [0n, 255n, 256n, 1_000_000n, maxUint256];
        await settle(stage.tea, [fromAda(...ids.map((id) => ({ ...toBen, id })))]);

        for (const id of ids) expect(await hub.read.isPaid([id])).toBe(true);
        expect(await hub.read.isPaid([1n])).toBe(false);
        expect(await hub.read.paidWord([0n])).toBe(1n | (1n << 255n));
        expect(await hub.read.paidWord([1n])).toBe(1n);
        expect(await hub.read.paidWord([1_000_000n >> 8n])).toBe(1n << (1_000_000n & 255n));
        expect(await hub.read.paidWord([2n])).toBe(0n);
    });
});

describe("a group fails alone", () => {
    /** Ada's group is first and last, so that one before and one after the bad one are seen. */
    async function settleBetweenAdas(group: Group) {
        const outcome = await settle(stage.tea, [fromAda(toBen), group, fromAda(toCleo)]);
        expect(outcome.paid).toEqual([1n, 2n]);
        return outcome.failedGroups[1];
    }
    const bad: Payment = { id: 3n, wallet: bensWallet, amount: dollars(10) };

    test("when the bank is one unit short", async () => {
        const zoesBank = await openZoesBank();
        const tooMuch = { ...bad, amount: dollars(10) + 1n };

        expect(await settleBetweenAdas(from(zoesBank, tooMuch))).toBe("InsufficientFunds");
        expect(await stage.tea.hub.read.isPaid([3n])).toBe(false);
        expect(await settle(stage.tea, [from(zoesBank, bad)])).toMatchObject({ paid: [3n] });
    });

    test("when the bank is paused", async () => {
        const zoesBank = await openZoesBank();
        const { mined } = stage.tea;
        await mined(zoesBank.write.pause({ account: people.zoe }));

        expect(await settleBetweenAdas(from(zoesBank, bad))).toBe("EnforcedPause");

        await mined(zoesBank.write.unpause({ account: people.zoe }));
        expect(await settle(stage.tea, [from(zoesBank, bad)])).toMatchObject({ paid: [3n] });
    });

    test("when it is over the limit, as a whole", async () => {
        const zoesBank = await openZoesBank();
        const { mined, token } = stage.tea;
        const limit = [token.address, dollars(10) - 1n, day] as const;
        await mined(zoesBank.write.setLimit(limit, { account: people.zoe }));
        const [half, otherHalf] = [3n, 4n].map((id) => ({ ...bad, id, amount: dollars(5) }));
        if (!half || !otherHalf) throw new Error("unreachable");

        expect(await settleBetweenAdas(from(zoesBank, half, otherHalf))).toBe("LimitExceeded");
        expect(await settle(stage.tea, [from(zoesBank, half)])).toMatchObject({ paid: [3n] });
    });

    test("when its amounts are absurd", async () => {
        const absurd = [3n, 4n].map((id) => ({ ...bad, id, amount: maxUint256 }));

        expect(await settleBetweenAdas(fromAda(...absurd))).toBe("LimitExceeded");
    });

    test("when the owner never allowed the token", async () => {
        const { adasBank, addresses } = stage.tea;
        const group = { bank: adasBank.address, token: addresses.entryPoint, payments: [bad] };

        expect(await settleBetweenAdas(group)).toBe("LimitExceeded");
    });

    test("when there is no token", async () => {
        const { adasBank, mined } = stage.tea;
        for (const token of [cleosWallet, stage.tea.hub.address, adasBank.address]) {
            const limit = [token, dollars(500), day] as const;
            await mined(adasBank.write.setLimit(limit, { account: people.ada }));
            const group = { bank: adasBank.address, token, payments: [bad] };

            expect(await settle(stage.tea, [group])).toMatchObject({
                paid: [],
                failedGroups: { 0: "InsufficientFunds" },
            });
        }
    });

    test("when the bank is not one of ours, which is never called", async () => {
        const foreign = await stage.tea.deploy(ForeignBank);
        const { addresses, hub, token } = stage.tea;
        const strangers = [zeroAddress, bensWallet, token.address, hub.address];

        expect(await settleBetweenAdas(from(foreign, bad))).toBe("UnknownBank");
        for (const address of [...strangers, addresses.bankImplementation]) {
            const outcome = await settle(stage.tea, [from({ address }, bad)]);
            expect(outcome.failedGroups).toEqual({ 0: "UnknownBank" });
        }
        expect(await foreign.read.calls()).toBe(0n);
        expect(await hub.read.isPaid([3n])).toBe(false);
    });

    test("when the bank is a clone that the factory did not make", async () => {
        const { addresses, client, mined, mint, token } = stage.tea;
        const data: Hex = concatHex([
            "0x3d602d80600a3d3981f3363d3d373d3d3d363d73",
            addresses.bankImplementation,
            "0x5af43d82803e903d91602b57fd5bf3",
        ]);
        const { eve } = people;
        const receipt = await mined(client.sendTransaction({ account: eve, data }));
        const clone = { address: receipt.contractAddress ?? zeroAddress, abi: CampaignBank.abi };
        await mint(clone.address, dollars(100));

        const evesBank = getContract({ ...clone, client });
        const limits = [{ token: token.address, amount: dollars(100), period: day }];
        const args = [eve.address, eve.address, limits] as const;

        await expect(evesBank.write.initialize(args, { account: eve })).rejects.toThrow(
            "CallerNotAllowed"
        );
        expect(await settleBetweenAdas(from(clone, bad))).toBe("LimitExceeded");
    });
});

describe("a payment fails alone", () => {
    let nowhere: [string, Address][];
    beforeEach(() => {
        const { adasBank, hub, token } = stage.tea;
        nowhere = [
            ["nobody", zeroAddress],
            ["the hub", hub.address],
            ["the bank itself", adasBank.address],
            ["the token", token.address],
        ];
    });

    test.each([0, 1, 2, 3])(
        "when its wallet is nobody, the hub, the bank or the token (%i)",
        async (index) => {
            const [, wallet = zeroAddress] = nowhere[index] ?? [];
            const lost = { id: 3n, wallet, amount: dollars(7) };

            const outcome = await settle(stage.tea, [fromAda(toBen, lost, toCleo)]);

            expect(outcome).toMatchObject({ paid: [1n, 2n], failed: { 3: "InvalidWallet" } });
            expect(await stage.tea.hub.read.isPaid([3n])).toBe(false);
            expect(await spendable()).toBe(dollars(493));
        }
    );

    test("and is said to be paid when it was paid before, whatever its wallet is now", async () => {
        await settle(stage.tea, [fromAda(toBen)]);

        const elsewhere = { ...toBen, wallet: zeroAddress };
        expect(await settle(stage.tea, [fromAda(elsewhere)])).toMatchObject({
            skipped: [1n],
            failed: {},
        });
    });
});
