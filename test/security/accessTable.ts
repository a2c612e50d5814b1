import { randomUUID } from "node:crypto";
import type { Action, Role } from "@/domain/merchant";
import { bringAFriend } from "../fixtures/story/Merchant";
import type { Tea } from "../fixtures/tea";

/**
 * Who may ask: `anyone` · `shop` (a signature over the body) · `shopsServer` (that, or a key with the scope `events:write`) · `wallet` · `passkey` (a wallet on a device with one of
 * its passkeys) · `sdk` · `holder` (an SDK or a wallet) · `visitor` (those, or a browser of the shop) · `session` (whoever signed in to the dashboard) · a role (its staff that signed in, no API key) ·
 * an action (staff whose role has it, and API keys with that scope).
 */
export type Access =
    | "anyone"
    | "shop"
    | "shopsServer"
    | "wallet"
    | "passkey"
    | "sdk"
    | "holder"
    | "visitor"
    | "session"
    | Role
    | Action;
export type Entry = {
    access: Access;
    /** A body and a query that the route takes, so that it is not refused for those. */
    json?: (tea: Tea) => object;
    query?: (tea: Tea) => Record<string, string>;
    headers?: (tea: Tea) => Record<string, string>;
    /** How the route refuses what is asked, after it knows who asks. */
    refusal?: string;
};

const ofTea = ({ merchantId }: Pick<Tea, "merchantId">) => ({ merchantId });
const campaign = () => ({ name: "Bring a friend", definition: bringAFriend });
const order = (tea: Tea) => ({ ...ofTea(tea), orderId: "1", token: randomUUID() });
const custom = (tea: Tea) => ({ ...ofTea(tea), customType: "review", idempotencyKey: "1" });
const push = () => ({ interactions: [{}] });
const missing = (tea: Tea) => ({ ...ofTea(tea), orderId: "1001" });
const unknown = "REWARD_NOT_FOUND";
const mergeToken = (tea: Tea) => ({ ...ofTea(tea), token: "unknown" });
const code = () => ({ code: "ABC234" });
const wallet = () => ({ from: "0x00000000000000000000000000000000000000aa" });
const passkey = (response: object) => ({ id: "a", rawId: "a", type: "public-key", response });
const assertion = passkey({ clientDataJSON: "a", authenticatorData: "a", signature: "a" });
const assertions = () => ({ challengeId: randomUUID(), into: assertion, from: assertion });
const stepUp = () => ({ challengeId: randomUUID(), credential: assertion });
const addition = () => ({
    challengeId: randomUUID(),
    credential: passkey({ clientDataJSON: "a", attestationObject: "a" }),
});
const key = () => ({ name: "Back office", scopes: ["bank:read"], mode: "live" });

