import { compileConditions, type Predicate } from "./conditions";
import type { ConditionNode, Definition } from "./definition";

const named: Record<string, ConditionNode | undefined> = {
    everyone: undefined,
    newCustomers: { all: [{ field: "user.isNew", op: "eq", value: true }] },
    returningCustomers: { all: [{ field: "user.isNew", op: "eq", value: false }] },
};

/** Whom a campaign is for, as the conditions that it stands for. */
export const audienceConditions = (audience: Definition["audience"]): ConditionNode | undefined =>
    typeof audience === "string" ? named[audience] : audience;

/** Whether whoever acted is one of those whom the campaign is for; in the trace its conditions begin `audience.`. */
export const compileAudience = (audience: Definition["audience"]): Predicate =>
    compileConditions(audienceConditions(audience), "audience.");
