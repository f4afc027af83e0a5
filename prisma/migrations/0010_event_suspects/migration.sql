-- What the overview asks for around each trouble: what people did and which hosts were lost, among all that tasks do.
CREATE INDEX "Event_suspect" ON "Event" ("at" DESC, "id") WHERE "actorName" IS NOT NULL OR ("kind" = 'node' AND NOT "ok");
