-- Ids are 63-bit numbers that rise with time (src/id.rs); times are nanoseconds since 1970 UTC.
-- What PostgreSQL would write differently: BIGINT for the keys (SQLite's row number is an INTEGER), the virtual table
-- of the full-text search and the two triggers.

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'contributor', 'trainer', 'admin')),
    secret_sha256 TEXT NOT NULL UNIQUE,
    quota_bytes BIGINT,
    created_ns BIGINT NOT NULL,
    revoked_ns BIGINT,
    used_ns BIGINT
);

CREATE TABLE objects (
    sha256 TEXT PRIMARY KEY,
    bytes BIGINT NOT NULL,
    owner_id BIGINT REFERENCES tokens (id),
    created_ns BIGINT NOT NULL,
    -- No recording refers to it any more and its file is to be deleted.
    doomed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX objects_by_owner ON objects (owner_id, bytes);
CREATE INDEX objects_doomed ON objects (doomed) WHERE doomed = 1;

CREATE TABLE receivers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    latitude_deg DOUBLE PRECISION NOT NULL,
    longitude_deg DOUBLE PRECISION NOT NULL,
    altitude_m DOUBLE PRECISION,
    gain_db DOUBLE PRECISION,
    notes TEXT NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE constellations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    revision BIGINT NOT NULL
);

CREATE TABLE constellation_receivers (
    constellation_id BIGINT NOT NULL REFERENCES constellations (id) ON DELETE CASCADE,
    place BIGINT NOT NULL,
    receiver_id BIGINT NOT NULL REFERENCES receivers (id),
    PRIMARY KEY (constellation_id, place)
);
CREATE INDEX constellation_receivers_by_receiver ON constellation_receivers (receiver_id);

CREATE TABLE transmitters (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    latitude_deg DOUBLE PRECISION NOT NULL,
    longitude_deg DOUBLE PRECISION NOT NULL,
    altitude_m DOUBLE PRECISION,
    error_m DOUBLE PRECISION NOT NULL,
    frequency_hz DOUBLE PRECISION,
    power_w DOUBLE PRECISION,
    notes TEXT NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    center_frequency_hz DOUBLE PRECISION NOT NULL,
    start_ns BIGINT NOT NULL,
    duration_s DOUBLE PRECISION NOT NULL,
    notes TEXT NOT NULL,
    constellation_id BIGINT REFERENCES constellations (id),
    transmitter_id BIGINT REFERENCES transmitters (id),
    -- Where the source is, where it is known; a copy of the transmitter's place where there is one.
    source_known INTEGER NOT NULL,
    source_latitude_deg DOUBLE PRECISION,
    source_longitude_deg DOUBLE PRECISION,
    source_altitude_m DOUBLE PRECISION,
    source_error_m DOUBLE PRECISION,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected')),
    reason TEXT,
    decided_by TEXT,
    decided_ns BIGINT,
    owner_id BIGINT REFERENCES tokens (id),
    created_by TEXT NOT NULL,
    created_ns BIGINT NOT NULL,
    changed_ns BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    deleted_ns BIGINT
);
-- Listings go by falling id, so the id ends every index that is compared for equality.
CREATE INDEX sessions_by_state ON sessions (state, id) WHERE deleted_ns IS NULL;
CREATE INDEX sessions_by_known ON sessions (source_known, id) WHERE deleted_ns IS NULL;
CREATE INDEX sessions_by_constellation ON sessions (constellation_id, id);
CREATE INDEX sessions_by_transmitter ON sessions (transmitter_id);
CREATE INDEX sessions_by_frequency ON sessions (center_frequency_hz) WHERE deleted_ns IS NULL;
CREATE INDEX sessions_by_start ON sessions (start_ns) WHERE deleted_ns IS NULL;
CREATE INDEX sessions_by_latitude ON sessions (source_latitude_deg, source_longitude_deg) WHERE deleted_ns IS NULL;
CREATE INDEX sessions_by_longitude ON sessions (source_longitude_deg, source_latitude_deg) WHERE deleted_ns IS NULL;
CREATE INDEX sessions_deleted ON sessions (deleted_ns) WHERE deleted_ns IS NOT NULL;
-- For walking down the ids without touching the table: all that filters compare.
CREATE INDEX sessions_walk ON sessions (
    id, state, source_known, constellation_id, center_frequency_hz, start_ns, source_latitude_deg, source_longitude_deg
) WHERE deleted_ns IS NULL;

CREATE TABLE recordings (
    id INTEGER PRIMARY KEY,
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL REFERENCES objects (sha256),
    file_name TEXT NOT NULL,
    receiver_id BIGINT REFERENCES receivers (id),
    facts TEXT NOT NULL,
    sigmf_meta TEXT,
    UNIQUE (session_id, sha256)
);
CREATE INDEX recordings_by_object ON recordings (sha256);
CREATE INDEX recordings_by_receiver ON recordings (receiver_id, session_id);

-- Words of a session; the row id is the session's id.
CREATE VIRTUAL TABLE sessions_text USING fts5 (
    title, notes, receivers, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);
-- Words of purged sessions do not stay in the index until its next merge.
INSERT INTO sessions_text (sessions_text, rank) VALUES ('secure-delete', 1);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_ns BIGINT NOT NULL,
    token_id BIGINT,
    token_name TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE (ABORT, 'the audit log is append only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE (ABORT, 'the audit log is append only'); END;
