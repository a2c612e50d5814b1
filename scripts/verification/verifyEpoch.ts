import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import {
    type Address,
    createPublicClient,
    encodeAbiParameters,
    erc20Abi,
    getAddress,
    type Hex,
    http,
    isAddressEqual,
    keccak256,
    parseAbi,
    parseEventLogs,
    toHex,
    zeroHash,
} from "viem";
import { sumRoot } from "./sumTree";

/** What the public API says of an epoch (`/common/v1/epochs/:n` and its leaves). */
export type EpochSaid = {
    number: string;
    purchasesRoot: Hex;
    liabilitiesRoot: Hex;
    liabilities: { token: Address; root: Hex; amount: string }[];
    asOfBlock: string;
    txHash: Hex | null;
    batches: { rewardsRoot: Hex; txHash: Hex | null }[];
};
export type LeavesSaid = {
    rewards: { rewardsRoot: Hex; reward: Hex; paymentId: string; purchase: Hex; amount: string }[];
    purchases: { purchase: Hex; status: string; netHash: Hex }[];
    merchants: {
        merchantKey: Hex;
        token: Address;
        root: Hex;
        amount: string;
        rewards: { reward: Hex; amount: string }[];
    }[];
};
export type Verification = { rpcUrl: string; hub: Address; epoch: EpochSaid; leaves: LeavesSaid };

const abi = parseAbi([
    "struct Payment { uint256 id; address wallet; uint256 amount; }",
    "struct Liability { address token; uint256 amount; }",
    "event EpochPublished(uint64 indexed epoch, bytes32 purchasesRoot, bytes32 liabilitiesRoot, Liability[] liabilities)",
    "event BatchSettled(uint64 indexed epoch, bytes32 indexed rewardsRoot)",
    "event PaymentsMade(address indexed bank, address indexed token, Payment[] payments)",
    "event BankDeployed(address indexed bank, address indexed owner, bytes32 indexed merchantKey, address manager)",
    "function BANK_FACTORY() view returns (address)",
    "function publications(uint64 epoch) view returns (bytes32)",
]);

/**
 * Everything that is wrong with an epoch; nothing when all of it holds. Knows the contract and what the public
 * API says, and believes the contract.
 */
export async function verifyEpoch(asked: Verification): Promise<string[]> {
    const client = createPublicClient({ transport: http(asked.rpcUrl) });
    const wrong = await Promise.all([
        publication(client, asked),
        batches(client, asked),
        purchases(asked.epoch, asked.leaves),
        liabilities(asked.epoch, asked.leaves),
        funds(client, asked),
    ]);
    return wrong.flat();
}

type Client = ReturnType<typeof createPublicClient>;

/** What the hub keeps is a hash of exactly this. */
async function publication(client: Client, { hub, epoch }: Verification): Promise<string[]> {
    const kept = await client.readContract({
        address: hub,
        abi,
        functionName: "publications",
        args: [BigInt(epoch.number)],
    });
    const said = encodeAbiParameters(
        [
            { type: "bytes32" },
            { type: "bytes32" },
            {
                type: "tuple[]",
                components: [
                    { name: "token", type: "address" },
                    { name: "amount", type: "uint256" },
                ],
            },
        ],
        [
            epoch.purchasesRoot,
            epoch.liabilitiesRoot,
            epoch.liabilities.map(({ token, amount }) => ({ token, amount: BigInt(amount) })),
        ]
    );
    return kept === keccak256(said) ? [] : ["The roots and totals are not those on chain"];
}

/** Every reward is in the root of its batch, and what they add up to is what the hub paid. */
async function batches(client: Client, asked: Verification): Promise<string[]> {
    const byRoot = Map.groupBy(asked.leaves.rewards, ({ rewardsRoot }) => rewardsRoot);
    const said = new Set(asked.epoch.batches.map(({ rewardsRoot }) => rewardsRoot));
    const unknown = [...byRoot.keys()].filter((root) => !said.has(root));
    const wrong = unknown.map((root) => `No batch has the root ${root}`);
    for (const { rewardsRoot, txHash } of asked.epoch.batches) {
        const leaves = byRoot.get(rewardsRoot) ?? [];
        if (!txHash) wrong.push(`Batch ${rewardsRoot} was not sent`);
        else wrong.push(...(await batch(client, asked, { rewardsRoot, txHash, leaves })));
    }
    return wrong;
}

type Batch = { rewardsRoot: Hex; txHash: Hex; leaves: LeavesSaid["rewards"] };

async function batch(client: Client, { hub, epoch }: Verification, one: Batch): Promise<string[]> {
    const { rewardsRoot, txHash, leaves } = one;
    const values = leaves.map((leaf) => [leaf.reward, leaf.paymentId, leaf.purchase, leaf.amount]);
    const types = ["bytes32", "uint256", "bytes32", "uint256"];
    if (leaves.length === 0 || StandardMerkleTree.of(values, types).root !== rewardsRoot) {
        return [`The rewards of batch ${rewardsRoot} do not lead to its root`];
    }
    const { logs } = await client.getTransactionReceipt({ hash: txHash });
    const ours = logs.filter(({ address }) => isAddressEqual(address, hub));
    const isSettled = parseEventLogs({ abi, logs: ours, eventName: "BatchSettled" }).some(
        ({ args }) => args.rewardsRoot === rewardsRoot && args.epoch === BigInt(epoch.number)
    );
    if (!isSettled) return [`The hub did not settle batch ${rewardsRoot} in this epoch`];
    const made = parseEventLogs({ abi, logs: ours, eventName: "PaymentsMade" });
    return made
        .flatMap(({ args }) => args.payments)
        .filter(({ id, amount }) => amount !== owedBy(leaves, id))
        .map(({ id }) => `Payment ${id} is not what its rewards add up to`);
}

