-- As before, but the groups that others lead to are locked in the order of their ids as well: a redirect was
-- followed with its own row locked, so that who held people and who merged them could wait for each other.
-- Who is merged while we wait is followed out of that order; that is rare, and a deadlock is tried again.
CREATE OR REPLACE FUNCTION "hold_groups"(ids uuid[]) RETURNS TABLE (id uuid, live uuid) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    live_ids uuid[];
BEGIN
    LOOP
        SELECT array_agg(DISTINCT coalesce(g.merged_into, g.id)) INTO live_ids
        FROM identity_groups g WHERE g.id = ANY (ids);
        PERFORM FROM identity_groups g WHERE g.id = ANY (live_ids) ORDER BY g.id FOR KEY SHARE;
        EXIT WHEN NOT EXISTS (
            SELECT FROM identity_groups g WHERE g.id = ANY (live_ids) AND g.merged_into IS NOT NULL);
    END LOOP;
    RETURN QUERY SELECT g.id, coalesce(g.merged_into, g.id) FROM identity_groups g WHERE g.id = ANY (ids);
END $$;
