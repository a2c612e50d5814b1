/** `bun run contracts:deploy`: puts the contracts on the chain of `RPC_URL`, or finishes what is missing. */
import { publicClient } from "@/infrastructure/blockchain";
import { deployContracts } from "@/infrastructure/blockchain/deployContracts";
import { roleAddresses } from "@/infrastructure/blockchain/roleAddresses";
import { keyRing } from "@/infrastructure/keys";

const addresses = await deployContracts({
    client: publicClient,
    admin: keyRing.signer("admin"),
    roles: roleAddresses(keyRing),
    onStep: (text) => console.log(text),
});
console.log(addresses);
process.exit(0);
