import { LRUCache } from "lru-cache";
import type { CampaignVersionId } from "@/utils/ids";
import type { CampaignVersion } from "../db/schema";
import type { Attribute } from "./attributed";
import { compile, type Evaluator } from "./compile";

/** Versions never change, so what is compiled once is right for ever. */
const evaluators = new LRUCache<CampaignVersionId, Evaluator>({ max: 10_000 });

export function evaluatorOf(
    { id, campaignId, definition }: CampaignVersion,
    attribute: Attribute
): Evaluator {
    const known = evaluators.get(id);
    if (known) return known;
    const evaluator = compile(definition, { campaignId, version: id }, attribute);
    evaluators.set(id, evaluator);
    return evaluator;
}
