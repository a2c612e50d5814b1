import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readConfig } from "@/infrastructure/config/readConfig";
import { Environment } from "@/infrastructure/config/schema";

const newJwk = (kid: string) => ({
    ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
    kid,
});
const [usdc, tea] = [`0x${"a1".repeat(20)}`, `0x${"b2".repeat(20)}`];

/** What an operator must set, and no more. */
const production = {
    PUBLIC_URL: "https://commend.example/",
    DATABASE_URL: "postgres://commend@db/commend",
    RPC_URL: "https://rpc.example",
    CHAIN_ID: "8453",
    REWARD_ASSETS: `USDC:${usdc}:6`,
    WALLET_ORIGINS: "https://wallet.example",
    DASHBOARD_ORIGINS: "https://dashboard.example",
    WEBAUTHN_RP_ID: "wallet.example",
    WEBAUTHN_ORIGINS: "https://wallet.example",
    SESSION_SECRETS: "s".repeat(32),
    JWT_KEYS: JSON.stringify({ keys: [newJwk("wallet-1"), newJwk("sdk-1")] }),
    ENCRYPTION_KEYS: "e".repeat(32),
    MASTER_KEY: `0x${"11".repeat(32)}`,
};

const complaintsAbout = (environment: Record<string, string | undefined>): string[] => {
    try {
        readConfig(environment);
        return [];
    } catch (error) {
        const lines = (error as Error).message.split("\n");
        expect(lines[0]).toBe("These variables are missing or wrong:");
        return lines.slice(1).map((line) => /^ {2}(\w+): ./.exec(line)?.[1] ?? line);
    }
};

describe("what must be set", () => {
    test("is enough, and means production", () => {
        expect(readConfig(production)).toMatchObject({
            NODE_ENV: "production",
            isDevelopment: false,
            ROLE: "all",
            PORT: 3030,
            CHAIN_ID: 8453,
            PUBLIC_URL: "https://commend.example",
            LOG_LEVEL: "info",
            RATE_LIMITS: {},
            TRUSTED_PROXIES: [],
        });
    });

    test("is named whole when nothing is set: production has no development defaults", () => {
        expect(complaintsAbout({}).toSorted()).toEqual(Object.keys(production).toSorted());
    });

    test.each(Object.keys(production))(
        "%s has no default, and being empty is being absent",
        (name) => {
            expect(complaintsAbout({ ...production, [name]: undefined })).toEqual([name]);
            expect(complaintsAbout({ ...production, [name]: "" })).toEqual([name]);
        }
    );
});

test("who sends mail says from whom", () => {
    const sending = { ...production, SMTP_URL: "smtp://mail.example" };
    expect(complaintsAbout(sending)).toEqual(["MAIL_FROM"]);
    const whole = { ...sending, MAIL_FROM: "Commend <tea@example.com>" };
    expect(complaintsAbout(whole)).toEqual([]);
    expect(complaintsAbout({ ...whole, SMTP_URL: "https://mail.example" })).toEqual(["SMTP_URL"]);
});

test("what need not be set may be empty", () => {
    const empty = { PORT: "", LOG_LEVEL: "", MONGODB_URI: "", METRICS_TOKEN: "" };
    expect(readConfig({ ...production, ...empty })).toEqual(readConfig(production));
});

describe("what is wrong", () => {
    test.each([
        ["NODE_ENV", "staging"],
        ["ROLE", "boss"],
        ["PORT", "tea"],
        ["PORT", "65536"],
        ["DATABASE_URL", "mysql://db/commend"],
        ["MONGODB_URI", "db/passkeys"],
        ["CHAIN_ID", "0"],
        ["REWARD_ASSETS", "USDC:0xa1:6"],
        ["REWARD_ASSETS", `USDC:${usdc}:6,TEA`],
        ["SESSION_SECRETS", "too short"],
        ["SESSION_SECRETS", `${"s".repeat(32)},too short`],
        ["ENCRYPTION_KEYS", "e".repeat(31)],
        ["JWT_KEYS", "secret"],
        ["JWT_KEYS", '{"keys": oops}'],
        ["JWT_KEYS", '{"keys": {}}'],
        ["JWT_KEYS", '{"keys": [{"kty": "OKP", "kid": "wallet-1"}]}'],
        ["JWT_KEYS", '{"keys": [{"kty": "OKP", "kid": "sdk-1"}]}'],
        ["MASTER_KEY", "11".repeat(31)],
        ["CONFIRMATIONS", "0"],
        ["SETTLEMENT_INTERVAL_SECONDS", "-1"],
        ["RATE_LIMITS", "auth:10"],
        ["LOG_LEVEL", "loud"],
        ["MAIL_FROM", "nobody"],
    ])("%s=%s is refused", (name, value) => {
        expect(complaintsAbout({ ...production, [name]: value })).toEqual([name]);
    });

    test("is named all at once, with what it should be and never with what it was", () => {
        const wrong = {
            ...production,
            PORT: "tea",
            MASTER_KEY: "my-secret-key",
            JWT_KEYS: '{"keys": my-secret}',
        };
        expect(complaintsAbout(wrong).toSorted()).toEqual(["JWT_KEYS", "MASTER_KEY", "PORT"]);
        expect(() => readConfig(wrong)).toThrow(/MASTER_KEY: 32 bytes in hex/);
        expect(() => readConfig(wrong)).not.toThrow(/my-secret/);
    });
});

describe("what is read", () => {
    test("of a list are its items, in order", () => {
        const config = readConfig({
            ...production,
            WALLET_ORIGINS: " https://wallet.example , https://beta.wallet.example/,",
            WEBAUTHN_ORIGINS: "https://wallet.example,android:apk-key-hash:tea",
            SESSION_SECRETS: `${"n".repeat(32)},${"o".repeat(32)}`,
            TRUSTED_PROXIES: "10.0.0.1, ::1",
            RATE_LIMITS: "auth=5,webhooks=0",
        });
        expect(config).toMatchObject({
            WALLET_ORIGINS: ["https://wallet.example", "https://beta.wallet.example"],
            WEBAUTHN_ORIGINS: ["https://wallet.example", "android:apk-key-hash:tea"],
            SESSION_SECRETS: ["n".repeat(32), "o".repeat(32)],
            TRUSTED_PROXIES: ["10.0.0.1", "::1"],
            RATE_LIMITS: { auth: 5, webhooks: 0 },
        });
        expect(config.JWT_KEYS.map(({ kid }) => kid)).toEqual(["wallet-1", "sdk-1"]);
    });

    test("of assets are symbol, checksummed address and decimals, the default first", () => {
        const { REWARD_ASSETS } = readConfig({
            ...production,
            REWARD_ASSETS: `USDC:${usdc}:6,TEA:${tea}:18`,
        });
        expect(REWARD_ASSETS).toEqual([
            { symbol: "USDC", address: "0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1", decimals: 6 },
            { symbol: "TEA", address: expect.stringMatching(/^0x[bB2]{40}$/), decimals: 18 },
        ]);
    });

    test("is nothing that we do not know, and cannot be changed", () => {
        const config = readConfig({ ...production, AWS_SECRET: "hunter2" });
        expect(config).not.toHaveProperty("AWS_SECRET");
        expect(Object.isFrozen(config)).toBe(true);
    });
});

test("every variable says to its reader what it is", () => {
    const silent = Object.entries(Environment.properties).filter(
        ([, { description }]) => !description
    );
    expect(silent.map(([name]) => name)).toEqual([]);
});
