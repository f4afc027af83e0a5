-- A token ends with the one that made it.
ALTER TABLE "Token" ADD COLUMN "madeBy" UUID;
CREATE INDEX "Token_madeBy_idx" ON "Token"("madeBy");
