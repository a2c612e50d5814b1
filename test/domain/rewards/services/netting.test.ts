import fc from "fast-check";
import type { Address } from "viem";
import { describe, expect, test } from "vitest";
import type { Reward } from "@/domain/rewards/db/schema";

import {
    affordable,
    type NetShare,
    netByWallet,
    withoutDebts,
    worthPaying,
} from "@/domain/rewards/services/netting";
import type { GroupId } from "@/utils/ids";

const [ben, cleo, dora] = ["b", "c", "d"].map((letter) => `0x${letter.repeat(40)}`) as [
    Address,
    Address,
    Address,
];
type Some = { id?: string; claimId?: string };
const reward = (wallet: Address | null, amount: bigint, some: Some = {}) =>
    ({
        id: `${wallet} ${amount}`,
        wallet,
        amount,
        groupId: wallet,
        claimId: null,
        ...some,
    }) as unknown as Reward;
const share = (wallet: Address | null, paid: bigint, some?: Some): NetShare => ({
    reward: reward(wallet, paid, some),
    paid,
});
const amounts = fc.bigInt({ min: 0n, max: 1_000n });
const owedToPeople = fc.array(fc.tuple(fc.constantFrom(ben, cleo, dora, null), amounts));
const shares = owedToPeople.map((all) => all.map(([wallet, paid]) => share(wallet, paid)));
const sum = (all: readonly NetShare[]) => all.reduce((total, { paid }) => total + paid, 0n);
const groupOf = (wallet: Address) => wallet as unknown as GroupId;

describe("what a bank can afford", () => {
    const owed = [share(ben, 5n), share(cleo, 20n), share(dora, 1n)];

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
            fc.property(shares, fc.bigInt({ min: 0n, max: 5_000n }), (all, funds) => {
                const { paid, waiting } = affordable(all, funds);
                expect([...paid, ...waiting]).toEqual(all);
                expect(sum(paid) <= funds).toBe(true);
                const [next] = waiting;
                if (next) expect(sum(paid) + next.paid > funds).toBe(true);
            })
        );
    });
});

describe("one transfer a wallet", () => {
    test("has all that goes there, in the order it was earned", () => {
        const [first, second, third] = [
            share(ben, 5n, { id: "first" }),
            share(cleo, 2n),
            share(ben, 7n, { id: "third" }),
        ];
        expect(netByWallet([first, second, third])).toEqual([
            { wallet: ben, amount: 12n, shares: [first, third] },
            { wallet: cleo, amount: 2n, shares: [second] },
        ]);
    });

    test("is not made of nothing, nor to nobody", () => {
        expect(netByWallet([share(null, 5n), share(ben, 0n)])).toEqual([]);
    });

    test("neither loses nor invents a unit", () => {
        fc.assert(
            fc.property(shares, (all) => {
                const payments = netByWallet(all);
                expect(new Set(payments.map(({ wallet }) => wallet)).size).toBe(payments.length);
                const transferred = payments.reduce((total, { amount }) => total + amount, 0n);
                expect(transferred).toBe(sum(all.filter(({ reward: { wallet } }) => wallet)));
                for (const payment of payments) expect(sum(payment.shares)).toBe(payment.amount);
            })
        );
    });
});

describe("debts", () => {
    test("are paid from the oldest rewards, to the last unit of either", () => {
        const owed = [reward(ben, 5n), reward(cleo, 4n), reward(ben, 7n), reward(ben, 1n)];
        const paid = withoutDebts(owed, new Map([[groupOf(ben), 8n]])).map((one) => one.paid);
        expect(paid).toEqual([0n, 4n, 4n, 1n]);
    });

    test("take from nobody what they do not owe, and no more than they are owed", () => {
        fc.assert(
            fc.property(owedToPeople, amounts, (all, debt) => {
                const owed = all.map(([wallet, amount]) => reward(wallet, amount));
                const after = withoutDebts(owed, new Map([[groupOf(ben), debt]]));
                const ofBen = (one: NetShare) => one.reward.wallet === ben;
                const whole = owed
                    .filter(({ wallet }) => wallet === ben)
                    .reduce((total, { amount }) => total + amount, 0n);
                expect(sum(after.filter(ofBen))).toBe(whole > debt ? whole - debt : 0n);
                for (const one of after.filter((other) => !ofBen(other))) {
                    expect(one.paid).toBe(one.reward.amount);
                }
            })
        );
    });
});

describe("a merchant's minimum", () => {
    test("keeps small wallets waiting, unless they asked", () => {
        const all = [
            share(ben, 5n),
            share(cleo, 4n, { claimId: "please" }),
            share(dora, 5n, { id: "one" }),
            share(dora, 5n, { id: "two" }),
        ];
        expect(worthPaying(all, 10n)).toEqual(all.slice(1));
        expect(worthPaying(all, 5n)).toEqual(all);
    });

    test("does not keep what a debt took whole", () => {
        expect(worthPaying([share(ben, 0n), share(ben, 3n)], 10n)).toEqual([share(ben, 0n)]);
    });
});
