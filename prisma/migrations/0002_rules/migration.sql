-- What the schema language cannot say.

-- There is one cluster.
CREATE UNIQUE INDEX "Cluster_single" ON "Cluster" ((true));

-- Names are unique within their parent among what is not removed.
CREATE UNIQUE INDEX "Project_path_live" ON "Project" ("path") WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "Stack_name_live" ON "Stack" ("projectId", "name") WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "Service_name_live" ON "Service" ("stackId", "name") WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "Node_name_live" ON "Node" ("name") WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "Network_name_live" ON "Network" ("stackId", "name") WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "StoredFile_name_live" ON "StoredFile" ("projectId", "kind", "name", "stackId") NULLS NOT DISTINCT
  WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "Registry_host_live" ON "Registry" ("projectId", "host") WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "AlertChannel_name_live" ON "AlertChannel" ("name") WHERE "removedAt" IS NULL;

-- One open alert per cause, one rollout under way per service: whoever comes second is told so by the database.
CREATE UNIQUE INDEX "Alert_key_open" ON "Alert" ("key") WHERE "endedAt" IS NULL;
CREATE UNIQUE INDEX "Rollout_one_active" ON "Rollout" ("serviceId")
  WHERE "state" IN ('running', 'paused', 'rolling back');

-- What the loops ask for again and again.
CREATE INDEX "Task_live" ON "Task" ("serviceId") WHERE "state" NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost');
CREATE INDEX "Session_live" ON "Session" ("expiresAt") WHERE "endedAt" IS NULL;
