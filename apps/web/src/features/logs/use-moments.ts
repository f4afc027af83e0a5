'use client';
import { routes, type ServiceView } from '@portreeve/contract';
import { useMemo } from 'react';
import { useWatch } from '../../live/queries.ts';
import type { LogLine } from './log-buffer.ts';
import { momentsOf } from './moments.ts';

const MOST = 100;

/** What happened to the service as a whole, to stand in its log; nothing for who may not see that. */
export const useMoments = (service: ServiceView): readonly LogLine[] => {
  const params = { id: service.id };
  const revisions = useWatch(routes.services.revisions, { params, query: { limit: MOST } });
  const events = useWatch(routes.activity.list, {
    query: { serviceId: service.id, kind: 'rollout', limit: MOST },
  });
  return useMemo(
    () => momentsOf(revisions.data?.items ?? [], events.data?.items ?? [], service.name),
    [revisions.data, events.data, service.name],
  );
};
