/**
 * `bun run verify --epoch N`: checks an epoch from outside. It asks the public API what was committed to and the
 * chain whether that is so; of Commend's code and database it knows nothing.
 *
 *     --url   where the API answers      --rpc   a node of the chain (an archive for old epochs)
 *     --hub   the contract; taken from the API when it is not given, which trusts the API with it
 */
import { parseArgs } from "node:util";
import type { Address } from "viem";
import { type EpochSaid, type LeavesSaid, verifyEpoch } from "./verification/verifyEpoch";

const { values } = parseArgs({
    options: {
        epoch: { type: "string" },
        url: { type: "string", default: "http://localhost:3030" },
        rpc: { type: "string", default: "http://localhost:8545" },
        hub: { type: "string" },
    },
});
if (!values.epoch) {
    console.error("Say which: --epoch N");
    process.exit(2);
}
const path = `${values.url}/common/v1/epochs/${values.epoch}`;
const epoch = await ask<EpochSaid & { hub: Address }>(path);
const leaves = await ask<LeavesSaid>(`${path}/leaves`);
const hub = (values.hub ?? epoch.hub) as Address;
const wrong = await verifyEpoch({ rpcUrl: values.rpc, hub, epoch, leaves });

const { rewards, purchases, merchants } = leaves;
console.log(
    `epoch ${epoch.number}: ${rewards.length} rewards paid, ${purchases.length} purchases, ${merchants.length} merchants who owe`
);
for (const problem of wrong) console.error(`WRONG  ${problem}`);
console.log(wrong.length === 0 ? "all of it verifies" : `${wrong.length} problems`);
process.exit(wrong.length === 0 ? 0 : 1);

async function ask<T>(url: string): Promise<T> {
    const response = await fetch(url);
    if (!response.ok)
        throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
}
