-- The audit by months. Entries of before are moved; nothing of them changes, so that their seals hold.

ALTER TABLE "AuditEntry" RENAME TO "AuditEntry_before";
ALTER TABLE "AuditEntry_before" DROP CONSTRAINT "AuditEntry_pkey";
DROP INDEX "AuditEntry_at_id_idx", "AuditEntry_objectKind_objectId_at_idx", "AuditEntry_actorId_at_idx";

CREATE TABLE "AuditEntry" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "actorKind" TEXT NOT NULL,
    "actorId" UUID,
    "actorName" TEXT NOT NULL,
    "via" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "objectKind" TEXT,
    "objectId" TEXT,
    "objectName" TEXT,
    "projectPath" TEXT,
    "outcome" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "grantId" UUID,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("at", "id")
) PARTITION BY RANGE ("at");

CREATE INDEX "AuditEntry_actorName_at_id_idx" ON "AuditEntry"("actorName", "at", "id");
CREATE INDEX "AuditEntry_action" ON "AuditEntry"("action" text_pattern_ops, "at", "id");
CREATE INDEX "AuditEntry_objectId_at_id_idx" ON "AuditEntry"("objectId", "at", "id");
CREATE INDEX "AuditEntry_address_at_id_idx" ON "AuditEntry"("address", "at", "id");
CREATE INDEX "AuditEntry_project" ON "AuditEntry"("projectPath" text_pattern_ops, "at", "id");
CREATE INDEX "AuditEntry_not_done" ON "AuditEntry"("at", "id") WHERE "outcome" <> 'done';

