import { config } from "@/infrastructure/config";
import type { Job } from "@/infrastructure/queue/Worker";
import { OrchestrationContext } from "@/orchestration";
import { hours, minutes, seconds } from "@/utils/time";

const flow = OrchestrationContext;
const followMs = seconds(5);

/** All that happens without a request. Each looks for rows that are due; `everyMs` is for lost wake-ups. */
export const jobs: readonly Job[] = [
    {
        name: "processDeliveries",
        everyMs: seconds(5),
        run: () => flow.purchaseIntake.processDue(),
    },
    {
        name: "evaluateInteractions",
        everyMs: seconds(5),
        run: () => flow.evaluation.evaluateDue(),
    },
    {
        name: "promoteWaiting",
        everyMs: minutes(1),
        run: () => flow.queuePromotion.promoteAll(),
    },
    {
        name: "openSettlement",
        everyMs: seconds(config.SETTLEMENT_INTERVAL_SECONDS),
        run: () => flow.settlementRound.open(),
    },
    { name: "signBatches", everyMs: seconds(5), run: () => flow.batchSigning.signAll() },
    {
        name: "followTransactions",
        everyMs: seconds(2),
        run: () => flow.chainFollowing.follow(followMs),
    },
    { name: "closeSettlement", everyMs: seconds(5), run: () => flow.settlementClosing.closeAll() },
    { name: "deployBanks", everyMs: seconds(5), run: () => flow.bankDeployment.advanceAll() },
    { name: "erasePeople", everyMs: minutes(1), run: () => flow.erasure.eraseDue() },
    { name: "sendMailCodes", everyMs: seconds(5), run: () => flow.codeMailing.sendDue() },
    {
        name: "reconcileOrders",
        everyMs: hours(1),
        run: () => flow.reconciliation.reconcileDue(),
    },
    { name: "ageRewards", everyMs: minutes(1), run: () => flow.rewardAgeing.age() },
    { name: "auditBooks", everyMs: hours(1), run: () => flow.audit.assertBalanced() },
    {
        name: "reconcilePayments",
        everyMs: hours(1),
        run: () => flow.paymentReconciliation.reconcile(),
    },
    {
        name: "carryOutChainOrders",
        everyMs: seconds(5),
        run: () => flow.chainOrders.advanceAll(),
    },
    { name: "publishEpochs", everyMs: seconds(10), run: () => flow.epochPublication.advance() },
    { name: "deleteExpired", everyMs: hours(1), run: () => flow.housekeeping.deleteExpired() },
];
