-- The next network goes on after the newest one, even when that one is gone: its hosts may not have let go of it yet.
ALTER TABLE "Cluster" ADD COLUMN "lastSubnet" TEXT, ADD COLUMN "lastVni" INTEGER;
UPDATE "Cluster" SET
  "lastSubnet" = (SELECT subnet FROM "Network" ORDER BY "createdAt" DESC, id DESC LIMIT 1),
  "lastVni" = (SELECT vni FROM "Network" ORDER BY "createdAt" DESC, id DESC LIMIT 1);
