-- AlterTable
ALTER TABLE "User" ADD COLUMN     "directoryDn" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "directoryId" UUID,
ADD COLUMN     "directoryKey" TEXT,
ADD COLUMN     "disabledWhy" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "kind" TEXT NOT NULL DEFAULT 'person',
ADD COLUMN     "lastSignInAt" TIMESTAMPTZ(3),
ADD COLUMN     "projectId" UUID,
ADD COLUMN     "recoveryHashes" TEXT[],
ADD COLUMN     "sealedTotp" TEXT,
ADD COLUMN     "totpSince" TIMESTAMPTZ(3),
ADD COLUMN     "totpStep" BIGINT;

-- AlterTable
ALTER TABLE "Project" ADD COLUMN     "hostPrivileges" TEXT[],
ADD COLUMN     "ownNodesOnly" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "recordTerminals" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "Team" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Team_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TeamMember" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "ruleId" UUID,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TeamMember_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TeamRule" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "directoryId" UUID NOT NULL,
    "wish" JSONB NOT NULL,
    "groupKey" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TeamRule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Role" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "permissions" TEXT[],
    "copiedFrom" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Role_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Grant" (
    "id" UUID NOT NULL,
    "userId" UUID,
    "teamId" UUID,
    "roleId" UUID NOT NULL,
    "projectId" UUID NOT NULL,
    "endsAt" TIMESTAMPTZ(3),
    "reason" TEXT NOT NULL DEFAULT '',
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "GrantUse" (
    "grantId" UUID NOT NULL,
    "permission" TEXT NOT NULL,
    "usedOn" DATE NOT NULL,

    CONSTRAINT "GrantUse_pkey" PRIMARY KEY ("grantId","permission")
);

-- CreateTable
CREATE TABLE "Directory" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL DEFAULT 0,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "configuration" JSONB NOT NULL,
    "sealedPassword" TEXT,
    "previous" JSONB,
    "previousSealedPassword" TEXT,
    "mark" JSONB,
    "lastFullAt" TIMESTAMPTZ(3),
    "heldRunId" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Directory_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DirectoryRun" (
    "id" UUID NOT NULL,
    "directoryId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),
    "outcome" TEXT NOT NULL DEFAULT 'running',
    "startedBy" TEXT NOT NULL,
    "counts" JSONB NOT NULL DEFAULT '{}',
    "log" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "DirectoryRun_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "TeamMember_userId_idx" ON "TeamMember"("userId");

-- CreateIndex
CREATE INDEX "TeamMember_ruleId_idx" ON "TeamMember"("ruleId");

-- CreateIndex
CREATE INDEX "TeamRule_teamId_idx" ON "TeamRule"("teamId");

-- CreateIndex
CREATE INDEX "TeamRule_directoryId_idx" ON "TeamRule"("directoryId");

-- CreateIndex
CREATE INDEX "Grant_userId_idx" ON "Grant"("userId");

-- CreateIndex
CREATE INDEX "Grant_teamId_idx" ON "Grant"("teamId");

-- CreateIndex
CREATE INDEX "Grant_projectId_idx" ON "Grant"("projectId");

-- CreateIndex
CREATE INDEX "DirectoryRun_directoryId_startedAt_idx" ON "DirectoryRun"("directoryId", "startedAt" DESC);

-- CreateIndex
CREATE INDEX "User_directoryId_idx" ON "User"("directoryId");

-- AddForeignKey
ALTER TABLE "TeamMember" ADD CONSTRAINT "TeamMember_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TeamMember" ADD CONSTRAINT "TeamMember_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TeamMember" ADD CONSTRAINT "TeamMember_ruleId_fkey" FOREIGN KEY ("ruleId") REFERENCES "TeamRule"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TeamRule" ADD CONSTRAINT "TeamRule_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TeamRule" ADD CONSTRAINT "TeamRule_directoryId_fkey" FOREIGN KEY ("directoryId") REFERENCES "Directory"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_projectId_fkey" FOREIGN KEY ("projectId") REFERENCES "Project"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "GrantUse" ADD CONSTRAINT "GrantUse_grantId_fkey" FOREIGN KEY ("grantId") REFERENCES "Grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DirectoryRun" ADD CONSTRAINT "DirectoryRun_directoryId_fkey" FOREIGN KEY ("directoryId") REFERENCES "Directory"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the schema language cannot say.
CREATE UNIQUE INDEX "Team_name_live" ON "Team" ("name") WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "Role_name_live" ON "Role" ("name") WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "Directory_name_live" ON "Directory" ("name") WHERE "removedAt" IS NULL;
CREATE UNIQUE INDEX "User_directory_entry" ON "User" ("directoryId", "directoryKey") WHERE "directoryId" IS NOT NULL;
CREATE UNIQUE INDEX "TeamMember_source" ON "TeamMember" ("teamId", "userId", "ruleId") NULLS NOT DISTINCT;
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_one_subject" CHECK (num_nonnulls("userId", "teamId") = 1);