/** One line for each route of the OpenAPI document; a route without one fails the tests. */
export const accessTable: Record<string, Entry> = {
    "GET /health": { access: "anyone" },
    "GET /ready": { access: "anyone" },
    "GET /metrics": { access: "anyone" },
    "GET /common/v1/assets": { access: "anyone" },
    "GET /common/v1/epochs/{number}": { access: "anyone" },
    "GET /common/v1/epochs/{number}/leaves": { access: "anyone" },
    "POST /common/v1/proofs/verify": { access: "anyone" },
    "GET /common/v1/rates": { access: "anyone" },
    "GET /common/v1/admin-wallet": { access: "anyone" },
    "GET /common/v1/version": { access: "anyone" },
    "POST /external/v1/merchants/{merchantId}/webhooks/shopify": {
        access: "shop",
        json: () => ({}),
    },
    "POST /external/v1/merchants/{merchantId}/webhooks/woocommerce": {
        access: "shop",
        json: () => ({}),
    },
    "POST /external/v1/merchants/{merchantId}/webhooks/magento": {
        access: "shop",
        json: () => ({}),
    },
    "POST /external/v1/merchants/{merchantId}/webhooks/custom": {
        access: "shop",
        json: () => ({}),
    },
    "POST /external/v1/merchants/{merchantId}/events": { access: "shopsServer", json: () => ({}) },
    "POST /wallet/v1/auth/challenge": { access: "anyone" },
    "POST /wallet/v1/auth/register": { access: "anyone" },
    "POST /wallet/v1/auth/login": { access: "anyone" },
    "POST /wallet/v1/auth/refresh": { access: "anyone" },
    "POST /wallet/v1/auth/logout": { access: "wallet" },
    "GET /wallet/v1/auth/session": { access: "wallet" },
    "POST /wallet/v1/auth/sdk": { access: "wallet", json: ofTea },
    "POST /wallet/v1/auth/step-up": { access: "passkey", json: stepUp },
    "GET /wallet/v1/auth/sessions": { access: "wallet" },
    "DELETE /wallet/v1/auth/sessions/{sid}": { access: "wallet" },
    "GET /wallet/v1/auth/credentials": { access: "wallet" },
    "POST /wallet/v1/auth/credentials": { access: "passkey", json: addition },
    "DELETE /wallet/v1/auth/credentials/{id}": { access: "passkey" },
    "GET /wallet/v1/sso/prepare": { access: "anyone" },
    "POST /wallet/v1/sso/login": { access: "anyone" },
    "GET /wallet/v1/sso/{ssoId}": { access: "wallet" },
    "POST /wallet/v1/sso/{ssoId}/approve": { access: "wallet" },
    "POST /wallet/v1/identity/ensure": {
        access: "holder",
        json: ofTea,
        headers: ({ cleo }) => ({ "x-client-id": cleo.clientId }),
    },
    "POST /wallet/v1/identity/merge-tokens": { access: "visitor", json: ofTea },
    "POST /wallet/v1/identity/merge": {
        access: "anyone",
        json: mergeToken,
        headers: ({ cleo }) => ({ "x-client-id": cleo.clientId }),
        refusal: "TOKEN_INVALID",
    },
    "POST /wallet/v1/identity/install-codes": { access: "visitor", json: ofTea },
    "POST /wallet/v1/identity/install-codes/redeem": { access: "wallet", json: code },
    "GET /wallet/v1/identity/me": { access: "visitor", query: ofTea },
    "DELETE /wallet/v1/identity/me": { access: "passkey" },
    "POST /wallet/v1/identity/wallet-merge/challenge": { access: "wallet", json: wallet },
    "POST /wallet/v1/identity/wallet-merge": { access: "wallet", json: assertions },
    "POST /wallet/v1/identity/email": {
        access: "passkey",
        json: () => ({ email: "cleo@example.com" }),
        refusal: "MAIL_NOT_CONFIGURED",
    },
    "POST /wallet/v1/identity/email/verify": {
        access: "passkey",
        json: () => ({ email: "cleo@example.com", code: "000000" }),
    },
    "POST /wallet/v1/track/share": { access: "visitor", json: ofTea },
    "POST /wallet/v1/track/custom": { access: "sdk", json: custom },
    "POST /wallet/v1/interactions/push": { access: "sdk", json: push },
    "GET /wallet/v1/referral/status": { access: "visitor", query: ofTea },
    "POST /wallet/v1/referral/code": { access: "wallet", json: () => ({}) },
    "DELETE /wallet/v1/referral/code": { access: "wallet" },
    "POST /wallet/v1/referral/code/redeem": { access: "wallet", json: code },
    "GET /wallet/v1/referral/code/suggest": { access: "wallet", query: () => ({ stem: "AB" }) },
    "DELETE /wallet/v1/referral/referrer": { access: "wallet" },
    "GET /wallet/v1/merchants/resolve": { access: "anyone" },
    "GET /wallet/v1/merchants/{merchantId}/offers": { access: "anyone" },
    "POST /wallet/v1/track/arrival": { access: "visitor", json: ofTea },
    "POST /wallet/v1/track/purchase": { access: "visitor", json: order },
    "GET /wallet/v1/referral/link": { access: "visitor", query: ofTea },
    "GET /wallet/v1/rewards": { access: "visitor", query: ofTea },
    "GET /wallet/v1/rewards/{id}": { access: "visitor", query: ofTea, refusal: unknown },
    "GET /wallet/v1/rewards/{id}/why": { access: "visitor", query: ofTea, refusal: unknown },
    "POST /wallet/v1/rewards/claim": { access: "wallet", json: () => ({}) },
    "GET /wallet/v1/rewards/claims/{claimId}": { access: "wallet" },
    "GET /wallet/v1/rewards/{id}/proof": { access: "visitor", query: ofTea, refusal: unknown },
    "GET /wallet/v1/merchants/{merchantId}/proof-of-funds": { access: "anyone" },
    "POST /wallet/v1/rewards/missing": { access: "visitor", json: missing },
    "GET /wallet/v1/rewards/missing": { access: "visitor", query: ofTea },
    "GET /wallet/v1/balance/{address}": { access: "anyone" },
    "GET /wallet/v1/balance": { access: "wallet" },
    "POST /business/v1/auth/nonce": { access: "anyone" },
    "POST /business/v1/auth/login": { access: "anyone" },
    "POST /business/v1/auth/logout": { access: "session" },
    "GET /business/v1/auth/session": { access: "session" },
    "GET /business/v1/merchants/registration/challenge": {
        access: "session",
        query: () => ({ domain: "tea.example" }),
    },
    "POST /business/v1/merchants": {
        access: "session",
        json: () => ({ name: "Ada's Tea", domain: `${randomUUID()}.localhost` }),
    },
    "GET /business/v1/merchants": { access: "session" },
    "GET /business/v1/merchants/{merchantId}": { access: "merchants:read" },
    "PATCH /business/v1/merchants/{merchantId}": {
        access: "merchants:write",
        json: () => ({ timeZone: "Europe/Paris" }),
    },
    "GET /business/v1/merchants/{merchantId}/api-keys": { access: "owner" },
    "POST /business/v1/merchants/{merchantId}/api-keys": { access: "owner", json: key },
    "DELETE /business/v1/merchants/{merchantId}/api-keys/{keyId}": { access: "owner" },
    "GET /business/v1/merchants/{merchantId}/bank": { access: "bank:read" },
    "POST /business/v1/merchants/{merchantId}/bank/deploy": { access: "bank:deploy" },
    "POST /business/v1/merchants/{merchantId}/bank/pause": { access: "bank:write" },
    "POST /business/v1/merchants/{merchantId}/bank/resume": { access: "bank:write" },
    "GET /business/v1/merchants/{merchantId}/bank/transactions": { access: "bank:read" },
    "POST /business/v1/merchants/{merchantId}/mint": { access: "owner" },
    "GET /business/v1/merchants/{merchantId}/mint": { access: "owner" },
    "POST /business/v1/products/mint": { access: "owner", json: ofTea },
    "POST /business/v1/funding/test-token": { access: "bank:write", json: ofTea },
    "PUT /business/v1/merchants/{merchantId}/webhooks/{platform}": {
        access: "webhooks:write",
        json: () => ({}),
    },
    "GET /business/v1/merchants/{merchantId}/webhooks/{platform}": { access: "webhooks:read" },
    "DELETE /business/v1/merchants/{merchantId}/webhooks/{platform}": { access: "webhooks:write" },
    "GET /business/v1/merchants/{merchantId}/webhook-deliveries": { access: "webhooks:read" },
    "POST /business/v1/merchants/{merchantId}/webhooks/{platform}/rotate": {
        access: "webhooks:write",
    },
    "POST /business/v1/merchants/{merchantId}/webhook-deliveries/{deliveryId}/replay": {
        access: "webhooks:write",
    },
    "GET /business/v1/merchants/{merchantId}/missing-rewards": { access: "rewards:write" },
    "POST /business/v1/merchants/{merchantId}/missing-rewards/{claimId}/approve": {
        access: "rewards:write",
        json: () => ({}),
    },
    "POST /business/v1/merchants/{merchantId}/missing-rewards/{claimId}/reject": {
        access: "rewards:write",
        json: () => ({ reason: "The order is somebody else's" }),
    },
    "GET /business/v1/oracle/purchases": { access: "purchases:read", query: ofTea },
    "GET /business/v1/merchants/{merchantId}/rewards": { access: "rewards:read" },
    "POST /business/v1/rewards/{id}/cancel": {
        access: "rewards:write",
        json: () => ({ reason: "fraud" }),
    },
    "GET /business/v1/merchants/{merchantId}/ledger": { access: "rewards:read" },
    "GET /business/v1/merchants/{merchantId}/export/{name}": { access: "rewards:read" },
    "POST /business/v1/merchants/{merchantId}/campaigns": {
        access: "campaigns:write",
        json: campaign,
    },
    "GET /business/v1/merchants/{merchantId}/campaigns": { access: "campaigns:read" },
    "POST /business/v1/merchants/{merchantId}/campaigns/simulate": {
        access: "campaigns:write",
        json: () => ({ definition: bringAFriend }),
    },
    "GET /business/v1/campaigns": { access: "campaigns:read", query: ofTea },
    "POST /business/v1/campaigns": {
        access: "campaigns:write",
        json: (tea) => ({ ...ofTea(tea), ...campaign() }),
    },
    "PATCH /business/v1/campaigns/{id}": {
        access: "campaigns:write",
        json: () => ({ name: "Bring two friends" }),
    },
    "DELETE /business/v1/campaigns/{id}": { access: "campaigns:write" },
    "GET /business/v1/campaigns/{id}/versions": { access: "campaigns:read" },
    "POST /business/v1/campaigns/{id}/simulate": {
        access: "campaigns:write",
        json: () => ({}),
    },
    "GET /business/v1/merchants/{merchantId}/customers/{groupId}/why": {
        access: "purchases:read",
    },
    "GET /business/v1/purchases/{id}/proof": { access: "purchases:read" },
    "GET /business/v1/campaigns/{id}": { access: "campaigns:read" },
    "POST /business/v1/campaigns/{id}/{step}": { access: "campaigns:write" },
    "GET /business/v1/merchants/{merchantId}/purchases": { access: "purchases:read" },
    "GET /business/v1/purchases/{id}": { access: "purchases:read" },
    "GET /business/v1/purchases/{id}/why": { access: "purchases:read" },
};
