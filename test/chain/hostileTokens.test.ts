import { CampaignBank } from "@contracts/artifacts/CampaignBank";
import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import { GasProbe } from "@contracts/artifacts/test/GasProbe";
import { MoodyToken } from "@contracts/artifacts/test/MoodyToken";
import {
    type Address,
    encodeFunctionData,
    getAddress,
    padHex,
    parseEventLogs,
    size,
    toHex,
    zeroHash,
} from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { type Group, outcomeOf, type Payment, settle } from "../fixtures/settlement";
import {
    bensWallet,
    day,
    dollars,
    people,
    refusal,
    rewind,
    type TeaChain,
} from "../fixtures/teaChain";
import { useTeaChain } from "../fixtures/useTeaChain";

const stage = useTeaChain();

const moods = {
    honest: 0,
    reverts: 1,
    revertsSilently: 2,
    saysFalse: 3,
    saysTwo: 4,
    saysNothing: 5,
    burnsAllGas: 6,
    revertsWithABomb: 7,
    paysWithABomb: 8,
} as const;
type Mood = keyof typeof moods;

/** Osaka's cap for one transaction (EIP-7825). */
const gasCap = 16_777_216n;

/** Eve's own token, and her bank full of it: all is hers, but the batch is everybody's. */
async function evesShop({ deploy, mined, openBank }: TeaChain) {
    const token = await deploy(MoodyToken);
    const limits = [{ token: token.address, amount: 2n ** 100n, period: day }];
    const bank = await openBank({ owner: people.eve.address, merchant: "Eve's", limits });
    await mined(token.write.mint([bank.address, 1_000_000n], { account: people.zoe }));
    return { token, bank };
}

let eves: Awaited<ReturnType<typeof evesShop>>;
beforeEach(async () => {
    eves = await evesShop(stage.tea);
});

const walletOf = (number: number): Address =>
    getAddress(padHex(toHex(0xfee0_0000 + number), { size: 20 }));
const adaPays = (id: bigint): Payment => ({ id, wallet: bensWallet, amount: dollars(1) });
const evePays = (id: bigint): Payment => ({ id, wallet: walletOf(Number(id)), amount: 100n });

const fromAda = (...ids: bigint[]): Group => {
    const { adasBank, token } = stage.tea;
    return { bank: adasBank.address, token: token.address, payments: ids.map(adaPays) };
};
const fromEve = (...payments: Payment[]): Group => {
    return { bank: eves.bank.address, token: eves.token.address, payments };
};
const spentByEve = async () => (await eves.bank.read.limitOf([eves.token.address]))[2];
const isPaid = (id: bigint) => stage.tea.hub.read.isPaid([id]);

async function setMood(ofTransfer: Mood, { ofBalance = "honest" as Mood, gasToBurn = 0n } = {}) {
    const { mined } = stage.tea;
    const args = [moods[ofTransfer], moods[ofBalance]] as const;
    await mined(eves.token.write.setMood(args, { account: people.zoe }));
    await mined(eves.token.write.setGasToBurn([gasToBurn], { account: people.zoe }));
}

/** Ada's payment 1 is before Eve's group, and her payment 2 after it. */
async function settleBetweenAdas(...payments: Payment[]) {
    const groups = [fromAda(1n), fromEve(...payments), fromAda(2n)];
    const outcome = await settle(stage.tea, groups, { gas: gasCap });
    expect(outcome.paid).toEqual(expect.arrayContaining([1n, 2n]));
    return outcome;
}