-- What a search looks into: whatever is no letter and no digit parts words, on both sides.
CREATE FUNCTION "audit_words"(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_tsvector('simple'::regconfig, regexp_replace($1, '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+', ' ', 'g'))
$$;
CREATE INDEX "AuditEntry_words" ON "AuditEntry" USING gin
  ("audit_words"("action" || ' ' || "actorName" || ' ' || coalesce("objectName", '') || ' ' || "address"));

CREATE TABLE "AuditArchive" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "month" DATE NOT NULL,
    "file" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "entries" BIGINT NOT NULL,
    "firstSequence" BIGINT NOT NULL,
    "lastSequence" BIGINT NOT NULL,
    "lastHash" TEXT NOT NULL,
    "archivedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AuditArchive_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "AuditArchive_month_key" ON "AuditArchive"("month");

-- Months are of UTC. Attached when complete, so that nobody who writes meanwhile has to wait.
CREATE FUNCTION "audit_make_month"(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  part text := format('AuditEntry_%s', to_char(month, 'YYYY_MM'));
BEGIN
  IF to_regclass(format('public.%I', part)) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('CREATE TABLE public.%I (LIKE public."AuditEntry" INCLUDING DEFAULTS)', part);
  EXECUTE format('ALTER TABLE public."AuditEntry" ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
    part, month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
  RETURN true;
END $$;

-- Called by the application role: makes the months that are to come, and never one that was archived.
CREATE FUNCTION "audit_make_partitions"() RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
  this_month date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
  made integer := 0;
  wanted date;
BEGIN
  PERFORM pg_advisory_xact_lock(7400002);
  FOR i IN -1..3 LOOP
    wanted := (this_month + make_interval(months => i))::date;
    CONTINUE WHEN EXISTS (SELECT 1 FROM public."AuditArchive" a WHERE a.month >= wanted);
    IF public."audit_make_month"(wanted) THEN made := made + 1; END IF;
  END LOOP;
  RETURN made;
END $$;

DO $$
DECLARE
  month date;
BEGIN
  FOR month IN SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'UTC')::date FROM "AuditEntry_before" LOOP
    PERFORM "audit_make_month"(month);
  END LOOP;
  PERFORM "audit_make_partitions"();
END $$;
INSERT INTO "AuditEntry" (id, at, "actorKind", "actorId", "actorName", via, address, action, "objectKind", "objectId",
    "objectName", "projectPath", outcome, detail)
  SELECT id, at, "actorKind", "actorId", "actorName", via, address, action, "objectKind", "objectId", "objectName",
    "projectPath", outcome, detail FROM "AuditEntry_before";

ALTER TABLE "AuditSeal" ADD COLUMN "entryAt" TIMESTAMPTZ(3);
UPDATE "AuditSeal" s SET "entryAt" = e.at FROM "AuditEntry_before" e WHERE e.id = s."entryId";
-- Of one whose entry somebody took away: the check goes on to say so.
UPDATE "AuditSeal" SET "entryAt" = "sealedAt" WHERE "entryAt" IS NULL;
ALTER TABLE "AuditSeal" ALTER COLUMN "entryAt" SET NOT NULL;
CREATE INDEX "AuditSeal_entry_months" ON "AuditSeal" USING brin ("entryAt");
DROP TABLE "AuditEntry_before";

-- Called by the application role when a month was written out: the only way by which entries go. What it is told must
-- be so, and a month stays for 31 days after its end whatever the caller says.
CREATE FUNCTION "audit_archive"(archived_month date, file text, server text, sha256 text, bytes bigint,
    first_sequence bigint, last_sequence bigint, last_hash text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
  part text := format('AuditEntry_%s', to_char(archived_month, 'YYYY_MM'));
  ends timestamptz := (archived_month + interval '1 month')::timestamp AT TIME ZONE 'UTC';
  before bigint;
  counted bigint;
  unsealed boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(7400002);
  IF archived_month <> date_trunc('month', archived_month)::date OR to_regclass(format('public.%I', part)) IS NULL THEN
    RAISE EXCEPTION 'There is no month % of the audit.', archived_month;
  END IF;
  IF ends + interval '31 days' > now() THEN
    RAISE EXCEPTION 'The month % of the audit ended less than 31 days ago.', archived_month;
  END IF;
  IF EXISTS (SELECT 1 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'public."AuditEntry"'::regclass AND c.relname < part) THEN
    RAISE EXCEPTION 'There is an older month of the audit than %.', archived_month;
  END IF;
  IF coalesce(sha256, '') !~ '^[0-9a-f]{64}$' OR coalesce(file, '') = '' THEN
    RAISE EXCEPTION 'A month of the audit goes into a file with its sum.';
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I e LEFT JOIN public."AuditSeal" s
    ON s."entryId" = e.id AND s."entryAt" = e.at WHERE s."entryId" IS NULL)', part) INTO unsealed;
  IF unsealed THEN
    RAISE EXCEPTION 'The month % of the audit has entries without a seal.', archived_month;
  END IF;
  SELECT coalesce(max(a."lastSequence"), 0) INTO before FROM public."AuditArchive" a;
  SELECT greatest(max(s.sequence), before) INTO counted FROM public."AuditSeal" s WHERE s."entryAt" < ends;
  IF first_sequence <> before + 1 OR last_sequence <> coalesce(counted, before) THEN
    RAISE EXCEPTION 'The month % of the audit has the seals % to %, not % to %.',
      archived_month, before + 1, coalesce(counted, before), first_sequence, last_sequence;
  END IF;
  SELECT count(*) INTO counted FROM public."AuditSeal" s WHERE s.sequence BETWEEN first_sequence AND last_sequence;
  IF counted <> last_sequence - before THEN
    RAISE EXCEPTION 'Seals between % and % are missing.', first_sequence, last_sequence;
  END IF;
  IF counted > 0 AND last_hash IS DISTINCT FROM
      (SELECT s.hash FROM public."AuditSeal" s WHERE s.sequence = last_sequence) THEN
    RAISE EXCEPTION 'The seal % has another hash.', last_sequence;
  END IF;
  INSERT INTO public."AuditArchive" (month, file, server, sha256, bytes, entries, "firstSequence", "lastSequence", "lastHash")
    VALUES (archived_month, file, server, sha256, bytes, counted, first_sequence, last_sequence, last_hash);
  EXECUTE format('DROP TABLE public.%I', part);
END $$;

-- Called by the application role, until it returns 0: seals and recordings of months that were archived.
CREATE FUNCTION "audit_forget"(most integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  ends timestamptz;
  last bigint;
  gone integer;
  more integer;
BEGIN
  SELECT (max(a.month) + interval '1 month')::timestamp AT TIME ZONE 'UTC', max(a."lastSequence") INTO ends, last
    FROM public."AuditArchive" a;
  DELETE FROM public."AuditSeal" s WHERE s.sequence IN (
    SELECT o.sequence FROM public."AuditSeal" o WHERE o.sequence <= last AND o."entryAt" < ends
    ORDER BY o.sequence LIMIT most);
  GET DIAGNOSTICS gone = ROW_COUNT;
  DELETE FROM public."TerminalRecording" r WHERE r.id IN (
    SELECT o.id FROM public."TerminalRecording" o WHERE o."startedAt" < ends ORDER BY o."startedAt" LIMIT 100);
  GET DIAGNOSTICS more = ROW_COUNT;
  RETURN gone + more;
END $$;

CREATE TABLE "AuditForward" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "sealedTarget" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "sentSequence" BIGINT NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "nextTryAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastSentAt" TIMESTAMPTZ(3),
    "lastError" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AuditForward_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "AuditForward_name_live" ON "AuditForward" ("name") WHERE "removedAt" IS NULL;

CREATE TABLE "TerminalRecording" (
    "id" UUID NOT NULL,
    "taskId" UUID NOT NULL,
    "objectName" TEXT NOT NULL,
    "userName" TEXT NOT NULL,
    "projectPath" TEXT NOT NULL,
    "columns" INTEGER NOT NULL,
    "rows" INTEGER NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TerminalRecording_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "TerminalRecording_startedAt_idx" ON "TerminalRecording"("startedAt");

CREATE TABLE "RecordingChunk" (
    "recordingId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "sealedLines" TEXT NOT NULL,

    CONSTRAINT "RecordingChunk_pkey" PRIMARY KEY ("recordingId", "number")
);
ALTER TABLE "RecordingChunk" ADD CONSTRAINT "RecordingChunk_recordingId_fkey" FOREIGN KEY ("recordingId")
  REFERENCES "TerminalRecording"("id") ON DELETE CASCADE ON UPDATE CASCADE;

REVOKE ALL ON FUNCTION "audit_make_month"(date), "audit_make_partitions"(), "audit_forget"(integer),
  "audit_archive"(date, text, text, text, bigint, bigint, bigint, text) FROM PUBLIC;
