import { sql } from "drizzle-orm";
import { identityNodes } from "@/domain/identity/db/schema";
import { purchases } from "@/domain/purchases/db/schema";
import type { Database } from "@/infrastructure/persistence/Database";
import type { GroupId } from "@/utils/ids";

export class MailboxRepository {
    constructor(private readonly db: Database) {}

    /**
     * People of whom shops know a mail address and no other, and of whom we know neither a browser nor a wallet:
     * nobody but the owner of the mailbox can say that they are these.
     */
    async namelessOf(emailLookup: string): Promise<GroupId[]> {
        const rows = await this.db.rows<{ groupId: GroupId }>(sql`
            select distinct node.group_id as "groupId" from ${identityNodes} node
            where node.kind = 'customer' and node.lookup = ${emailLookup} and node.unlinked_at is null
                and not exists (
                    select from ${identityNodes} other where other.group_id = node.group_id
                        and other.kind <> 'customer' and other.unlinked_at is null
                )
                and not exists (
                    select from ${purchases} purchase where purchase.group_id = node.group_id
                        and purchase.email_lookup is distinct from ${emailLookup}
                )`);
        return rows.map(({ groupId }) => groupId);
    }
}