describe("a token that does not pay", () => {
    test.each<[Mood, string]>([
        ["reverts", "NotToday"],
        ["revertsSilently", "TransferFailed"],
        ["saysFalse", "TransferFailed"],
        ["burnsAllGas", "TransferFailed"],
    ])(
        "because it %s leaves the payment unpaid, its limit unused and the others alone",
        async (mood, reason) => {
            await setMood(mood);

            expect(await settleBetweenAdas(evePays(3n))).toMatchObject({
                failed: { 3: reason },
                failedGroups: {},
            });
            expect(await isPaid(3n)).toBe(false);
            expect(await spentByEve()).toBe(0n);

            await setMood("honest");
            expect(await settle(stage.tea, [fromEve(evePays(3n))])).toMatchObject({ paid: [3n] });
            expect(await spentByEve()).toBe(100n);
        }
    );

    test("because it refuses one wallet pays the other wallets of its group", async () => {
        const { mined } = stage.tea;
        await mined(eves.token.write.refuse([walletOf(4)], { account: people.zoe }));

        const outcome = await settleBetweenAdas(evePays(3n), evePays(4n), evePays(5n));

        expect(outcome).toMatchObject({ paid: [1n, 3n, 5n, 2n], failed: { 4: "WalletRefused" } });
        expect([await isPaid(3n), await isPaid(4n), await isPaid(5n)]).toEqual([true, false, true]);
        expect(await spentByEve()).toBe(200n);
    });

    test("is not said to have paid when the refused payment comes twice", async () => {
        const { mined } = stage.tea;
        await mined(eves.token.write.refuse([walletOf(3)], { account: people.zoe }));

        expect(await settleBetweenAdas(evePays(3n), evePays(3n))).toMatchObject({
            skipped: [],
            failed: { 3: "WalletRefused" },
        });
    });
});

describe("a token that pays in its own way", () => {
    test.each<Mood>(["saysNothing", "saysTwo"])("and %s has paid", async (mood) => {
        await setMood(mood);

        expect(await settleBetweenAdas(evePays(3n))).toMatchObject({ paid: [1n, 3n, 2n] });
        expect(await eves.token.read.balanceOf([walletOf(3)])).toBe(100n);
    });
});

describe("a token that wants all the gas", () => {
    test("for its balance gets what any token gets, and its group fails", async () => {
        await setMood("honest", { ofBalance: "burnsAllGas" });

        const { failedGroups, receipt } = await settleBetweenAdas(evePays(3n));

        expect(failedGroups).toEqual({ 1: "InsufficientFunds" });
        expect(receipt.gasUsed).toBeLessThan(600_000n);
    });

    test("for a long story instead of its balance gets a group that fails", async () => {
        await setMood("honest", { ofBalance: "revertsWithABomb" });

        const { failedGroups, receipt } = await settleBetweenAdas(evePays(3n));

        expect(failedGroups).toEqual({ 1: "InsufficientFunds" });
        expect(receipt.gasUsed).toBeLessThan(600_000n);
    });

    test("for a long story instead of a payment is quoted with 256 bytes", async () => {
        await setMood("revertsWithABomb");

        const { failed, receipt } = await settleBetweenAdas(evePays(3n));

        expect(failed).toEqual({ 3: "NotToday" });
        const [told] = parseEventLogs({
            ...RewardsHub,
            logs: receipt.logs,
            eventName: "PaymentFailed",
        });
        expect(size(told?.args.reason ?? "0x")).toBe(256);
    });

    test("cannot swell a batch with answers either", async () => {
        const ids = Array.from({ length: 50 }, (_, index) => BigInt(index + 3));
        await setMood("saysNothing");
        const modest = await settle(stage.tea, [fromEve(...ids.map(evePays))]);

        await setMood("paysWithABomb");
        const again = ids.map((id) => ({ ...evePays(id), id: id + 256n }));
        const swollen = await settle(stage.tea, [fromEve(...again)]);

        expect(swollen.paid).toHaveLength(50);
        const perAnswer = (swollen.receipt.gasUsed - modest.receipt.gasUsed) / 50n;
        expect(perAnswer).toBeLessThan(5_000n);
    });

    test.each([
        ["without a word", "burnsAllGas", 0n],
        ["with the longest reason", "revertsWithABomb", 15_000n],
    ] as const)(
        "for each of 250 payments, %s, leaves enough for the others",
        async (_, mood, gasToBurn) => {
            await setMood(mood, { gasToBurn });
            const many = Array.from({ length: 250 }, (_, index) => evePays(BigInt(index + 3)));

            const { failed, receipt } = await settleBetweenAdas(...many);

            expect(Object.keys(failed)).toHaveLength(250);
            expect(receipt.gasUsed).toBeLessThan(gasCap);
        }
    );

    test("once, because it is heavy, is paid from the reserve", async () => {
        await setMood("honest", { gasToBurn: 130_000n });

        expect(await settleBetweenAdas(evePays(3n))).toMatchObject({ paid: [1n, 3n, 2n] });
    });

    test("every time, because it is heavy, is paid as far as the reserve goes", async () => {
        await setMood("honest", { gasToBurn: 130_000n });

        const { failed } = await settleBetweenAdas(evePays(3n), evePays(4n), evePays(5n));

        expect(failed).toEqual({ 4: "TransferFailed", 5: "TransferFailed" });
    });
});

