import { createTestClient, http, parseEther, publicActions, walletActions } from "viem";
import { deployContracts } from "@/infrastructure/blockchain/deployContracts";
import { roleAddresses } from "@/infrastructure/blockchain/roleAddresses";
import { config } from "@/infrastructure/config";
import { keyRing } from "@/infrastructure/keys";
import { chainRoles } from "@/infrastructure/keys/KeyRing";

/** Gives our keys gas on the development chain, and puts the contracts there. */
export async function prepareChain(onStep: (text: string) => void): Promise<void> {
    const client = createTestClient({ mode: "anvil", transport: http(config.RPC_URL) })
        .extend(publicActions)
        .extend(walletActions);
    for (const role of chainRoles) {
        const { address } = keyRing.signer(role);
        await client.setBalance({ address, value: parseEther("1000") });
    }
    await deployContracts({
        client,
        admin: keyRing.signer("admin"),
        roles: roleAddresses(keyRing),
        withTestToken: true,
        withEntryPoint: true,
        onStep,
    });
}
