-- A decision is never written over; but whoever is forgotten has their own words taken out of it, and nothing else.
CREATE FUNCTION "decision_facts_without_words"(facts jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT (facts - 'custom' - 'touches') || jsonb_build_object('touches', (
        SELECT jsonb_agg(touch - 'utm' - 'shareCode' ORDER BY place)
        FROM jsonb_array_elements(facts -> 'touches') WITH ORDINALITY AS told (touch, place)))
$$;--> statement-breakpoint
CREATE FUNCTION "decision_traces_without_words"(traces jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_agg(one #- '{trace,conditions}' || jsonb_build_object('conditions', (
        SELECT jsonb_agg(condition - 'actual' ORDER BY line)
        FROM jsonb_array_elements(one #> '{trace,conditions}') WITH ORDINALITY AS met (condition, line)
    )) ORDER BY place)
    FROM jsonb_array_elements(traces) WITH ORDINALITY AS decided (one, place)
$$;--> statement-breakpoint
CREATE FUNCTION "refuse_change_of_decision"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.interaction_id = OLD.interaction_id AND NEW.decided_at = OLD.decided_at
        AND decision_facts_without_words(NEW.facts) = decision_facts_without_words(OLD.facts)
        AND decision_traces_without_words(NEW.traces) IS NOT DISTINCT FROM decision_traces_without_words(OLD.traces)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;--> statement-breakpoint
DROP TRIGGER "decisions_append_only" ON "decisions";--> statement-breakpoint
CREATE TRIGGER "decisions_append_only" BEFORE UPDATE OR DELETE ON "decisions"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_decision"();
