import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import {
    type Address,
    encodeFunctionData,
    getAddress,
    keccak256,
    size,
    sliceHex,
    toHex,
} from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { type Group, settle } from "../fixtures/settlement";
import { day, dollars, people } from "../fixtures/teaChain";
import { useTeaChain } from "../fixtures/useTeaChain";

const stage = useTeaChain();
/** Osaka's cap for one transaction (EIP-7825). */
const gasCap = 16_777_216n;

const walletOf = (number: number): Address => getAddress(sliceHex(keccak256(toHex(number)), 12));

/** Sequential ids of a hub that has been busy: the first of its word, and not the first of all. */
function payments(count: number, from: number): Group[] {
    const { adasBank, token } = stage.tea;
    const all = Array.from({ length: count }, (_, index) => ({
        id: BigInt(0x123400 + from + index),
        wallet: walletOf(index),
        amount: 1_234_567n,
    }));
    return [{ bank: adasBank.address, token: token.address, payments: all }];
}

beforeEach(async () => {
    const { adasBank, mined, mint, token } = stage.tea;
    await mint(adasBank.address, dollars(1_000_000));
    const limit = [token.address, dollars(1_000_000), day] as const;
    await mined(adasBank.write.setLimit(limit, { account: people.ada }));
});

const gasOf = async (groups: Group[]): Promise<bigint> => {
    const { paid, receipt } = await settle(stage.tea, groups, { gas: gasCap });
    expect(paid).toHaveLength(groups.flatMap((group) => group.payments).length);
    return receipt.gasUsed;
};

describe("200 payments", () => {
    test("cost at most 31,000 gas each to wallets that hold nothing", async () => {
        expect(await gasOf(payments(200, 0))).toBeLessThanOrEqual(200n * 31_000n);
    });

    test("cost at most 13,600 gas each to wallets that hold some", async () => {
        await gasOf(payments(200, 0));

        expect(await gasOf(payments(200, 256))).toBeLessThanOrEqual(200n * 13_600n);
    });

    test("cost at most 5,000 gas each when they were made before", async () => {
        await gasOf(payments(200, 0));

        const { receipt, skipped } = await settle(stage.tea, payments(200, 0));
        expect(skipped).toHaveLength(200);
        expect(receipt.gasUsed).toBeLessThanOrEqual(200n * 5_000n);
    });

    test("take at most 135 bytes each", () => {
        const args = [1n, payments(200, 0), keccak256("0x")] as const;
        const data = encodeFunctionData({ abi: RewardsHub.abi, functionName: "settle", args });

        expect(size(data)).toBeLessThanOrEqual(200 * 135);
    });
});

test("500 payments to wallets that hold nothing fit a transaction", async () => {
    expect(await gasOf(payments(500, 0))).toBeLessThan(gasCap);
});

test("a bank is opened with its limits for less than 250,000 gas", async () => {
    const { factory, mined, token } = stage.tea;
    const limits = [{ token: token.address, amount: dollars(1), period: day }];
    const args = [people.zoe.address, keccak256("0x"), people.bankManager.address, limits] as const;

    const { gasUsed } = await mined(factory.write.deploy(args, { account: people.bankManager }));

    expect(gasUsed).toBeLessThan(250_000n);
});
