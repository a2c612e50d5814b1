import { MerchantRegistry } from "@contracts/artifacts/MerchantRegistry";
import { PasskeyAccountFactory } from "@contracts/artifacts/PasskeyAccountFactory";
import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import { TestToken } from "@contracts/artifacts/TestToken";
import { type Address, encodeDeployData } from "viem";
import { type Creation, creation } from "./creation";

/**
 * What we deploy. The admin is all that it depends on: the same addresses on every chain, and the
 * keys of the roles may be replaced.
 */
export function contractCreations(
    admin: Address
): Record<"rewardsHub" | "merchantRegistry" | "testToken" | "passkeyAccountFactory", Creation> {
    const args = [admin] as const;
    return {
        rewardsHub: creation(encodeDeployData({ ...RewardsHub, args })),
        merchantRegistry: creation(encodeDeployData({ ...MerchantRegistry, args })),
        testToken: creation(encodeDeployData({ ...TestToken, args })),
        passkeyAccountFactory: creation(PasskeyAccountFactory.bytecode),
    };
}