describe("a transaction with too little gas", { timeout: 20_000 }, () => {
    type Scan = { groups: Group[]; from: bigint; to: bigint; step: bigint };

    /** All that can become of a batch, over a range of gas limits around what it needs. */
    async function outcomesOf({ groups, from, to, step }: Scan): Promise<string[]> {
        const { client, hub, mined } = stage.tea;
        const args = [1n, groups, zeroHash] as const;
        const outcomes = new Set<string>();
        const enough = await hub.estimateGas.settle(args, { account: people.settler });
        for (let gas = enough + from; gas <= enough + to; gas += step) {
            const beginning = await client.snapshot();
            const receipt = await mined(hub.write.settle(args, { account: people.settler, gas }));
            const { paid, failed, failedGroups } = outcomeOf(receipt);
            const unpaid = { failed: Object.keys(failed).length, ...failedGroups };
            outcomes.add(`${receipt.status}: ${paid.length} paid, ${JSON.stringify(unpaid)}`);
            await rewind(client, beginning);
        }
        return [...outcomes].sort();
    }
    const nothing = 'reverted: 0 paid, {"failed":0}';

    test("for a heavy token is reverted as a whole, however little is missing", async () => {
        await setMood("honest", { gasToBurn: 90_000n });
        const groups = [fromAda(1n), fromEve(evePays(3n)), fromAda(2n)];

        expect(await outcomesOf({ groups, from: -300_000n, to: 50_000n, step: 10_000n })).toEqual([
            nothing,
            'success: 3 paid, {"failed":0}',
        ]);
    });

    test("for a large group is reverted as a whole, and not that group alone", async () => {
        const groups = [
            fromEve(...Array.from({ length: 100 }, (_, index) => evePays(BigInt(index)))),
        ];

        expect(await outcomesOf({ groups, from: -1_000_000n, to: 50_000n, step: 75_000n })).toEqual(
            [nothing, 'success: 100 paid, {"failed":0}']
        );
    });

    test("for a token that burns it is reverted as a whole as well", async () => {
        await setMood("burnsAllGas");
        const groups = [
            fromEve(...Array.from({ length: 40 }, (_, index) => evePays(BigInt(index)))),
        ];

        expect(await outcomesOf({ groups, from: -60_000n, to: 10_000n, step: 5_000n })).toEqual([
            nothing,
            'success: 0 paid, {"failed":40}',
        ]);
    });

    test("says that it had too little", async () => {
        await setMood("honest", { gasToBurn: 90_000n });
        const args = [1n, [fromEve(evePays(3n))], zeroHash] as const;
        const call = stage.tea.hub.simulate.settle(args, {
            account: people.settler,
            gas: 250_000n,
        });

        expect(await refusal(call)).toBe("NotEnoughGas");
    });

    test("never hands on less than was promised", async () => {
        const probe = await stage.tea.deploy(GasProbe);
        const account = people.zoe;
        const answers = new Set<string>();
        for (let gas = 60_000n; gas <= 360_000n; gas += 3_000n) {
            const call = probe.simulate.give([200_000n], { account, gas }).then(({ result }) => {
                expect(result).toBeGreaterThan(199_500n);
            });
            answers.add(await refusal(call));
        }
        expect([...answers]).toEqual(["NotEnoughGas", "accepted"]);
    });
});

