-- AlterTable
ALTER TABLE "User" ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- What the schema language cannot say: grants whose time will be over, looked for every second.
CREATE INDEX "Grant_due" ON "Grant" ("endsAt") WHERE "endedAt" IS NULL;
