import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contractAddresses } from "@/infrastructure/blockchain/contractAddresses";
import { KeyRing } from "@/infrastructure/keys/KeyRing";

type Environment = Record<string, string>;

/** What a developer need not set: fitting the port, with keys made once and kept in the data folder. */
export function developmentEnvironment(folder: string): Environment {
    const port = process.env["PORT"] || "3030";
    const url = `http://localhost:${port}`;
    const keys = keysIn(folder);
    const { testToken } = contractAddresses(adminOf(keys["MASTER_KEY"] ?? ""));
    const defaults: Environment = {
        ...keys,
        NODE_ENV: "development",
        PORT: port,
        DATA_DIR: folder,
        PUBLIC_URL: url,
        WALLET_ORIGINS: url,
        DASHBOARD_ORIGINS: url,
        WEBAUTHN_RP_ID: "localhost",
        WEBAUTHN_ORIGINS: url,
        CHAIN_ID: "31337",
        REWARD_ASSETS: `TEST:${testToken}:6`,
        SETTLEMENT_INTERVAL_SECONDS: "2",
        CONFIRMATIONS: "1",
        RATE_LIMITS: "auth=600",
        LOG_LEVEL: "warn",
    };
    const set = Object.entries(process.env).filter(([, value]) => value);
    return { ...defaults, ...(Object.fromEntries(set) as Environment) };
}

function adminOf(masterKey: string) {
    return new KeyRing(Buffer.from(masterKey, "hex")).signer("admin").address;
}

function keysIn(folder: string): Environment {
    const file = join(folder, "keys.json");
    if (!existsSync(file)) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(file, JSON.stringify(newKeys(), null, 4), { mode: 0o600 });
    }
    return JSON.parse(readFileSync(file, "utf8")) as Environment;
}

function newKeys(): Environment {
    return {
        MASTER_KEY: randomBytes(32).toString("hex"),
        SESSION_SECRETS: randomBytes(32).toString("base64url"),
        ENCRYPTION_KEYS: randomBytes(32).toString("base64url"),
        JWT_KEYS: JSON.stringify({ keys: ["wallet-1", "sdk-1"].map(newJwk) }),
    };
}

function newJwk(kid: string) {
    const { privateKey } = generateKeyPairSync("ed25519");
    return { ...privateKey.export({ format: "jwk" }), kid, alg: "EdDSA", use: "sig" };
}
