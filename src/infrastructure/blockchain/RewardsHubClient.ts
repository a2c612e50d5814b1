import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import {
    type Address,
    decodeErrorResult,
    encodeFunctionData,
    getAddress,
    type Hex,
    isAddressEqual,
    parseEventLogs,
} from "viem";
import type { Call } from "./ChainTransactionService";
import type { StoredLog } from "./db/schema";

export type HubPayment = {
    id: bigint;
    bank: Address;
    token: Address;
    wallet: Address;
    amount: bigint;
};
export type Settlement = { epoch: bigint; payments: readonly HubPayment[]; rewardsRoot: Hex };
export type Publication = {
    epoch: bigint;
    purchasesRoot: Hex;
    liabilitiesRoot: Hex;
    liabilities: readonly { token: Address; amount: bigint }[];
};
/** What became of a payment. `skipped` was paid before; `failed` was not paid. */
export type PaymentOutcome =
    | { status: "confirmed" | "skipped" }
    | { status: "failed"; reason: string };

/** What the hub may let a group and a payment use (its `GAS_…` constants), with what it needs itself. */
const gas = { base: 300_000n, group: 470_000n, payment: 61_000n };
/** The most gas that one transaction may have (EIP-7825). */
const maxGas = 16_777_216n;
const maxPayments = 250;

/** Speaks the language of the hub contract: calls into bytes, events into outcomes. Sends nothing. */
export class RewardsHubClient {
    constructor(private readonly address: Address) {}

    /** Whether so many payments of so many groups fit into one transaction, whatever the tokens do with their gas. */
    static fits(groups: number, payments: number): boolean {
        return payments <= maxPayments && gasOf(groups, payments) <= maxGas;
    }

    settleCall({ epoch, payments, rewardsRoot }: Settlement): Call {
        const groups = groupsOf(payments);
        const data = encodeFunctionData({
            abi: RewardsHub.abi,
            functionName: "settle",
            args: [epoch, groups, rewardsRoot],
        });
        return { to: this.address, data, gas: gasOf(groups.length, payments.length) };
    }

    /** The same once more changes nothing; other roots for a published epoch are refused. */
    publishCall({ epoch, purchasesRoot, liabilitiesRoot, liabilities }: Publication): Call {
        const data = encodeFunctionData({
            abi: RewardsHub.abi,
            functionName: "publish",
            args: [epoch, purchasesRoot, liabilitiesRoot, liabilities],
        });
        return { to: this.address, data, gas: 120_000n + 6_000n * BigInt(liabilities.length) };
    }

    /** By payment id, from the events of the transaction. Every payment has exactly one. */
    outcomesOf(
        logs: readonly StoredLog[],
        payments: readonly HubPayment[]
    ): Map<bigint, PaymentOutcome> {
        const ours = logs.filter(({ address }) => isAddressEqual(address, this.address));
        const events = parseEventLogs({ abi: RewardsHub.abi, logs: ours as never, strict: true });
        const outcomes = new Map<bigint, PaymentOutcome>();
        // What is told of one payment counts before what is told of its group.
        for (const [id, outcome] of events.flatMap((event) => told(event, payments))) {
            if (!outcomes.has(id)) outcomes.set(id, outcome);
        }
        return outcomes;
    }
}

type HubEvent = ReturnType<typeof parseEventLogs<typeof RewardsHub.abi, true>>[number];
type Told = [bigint, PaymentOutcome][];

function told(event: HubEvent, payments: readonly HubPayment[]): Told {
    switch (event.eventName) {
        case "PaymentsMade":
            return event.args.payments.map(({ id }) => [id, { status: "confirmed" }]);
        case "PaymentSkipped":
            return [[event.args.id, { status: "skipped" }]];
        case "PaymentFailed":
            return [[event.args.id, failed(event.args.reason)]];
        case "GroupFailed": {
            const { args } = event;
            const inGroup = payments.filter((payment) => isOf(args, payment));
            return inGroup.map(({ id }) => [id, failed(args.reason)]);
        }
        default:
            return [];
    }
}

type GroupName = { bank: Address; token: Address };

const isOf = (group: GroupName, { bank, token }: GroupName): boolean =>
    isAddressEqual(bank, group.bank) && isAddressEqual(token, group.token);

const gasOf = (groups: number, payments: number): bigint =>
    gas.base + gas.group * BigInt(groups) + gas.payment * BigInt(payments);

function groupsOf(payments: readonly HubPayment[]) {
    const groups = Map.groupBy(payments, ({ bank, token }) => `${bank}:${token}`);
    return [...groups.values()].flatMap((group) => {
        const [first] = group;
        if (!first) return [];
        const { bank, token } = first;
        return [
            {
                bank,
                token,
                payments: group.map(({ id, wallet, amount }) => ({ id, wallet, amount })),
            },
        ];
    });
}

const failed = (reason: Hex): PaymentOutcome => ({
    status: "failed",
    reason: reasonText(reason),
});

/** The contract's own errors by name; those of foreign tokens as they came. */
function reasonText(reason: Hex): string {
    try {
        const { errorName, args } = decodeErrorResult({ abi: RewardsHub.abi, data: reason });
        const shown = (args ?? []).map((arg) =>
            typeof arg === "string" && arg.length === 42 ? getAddress(arg) : String(arg)
        );
        return `${errorName}(${shown.join(", ")})`;
    } catch {
        return reason.slice(0, 266);
    }
}
