-- The read models. A schema of their own, so that a rebuild can fill its twin and change places with it in one step.
-- Nothing in here is personal, and nothing depends on when it was projected: the same log gives the same rows.

CREATE SCHEMA analytics_read;

CREATE TABLE analytics_read.position (
    single    boolean     PRIMARY KEY DEFAULT true CHECK (single),
    sequence  bigint      NOT NULL DEFAULT 0,  -- the last event that these tables know of
    stored_at timestamptz                      -- when the log stored it: "as of"
);
INSERT INTO analytics_read.position DEFAULT VALUES;

CREATE TABLE analytics_read.members (
    member     text        PRIMARY KEY,
    first_seen timestamptz,            -- the first and the last thing that the person did
    last_seen  timestamptz,
    messages   bigint      NOT NULL,
    language   text,                   -- their own choice
    follows    boolean,                -- false: blocked us; null: nobody told us
    paused     boolean,                -- null: never asked us to stop
    level      text,                   -- of the latest verdict
    level_at   timestamptz,
    erased_at  timestamptz
);

CREATE TABLE analytics_read.consents (
    member       text        NOT NULL,
    purpose      text        NOT NULL,
    granted      boolean     NOT NULL,
    text_version text        NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (member, purpose)
);

-- Counters per day of the clinic's clock: message.<kind>, reply.<kind>, risk.<level>, alert.<level>, active, throttled, …
CREATE TABLE analytics_read.days (
    day     date   NOT NULL,
    measure text   NOT NULL,
    count   bigint NOT NULL,
    PRIMARY KEY (day, measure)
);

-- Who did something on which day: distinct people over any period.
CREATE TABLE analytics_read.activity (
    day    date NOT NULL,
    member text NOT NULL,
    PRIMARY KEY (day, member)
);

CREATE TABLE analytics_read.risk (
    sequence bigint      PRIMARY KEY,
    member   text        NOT NULL,
    message  text        NOT NULL,  -- the id of the event that was judged
    outcome  text        NOT NULL,
    level    text        NOT NULL,
    category text        NOT NULL,
    policy   text        NOT NULL,
    time     timestamptz NOT NULL
);
CREATE INDEX risk_of_member ON analytics_read.risk (member, sequence);

-- A histogram per hour: how many replies took at most `at_most_ms` (and more than the next smaller bound).
CREATE TABLE analytics_read.reply_times (
    hour       timestamptz NOT NULL,
    step       text        NOT NULL,  -- issued: webhook to reply; delivered: webhook to LINE's answer
    at_most_ms bigint      NOT NULL,
    count      bigint      NOT NULL,
    PRIMARY KEY (hour, step, at_most_ms)
);

CREATE TABLE analytics_read.alerts (
    alert             text        PRIMARY KEY,  -- the id of the alert.raised event
    member            text        NOT NULL,
    level             text,
    category          text,
    reason            text,
    raised_at         timestamptz,
    notified          bigint      NOT NULL,     -- how often a channel took it, and did not
    failed            bigint      NOT NULL,
    first_notified_at timestamptz,
    merged_into       text
);
CREATE INDEX alerts_by_time ON analytics_read.alerts (raised_at);

CREATE TABLE analytics_read.timeline (
    sequence  bigint      PRIMARY KEY,
    member    text        NOT NULL,
    type      text        NOT NULL,
    time      timestamptz NOT NULL,
    day       date        NOT NULL,  -- of the clinic's clock
    by_person boolean     NOT NULL,  -- the person did this, not we
    summary   jsonb       NOT NULL   -- a choice of the event's clear fields
);
CREATE INDEX timeline_of_member ON analytics_read.timeline (member, sequence);
