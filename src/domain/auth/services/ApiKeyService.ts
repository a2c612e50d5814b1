import { LRUCache } from "lru-cache";
import type { Address } from "viem";
import { secretHash } from "@/infrastructure/crypto/secretHash";
import { NotFoundError, UnauthenticatedError } from "@/utils/errors";
import { type ApiKeyId, type MerchantId, newId } from "@/utils/ids";
import { type Clock, seconds } from "@/utils/time";
import type { ApiKey, ApiKeyRepository, KeyMode } from "../repositories/ApiKeyRepository";
import { isApiKeyText, newApiKeyText } from "./apiKeyText";

export type { ApiKey };
export type KeyRequest = {
    merchantId: MerchantId;
    name: string;
    scopes: readonly string[];
    mode: KeyMode;
    createdBy: Address;
};

/** `ck_live_` and `ck_test_` have eight letters; four more tell keys apart and give nothing away. */
const prefixLength = 12;
/** A process that did not make a revocation notices it after this and one question: within the promised five seconds. */
const cacheMs = seconds(3);

/** What merchants' own servers prove themselves with. */
export class ApiKeyService {
    /** By hash; nothing stands for a key that does not exist, so that a flood of one asks the database once. */
    private readonly known = new LRUCache<string, { key: ApiKey | undefined }>({
        max: 10_000,
        ttl: cacheMs,
    });

    constructor(
        private readonly keys: ApiKeyRepository,
        private readonly clock: Clock
    ) {}

    /** The key and its text, which nobody can be told again: only its SHA-256 is kept. */
    async create(asked: KeyRequest): Promise<{ key: ApiKey; text: string }> {
        const text = newApiKeyText(asked.mode);
        const key: ApiKey = {
            id: newId<ApiKeyId>(),
            ...asked,
            scopes: [...new Set(asked.scopes)],
            hash: secretHash(text),
            prefix: text.slice(0, prefixLength),
            lastFour: text.slice(-4),
            createdAt: this.clock.now(),
            revokedAt: null,
        };
        await this.keys.add(key);
        return { key, text };
    }

    list(merchantId: MerchantId, page: { limit: number; before: string | undefined }) {
        return this.keys.findOf(merchantId, page);
    }

    /** Throws `API_KEY_INVALID`; a text that cannot be a key does not reach the database. */
    async authenticate(text: string): Promise<ApiKey> {
        const key = isApiKeyText(text) ? await this.find(secretHash(text)) : undefined;
        if (key) return key;
        throw new UnauthenticatedError("API_KEY_INVALID", "This API key is unknown or was revoked");
    }

    /** Throws `API_KEY_NOT_FOUND`. */
    async revoke(merchantId: MerchantId, id: ApiKeyId): Promise<void> {
        if (!(await this.keys.revoke(merchantId, id, this.clock.now()))) {
            throw new NotFoundError("API_KEY_NOT_FOUND", "There is no such API key");
        }
        for (const [hash, { key }] of this.known.entries()) {
            if (key?.id === id) this.known.delete(hash);
        }
    }

    private async find(hash: string): Promise<ApiKey | undefined> {
        const known = this.known.get(hash);
        if (known) return known.key;
        const key = await this.keys.findAlive(hash);
        this.known.set(hash, { key });
        return key;
    }
}
