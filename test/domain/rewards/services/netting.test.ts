import fc from "fast-check";
import type { Address } from "viem";
import { describe, expect, test } from "vitest";
import type { Reward } from "@/domain/rewards/db/schema";
import { affordable, netByWallet } from "@/domain/rewards/services/netting";

const [ben, cleo, dora] = ["b", "c", "d"].map((letter) => `0x${letter.repeat(40)}`) as [
    Address,
    Address,
    Address,
];
const reward = (wallet: Address | null, amount: bigint, id = `${wallet} ${amount}`) =>
    ({ id, wallet, amount }) as unknown as Reward;
const rewards = fc.array(
    fc
        .tuple(fc.constantFrom(ben, cleo, dora, null), fc.bigInt({ min: 0n, max: 1_000n }))
        .map(([wallet, amount]) => reward(wallet, amount))
);
const sum = (all: readonly { amount: bigint }[]) =>
    all.reduce((total, { amount }) => total + amount, 0n);

describe("what a bank can afford", () => {
    const owed = [reward(ben, 5n), reward(cleo, 20n), reward(dora, 1n)];

    test.each([
        [26n, 3, "all of it"],
        [25n, 2, "to the last unit"],
        [24n, 1, "not what does not fit, nor the small one behind it"],
        [5n, 1, "the oldest alone"],
        [4n, 0, "nothing"],
        [0n, 0, "nothing of nothing"],
    ])("with %s units are the oldest %i: %s", (funds, count) => {
        expect(affordable(owed, funds)).toEqual({
            paid: owed.slice(0, count),
            waiting: owed.slice(count),
        });
    });

    test("is never more than it has, and as much as fits in order", () => {
        fc.assert(
            fc.property(rewards, fc.bigInt({ min: 0n, max: 5_000n }), (all, funds) => {
                const { paid, waiting } = affordable(all, funds);
                expect([...paid, ...waiting]).toEqual(all);
                expect(sum(paid) <= funds).toBe(true);
                const [next] = waiting;
                if (next) expect(sum(paid) + next.amount > funds).toBe(true);
            })
        );
    });
});

describe("one transfer a wallet", () => {
    test("has all that goes there, in the order it was earned", () => {
        const [first, second, third] = [
            reward(ben, 5n, "first"),
            reward(cleo, 2n),
            reward(ben, 7n, "third"),
        ];
        expect(netByWallet([first, second, third])).toEqual([
            { wallet: ben, amount: 12n, rewards: [first, third] },
            { wallet: cleo, amount: 2n, rewards: [second] },
        ]);
    });

    test("is not made of nothing, nor to nobody", () => {
        expect(netByWallet([reward(null, 5n), reward(ben, 0n)])).toEqual([]);
    });

    test("neither loses nor invents a unit", () => {
        fc.assert(
            fc.property(rewards, (all) => {
                const payments = netByWallet(all);
                expect(new Set(payments.map(({ wallet }) => wallet)).size).toBe(payments.length);
                expect(sum(payments)).toBe(sum(all.filter(({ wallet }) => wallet)));
                for (const payment of payments) expect(sum(payment.rewards)).toBe(payment.amount);
            })
        );
    });
});
