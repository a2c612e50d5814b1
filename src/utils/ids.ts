/** A UUIDv7 that says what it is the id of: ids sort by the time of their making, and never mix. */
export type Id<Name extends string = string> = string & { readonly id: Name };

export type ApiKeyId = Id<"apiKey">;
export type CampaignId = Id<"campaign">;
export type CampaignVersionId = Id<"campaignVersion">;
export type ChainTransactionId = Id<"chainTransaction">;
export type ChallengeId = Id<"challenge">;
export type ClaimId = Id<"claim">;
export type DeliveryId = Id<"delivery">;
export type EvaluationId = Id<"evaluation">;
export type GroupId = Id<"group">;
export type InteractionId = Id<"interaction">;
export type MerchantId = Id<"merchant">;
export type PairingId = Id<"pairing">;
export type MissingRewardId = Id<"missingReward">;
export type PurchaseId = Id<"purchase">;
export type ReferralEdgeId = Id<"referralEdge">;
export type RewardId = Id<"reward">;
export type SessionId = Id<"session">;
export type SsoId = Id<"sso">;
export type TouchpointId = Id<"touchpoint">;

const uuid = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;

export const isUuid = (text: string): boolean => uuid.test(text);

export function newId<T extends Id>(): T {
    return Bun.randomUUIDv7() as T;
}
