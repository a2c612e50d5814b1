import { type Static, Type } from "@sinclair/typebox";

const list = (description: string) => Type.String({ description, minLength: 1 });
const secrets = (description: string) =>
    Type.String({ description, pattern: "^[^,]{32,}(,[^,]{32,})*$" });
const url = (description: string, pattern = "^https?://") => Type.String({ description, pattern });

/**
 * Every variable that Commend reads. `.env.example` is made from this, so a description is written for
 * the person who sets it. Lists are separated by commas. What has no default must be set in production;
 * `npm run dev` fills it in.
 */
export const Environment = Type.Object({
    NODE_ENV: Type.Union(
        [Type.Literal("production"), Type.Literal("development"), Type.Literal("test")],
        {
            default: "production",
            description: "production refuses the demo, the faucet and domains under .localhost",
        }
    ),
    ROLE: Type.Union([Type.Literal("all"), Type.Literal("api"), Type.Literal("worker")], {
        default: "all",
        description: "What this process does: answer requests, work the queue, or both",
    }),
    PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3030, description: "HTTP port" }),
    DATA_DIR: Type.String({
        default: ".commend",
        description: "Where the embedded database, the local chain and development keys live",
    }),
    PUBLIC_URL: url("The address at which callers reach this server"),
    DATABASE_URL: url("PostgreSQL 15 or newer", "^postgres(ql)?://"),
    MONGODB_URI: Type.Optional(
        url("Keeps passkeys in MongoDB instead of PostgreSQL", "^mongodb(\\+srv)?://")
    ),
    RPC_URL: url("JSON-RPC endpoint of the chain that rewards are paid on"),
    CHAIN_ID: Type.Integer({ minimum: 1, description: "Id of that chain" }),
    REWARD_ASSETS: Type.String({
        description:
            "Tokens that rewards can be paid in, first is the default: SYMBOL:address:decimals",
        pattern: "^\\w{1,16}:0x[\\da-fA-F]{40}:\\d{1,2}(,\\w{1,16}:0x[\\da-fA-F]{40}:\\d{1,2})*$",
    }),
    WALLET_ORIGINS: list("Origins of the wallet app (CORS)"),
    DASHBOARD_ORIGINS: list(
        "Origins of the merchants' dashboard (CORS, and the domains SIWE accepts)"
    ),
    WEBAUTHN_RP_ID: list("Relying party id of passkeys: the wallet app's domain"),
    WEBAUTHN_RP_NAME: Type.String({
        default: "Commend",
        description: "Shown by the passkey dialog",
    }),
    WEBAUTHN_ORIGINS: list("Origins that may use passkeys; android:apk-key-hash: is allowed"),
    SESSION_SECRETS: secrets("Seal the dashboard's cookie; the first seals, all open (rotation)"),
    JWT_KEYS: Type.String({
        description:
            "JWK set of Ed25519 private keys; kid begins with wallet- or sdk-, the first of each signs, all verify",
        pattern: '^\\{.*"keys".*\\}$',
    }),
    ENCRYPTION_KEYS: secrets("Encrypt secrets at rest; the first encrypts, all decrypt (rotation)"),
    MASTER_KEY: Type.String({
        description: "32 bytes in hex, from which the chain keys are derived",
        pattern: "^(0x)?[\\da-fA-F]{64}$",
    }),
    SETTLEMENT_INTERVAL_SECONDS: Type.Integer({
        minimum: 1,
        default: 60,
        description: "How often available rewards are paid",
    }),
    CONFIRMATIONS: Type.Integer({
        minimum: 1,
        default: 4,
        description: "Blocks after which a transaction is final",
    }),
    REPLACE_AFTER_SECONDS: Type.Integer({
        minimum: 1,
        default: 60,
        description: "How long a transaction may wait to be mined before its fee is raised",
    }),
    EPOCH_INTERVAL_SECONDS: Type.Integer({
        minimum: 1,
        default: 3_600,
        description: "How long a purchase waits for its proof when nothing is paid meanwhile",
    }),
    PRICE_PEGS: Type.String({
        default: "",
        description: "Stablecoins among the assets and what they are pegged to: USDC=USD,EURC=EUR",
        pattern: "^(\\w{1,16}=[A-Z]{3}(,\\w{1,16}=[A-Z]{3})*)?$",
    }),
    FX_URL: Type.Optional(
        url("Rates between currencies for pegged assets: ?base=USD&symbols=EUR,GBP → { rates }")
    ),
    COINGECKO_PLATFORM: Type.Optional(
        Type.String({ description: "CoinGecko's name of the chain; turns its prices on" })
    ),
    COINGECKO_URL: Type.String({
        default: "https://api.coingecko.com/api/v3",
        description: "Where CoinGecko answers",
        pattern: "^https?://",
    }),
    COINGECKO_API_KEY: Type.Optional(Type.String({ description: "CoinGecko's demo key" })),
    TRUSTED_PROXIES: Type.String({
        default: "",
        description: "Addresses of proxies whose X-Forwarded-For is believed",
    }),
    RATE_LIMITS: Type.String({
        default: "",
        description: "Overrides per class, requests a minute: auth=10,webhooks=3000",
        pattern: "^([a-zA-Z]+=\\d+(,[a-zA-Z]+=\\d+)*)?$",
    }),
    SMTP_URL: Type.Optional(
        url(
            "Mail server, smtp://user:password@host:587; turns mail addresses of people on",
            "^smtps?://"
        )
    ),
    MAIL_FROM: Type.Optional(
        Type.String({
            description:
                "Sender of mails, needed with SMTP_URL: Commend <no-reply@commend.example>",
            pattern: "^[^\\r\\n]*@[^\\r\\n]+$",
        })
    ),
    METRICS_TOKEN: Type.Optional(
        Type.String({ description: "Bearer token that /metrics asks for" })
    ),
    LOG_LEVEL: Type.Union(
        ["trace", "debug", "info", "warn", "error", "fatal", "silent"].map((level) =>
            Type.Literal(level)
        ),
        { default: "info", description: "pino's levels" }
    ),
});

export type Environment = Static<typeof Environment>;
