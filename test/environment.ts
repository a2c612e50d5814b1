import { generateKeyPairSync, randomBytes } from "node:crypto";
import { contractAddresses } from "@/infrastructure/blockchain/contractAddresses";
import { KeyRing } from "@/infrastructure/keys/KeyRing";

const url = "http://localhost:3030";

/** An environment of its own for each test file: its own database, keys and contracts. */
export function testEnvironment(databaseUrl: string, rpcUrl: string): Record<string, string> {
    const masterKey = randomBytes(32);
    const { testToken } = contractAddresses(new KeyRing(masterKey).signer("admin").address);
    return {
        NODE_ENV: "test",
        PORT: "0",
        PUBLIC_URL: url,
        DATABASE_URL: databaseUrl,
        RPC_URL: rpcUrl,
        CHAIN_ID: "31337",
        REWARD_ASSETS: `TEST:${testToken}:6`,
        WALLET_ORIGINS: url,
        DASHBOARD_ORIGINS: url,
        WEBAUTHN_RP_ID: "localhost",
        WEBAUTHN_ORIGINS: url,
        MASTER_KEY: masterKey.toString("hex"),
        SESSION_SECRETS: randomBytes(32).toString("base64url"),
        ENCRYPTION_KEYS: randomBytes(32).toString("base64url"),
        JWT_KEYS: JSON.stringify({ keys: ["wallet-1", "sdk-1"].map(newJwk) }),
        SETTLEMENT_INTERVAL_SECONDS: "1",
        CONFIRMATIONS: "1",
        RATE_LIMITS: "auth=100000,sdk=100000,dashboard=100000,wallet=100000,webhooks=1000000",
        LOG_LEVEL: "silent",
    };
}

function newJwk(kid: string) {
    const { privateKey } = generateKeyPairSync("ed25519");
    return { ...privateKey.export({ format: "jwk" }), kid };
}