const owedBy = (leaves: LeavesSaid["rewards"], id: bigint): bigint =>
    leaves
        .filter(({ paymentId }) => BigInt(paymentId) === id)
        .reduce((sum, { amount }) => sum + BigInt(amount), 0n);

function purchases({ purchasesRoot }: EpochSaid, { purchases: leaves }: LeavesSaid): string[] {
    const values = leaves.map(({ purchase, status, netHash }) => [purchase, status, netHash]);
    const types = ["bytes32", "string", "bytes32"];
    const root = values.length === 0 ? zeroHash : StandardMerkleTree.of(values, types).root;
    return root === purchasesRoot ? [] : ["The purchases do not lead to their root"];
}

const tag = (text: string): Hex => keccak256(toHex(text));

/** Rewards under merchants, merchants under tokens, tokens under the root; every total is the sum of what is below. */
function liabilities(epoch: EpochSaid, { merchants }: LeavesSaid): string[] {
    const wrong = merchants.flatMap((merchant) => merchantErrors(merchant));
    const spoken = new Set(epoch.liabilities.map(({ token }) => getAddress(token)));
    if (merchants.some(({ token }) => !spoken.has(getAddress(token)))) {
        wrong.push("A token with liabilities has no total");
    }
    for (const { token, root, amount } of epoch.liabilities) {
        const nodes = merchants.filter((one) => isAddressEqual(one.token, token)).map(merchantNode);
        const made = sumRoot(nodes);
        if (made.hash !== root || made.sum !== BigInt(amount)) {
            wrong.push(`What is owed of ${token} does not lead to its total`);
        }
    }
    if (allOf(epoch) !== epoch.liabilitiesRoot) wrong.push("The totals do not lead to their root");
    return wrong;
}

type Merchant = LeavesSaid["merchants"][number];

function merchantErrors({ merchantKey, token, root, amount, rewards }: Merchant): string[] {
    const made = sumRoot(
        rewards.map((one) => ({
            hash: keccak256(
                encodeAbiParameters(
                    [{ type: "bytes32" }, { type: "bytes32" }, { type: "address" }],
                    [tag("commend/liability/v1"), one.reward, token]
                )
            ),
            sum: BigInt(one.amount),
        }))
    );
    const isRight = made.hash === root && made.sum === BigInt(amount);
    return isRight ? [] : [`The rewards of merchant ${merchantKey} do not lead to its total`];
}

const merchantNode = ({ merchantKey, token, root, amount }: Merchant) => ({
    hash: keccak256(
        encodeAbiParameters(
            [{ type: "bytes32" }, { type: "bytes32" }, { type: "address" }, { type: "bytes32" }],
            [tag("commend/merchant-liability/v1"), merchantKey, token, root]
        )
    ),
    sum: BigInt(amount),
});

function allOf({ liabilities: tokens }: EpochSaid): Hex {
    if (tokens.length === 0) return zeroHash;
    const components = [
        { name: "token", type: "address" },
        { name: "root", type: "bytes32" },
        { name: "amount", type: "uint256" },
    ] as const;
    const values = tokens.map((one) => ({ ...one, amount: BigInt(one.amount) }));
    return keccak256(
        encodeAbiParameters(
            [{ type: "bytes32" }, { type: "tuple[]", components }],
            [tag("commend/liabilities/v1"), values]
        )
    );
}

/** Each merchant's bank, found by the factory's event, held at least what the merchant owed. */
async function funds(client: Client, { hub, epoch, leaves }: Verification): Promise<string[]> {
    const factory = await client.readContract({ address: hub, abi, functionName: "BANK_FACTORY" });
    const wrong: string[] = [];
    for (const { merchantKey, token, amount } of leaves.merchants) {
        const opened = await client.getContractEvents({
            address: factory,
            abi,
            eventName: "BankDeployed",
            args: { merchantKey },
            fromBlock: 0n,
            strict: true,
        });
        const held = await heldBy(client, {
            banks: opened.map(({ args }) => args.bank),
            token,
            epoch,
        });
        const missing = BigInt(amount) - held;
        if (missing > 0n)
            wrong.push(`Merchant ${merchantKey} is ${missing} units of ${token} short`);
    }
    return wrong;
}

type Question = { banks: readonly Address[]; token: Address; epoch: EpochSaid };

async function heldBy(client: Client, { banks, token, epoch }: Question): Promise<bigint> {
    const balances = await Promise.all(
        banks.map((bank) =>
            client.readContract({
                address: token,
                abi: erc20Abi,
                functionName: "balanceOf",
                args: [bank],
                blockNumber: BigInt(epoch.asOfBlock),
            })
        )
    );
    return balances.reduce((sum, balance) => sum + balance, 0n);
}
