import { Elysia } from "elysia";
import { walletAuth } from "./auth";
import { balance } from "./balance";
import { proofOfFunds } from "./proofOfFunds";
import { referral } from "./referral";
import { walletRewards } from "./rewards";
import { tracking } from "./tracking";

/** For the wallet app, its listener iframe and the SDK on shop pages. */
export const wallet = new Elysia({ prefix: "/wallet/v1" })
    .use(walletAuth)
    .use(tracking)
    .use(referral)
    .use(walletRewards)
    .use(proofOfFunds)
    .use(balance);
