-- When a task was first ready: monitoring and estimates count from there, however often it was restarted since.
ALTER TABLE "Task" ADD COLUMN "firstReadyAt" TIMESTAMPTZ(3);
UPDATE "Task" SET "firstReadyAt" = "readyAt" WHERE attempts <= 1;
