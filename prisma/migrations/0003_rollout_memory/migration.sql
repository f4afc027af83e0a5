-- What a paused rollout must remember to go on as it was.
ALTER TABLE "Rollout" ADD COLUMN "rollingBack" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "countFailuresSince" TIMESTAMPTZ(3);
