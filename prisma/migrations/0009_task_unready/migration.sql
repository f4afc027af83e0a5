-- AlterTable
ALTER TABLE "Task" ADD COLUMN     "unreadyAt" TIMESTAMPTZ(3);
