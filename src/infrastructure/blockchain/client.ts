import { createPublicClient, defineChain, http } from "viem";
import { config } from "../config";

const chain = defineChain({
    id: config.CHAIN_ID,
    name: `chain ${config.CHAIN_ID}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [config.RPC_URL] } },
});

/** Calls that are made at the same moment share one HTTP request. */
export const publicClient = createPublicClient({
    chain,
    transport: http(config.RPC_URL, { batch: true, timeout: 10_000 }),
    cacheTime: 0,
});
