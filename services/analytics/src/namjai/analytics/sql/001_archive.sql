-- The second copy of the log (guarantee G8), and what explains the gaps in it.

CREATE TABLE analytics.archive (
    sequence   bigint      NOT NULL,  -- the event's place in the log
    stored_at  timestamptz NOT NULL,  -- when the log stored it: the month it is filed under
    subject    text        NOT NULL,
    id         text,                  -- id, type and time are null when the bytes are no envelope
    type       text,
    member     text        NOT NULL,
    time       timestamptz,
    checksum   bytea       NOT NULL,  -- SHA-256 of the bytes as they were in the log
    data       bytea,                 -- those bytes: personal fields are ciphertext in them
    removed_at timestamptz,           -- when an unsent message was taken out of here, too
    PRIMARY KEY (sequence, stored_at),
    CHECK ((data IS NULL) = (removed_at IS NOT NULL)),
    CHECK (octet_length(checksum) = 32)
) PARTITION BY RANGE (stored_at);

COMMENT ON TABLE analytics.archive IS 'Every event of the log as stored there; partitioned by month.';

-- Kept apart from the archive, because a message may be gone from the log before it was ever archived.
CREATE TABLE analytics.removed (
    sequence   bigint      PRIMARY KEY,  -- what was taken out
    event      text        NOT NULL,     -- its event id
    removed_by bigint      NOT NULL,     -- the sequence of the message.removed event
    removed_at timestamptz NOT NULL
);

COMMENT ON TABLE analytics.removed IS 'Explains the gaps that unsent messages leave in the log and in the archive.';

-- Make the partition of the month that `moment` lies in, if it is not there; months are UTC.
CREATE FUNCTION analytics.ensure_month(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
    name  text := 'archive_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass('analytics.' || name) IS NULL THEN
        EXECUTE format(
            'CREATE TABLE analytics.%I PARTITION OF analytics.archive FOR VALUES FROM (%L) TO (%L)',
            name, first AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC');
    END IF;
END
$$;
