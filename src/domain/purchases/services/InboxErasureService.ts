import type { DeliveryId, MerchantId } from "@/utils/ids";
import type { BuyerRepository, Whose } from "../repositories/BuyerRepository";
import type { DeliveryBodyRepository, StoredBody } from "../repositories/DeliveryBodyRepository";
import { saidIn, uuidsIn } from "./personalData";

export type OrderTraces = { merchantIds: MerchantId[]; orderIds: string[]; values: string[] };
export type InboxSearch = OrderTraces & { isTheirClient: (clientId: string) => boolean };
/** The last delivery that was looked at, none at the end; and whether what is theirs is still to be processed. */
export type Searched = { last: DeliveryId | undefined; isWaiting: boolean };

const batchSize = 200;
/** Shorter texts (a customer "12") stand in too many bodies to mean somebody. */
const tellingLength = 8;

/** Finds what an inbox holds of a person, and blanks it. */
export class InboxErasureService {
    constructor(
        private readonly bodies: DeliveryBodyRepository,
        private readonly buyers: BuyerRepository
    ) {}

    /** A person's orders, and what their shops called the person in them. */
    async tracesOf(whose: Whose): Promise<OrderTraces> {
        const orders = await this.buyers.findOrdersOf(whose);
        const merchantIds = [...new Set(orders.map(({ merchantId }) => merchantId))];
        const orderIds = [...new Set(orders.map(({ externalId }) => externalId))];
        const bodies = await this.bodies.findOfOrders(merchantIds, orderIds);
        const values = new Set(bodies.flatMap(({ body }) => [...saidIn(body).values]));
        return { merchantIds, orderIds, values: [...values] };
    }

    /** A bounded step: the deliveries after that one. What is not processed yet is left until it is. */
    async blankNext(search: InboxSearch, after: string | null): Promise<Searched> {
        const next = await this.bodies.findNext(search.merchantIds, after, batchSize);
        const theirs = next.filter((one) => isAbout(one, search));
        const [waiting, done] = [
            theirs.filter(({ status }) => status === "received"),
            theirs.filter(({ status }) => status !== "received"),
        ];
        await this.bodies.blank(done.map(({ id }) => id));
        return { last: next.at(-1)?.id, isWaiting: waiting.length > 0 };
    }
}

function isAbout({ externalId, body }: StoredBody, search: InboxSearch): boolean {
    if (body.length === 0) return false;
    if (externalId && search.orderIds.includes(externalId)) return true;
    const said = saidIn(body);
    const isNamed = (value: string) =>
        said.values.has(value) || (value.length >= tellingLength && said.text.includes(value));
    return (
        [...search.values, ...search.orderIds].some(isNamed) ||
        uuidsIn(said).some(search.isTheirClient)
    );
}
