import type { TSchema } from "@sinclair/typebox";
import { Value, type ValueError } from "@sinclair/typebox/value";
import type { JWK } from "jose";
import { type Address, getAddress } from "viem";
import type { Asset } from "@/utils/money";
import { Environment } from "./schema";

const items = (list: string): string[] =>
    list
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean);

const withoutSlash = (url: string): string => url.replace(/\/$/, "");

/** As a browser sends them. */
const origins = (list: string): string[] => items(list).map(withoutSlash);

type JwtKey = JWK & { kid: string };
/** Each kind of token is signed with a key of its own. */
const jwtKeyPrefixes = ["wallet-", "sdk-"];

/** The environment, checked and in the form that the code wants. Throws one error that names every culprit. */
export function readConfig(source: Record<string, string | undefined>) {
    const env = checkedEnvironment(source);
    return Object.freeze({
        ...env,
        PUBLIC_URL: withoutSlash(env.PUBLIC_URL),
        REWARD_ASSETS: items(env.REWARD_ASSETS).map(asAsset),
        WALLET_ORIGINS: origins(env.WALLET_ORIGINS),
        DASHBOARD_ORIGINS: origins(env.DASHBOARD_ORIGINS),
        WEBAUTHN_ORIGINS: origins(env.WEBAUTHN_ORIGINS),
        SESSION_SECRETS: items(env.SESSION_SECRETS),
        ENCRYPTION_KEYS: items(env.ENCRYPTION_KEYS),
        JWT_KEYS: jwtKeys(env.JWT_KEYS),
        PRICE_PEGS: items(env.PRICE_PEGS).map((item) => {
            const [symbol = "", currency = ""] = item.split("=");
            return { symbol, currency };
        }),
        TRUSTED_PROXIES: items(env.TRUSTED_PROXIES),
        RATE_LIMITS: Object.fromEntries(
            items(env.RATE_LIMITS).map((item) => {
                const [name, points] = item.split("=");
                return [name, Number(points)];
            })
        ) as Record<string, number>,
        isDevelopment: env.NODE_ENV !== "production",
    });
}

function checkedEnvironment(source: Record<string, string | undefined>): Environment {
    const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
    const environment = Value.Convert(Environment, Value.Default(Environment, set));
    const wrong = new Set([...Value.Errors(Environment, environment)].map(nameOf));
    if (jwtKeys(set["JWT_KEYS"] ?? "").length === 0) wrong.add("JWT_KEYS");
    if (set["SMTP_URL"] && !set["MAIL_FROM"]) wrong.add("MAIL_FROM");
    if (wrong.size === 0) return Value.Clean(Environment, environment) as Environment;

    const lines = [...wrong].map((name) => `  ${name}: ${descriptionOf(name)}`);
    throw new Error(`These variables are missing or wrong:\n${lines.join("\n")}`);
}

const nameOf = ({ path }: ValueError): string => path.slice(1);

function descriptionOf(name: string): string {
    const properties: Record<string, TSchema> = Environment.properties;
    return properties[name]?.description ?? "";
}

/** None where the text is no set of keys, or leaves one kind of token without. */
function jwtKeys(text: string): JwtKey[] {
    try {
        const { keys } = JSON.parse(text) as { keys: JwtKey[] };
        const isWhole = jwtKeyPrefixes.every((prefix) =>
            keys.some(({ kid }) => kid.startsWith(prefix))
        );
        return isWhole ? keys : [];
    } catch {
        return [];
    }
}

function asAsset(text: string): Asset {
    const [symbol, address, decimals] = text.split(":") as [string, Address, string];
    return { symbol, address: getAddress(address), decimals: Number(decimals) };
}
