import { Elysia } from "elysia";
import { walletAuth } from "./auth";
import { balance } from "./balance";
import { emailProof } from "./emailProof";
import { identity } from "./identity";
import { interactions } from "./interactions";
import { walletMerchants } from "./merchants";
import { missingRewards } from "./missingRewards";
import { proofOfFunds } from "./proofOfFunds";
import { referral } from "./referral";
import { rewardClaims } from "./rewardClaims";
import { walletRewards } from "./rewards";
import { walletSso } from "./sso";
import { tracking } from "./tracking";
import { walletMerge } from "./walletMerge";

/** For the wallet app, its listener iframe and the SDK on shop pages. */
export const wallet = new Elysia({ prefix: "/wallet/v1" })
    .use(walletAuth)
    .use(walletSso)
    .use(identity)
    .use(walletMerge)
    .use(emailProof)
    .use(tracking)
    .use(interactions)
    .use(referral)
    .use(walletMerchants)
    .use(missingRewards)
    .use(rewardClaims)
    .use(walletRewards)
    .use(proofOfFunds)
    .use(balance);