describe("a token that calls back", () => {
    async function callBackWith(callee: Address, data: `0x${string}`) {
        await stage.tea.mined(eves.token.write.callBack([callee, data], { account: people.zoe }));
    }

    test("into the hub, even as a settler, settles nothing", async () => {
        const { hub, mined } = stage.tea;
        const role = await hub.read.SETTLER_ROLE();
        await mined(hub.write.grantRole([role, eves.token.address], { account: people.admin }));
        const args = [1n, [fromEve(evePays(3n), evePays(4n))], zeroHash] as const;
        await callBackWith(
            hub.address,
            encodeFunctionData({ abi: RewardsHub.abi, functionName: "settle", args })
        );

        expect(await settleBetweenAdas(evePays(3n))).toMatchObject({ paid: [1n, 3n, 2n] });
        expect(await eves.token.read.calledBack()).toBe(false);
        expect(await eves.token.read.answer()).toBe("0x3ee5aeb5"); // ReentrancyGuardReentrantCall()
        expect(await eves.token.read.balanceOf([walletOf(3)])).toBe(100n);
        expect(await isPaid(4n)).toBe(false);
    });

    test("into its bank without being the hub pays nothing", async () => {
        const args = [eves.token.address, [evePays(9n)]] as const;
        const data = encodeFunctionData({ abi: CampaignBank.abi, functionName: "pay", args });
        await callBackWith(eves.bank.address, data);

        expect(await settleBetweenAdas(evePays(3n))).toMatchObject({ paid: [1n, 3n, 2n] });
        expect(await eves.token.read.calledBack()).toBe(false);
        expect(await eves.token.read.balanceOf([walletOf(9)])).toBe(0n);
    });

    test("as the owner of its bank, to take everything out, hurts nobody else", async () => {
        await handBankToItsToken();
        const args = [eves.token.address, people.eve.address, 1n] as const;
        await callBackWith(
            eves.bank.address,
            encodeFunctionData({ abi: CampaignBank.abi, functionName: "withdraw", args })
        );

        const all = { ...evePays(3n), amount: 1_000_000n };
        const { paid } = await settleBetweenAdas(all);

        expect(paid).toEqual([1n, 2n]);
        expect(await isPaid(3n)).toBe(false);
    });

    test("as the owner of its bank, to start a new period, gains no more than it may", async () => {
        await handBankToItsToken();
        const args = [eves.token.address, 150n, 1n] as const;
        await callBackWith(
            eves.bank.address,
            encodeFunctionData({ abi: CampaignBank.abi, functionName: "setLimit", args })
        );
        const { mined } = stage.tea;
        await mined(eves.token.write.refuse([walletOf(4)], { account: people.zoe }));

        expect(await settleBetweenAdas(evePays(3n), evePays(4n))).toMatchObject({
            paid: [1n, 3n, 2n],
            failed: { 4: "WalletRefused" },
        });
        expect(await eves.bank.read.spendable([eves.token.address])).toBeLessThanOrEqual(150n);
    });

    async function handBankToItsToken() {
        const { mined } = stage.tea;
        await mined(
            eves.bank.write.transferOwnership([eves.token.address], { account: people.eve })
        );
        const data = encodeFunctionData({ abi: CampaignBank.abi, functionName: "acceptOwnership" });
        await mined(eves.token.write.act([eves.bank.address, data], { account: people.zoe }));
    }
});
