-- AlterTable
ALTER TABLE "StackVersion" ADD COLUMN     "sealedFiles" TEXT;
