'use client';
import type { Route } from '@portreeve/contract';
import { type QueryKey, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import {
  type Address,
  type ApiError,
  addressOf,
  type CallInput,
  type CallOutput,
  call,
} from '../lib/call.ts';
import { useConnection, useWatches } from './live-provider.tsx';

/** What a page knows of a query: perhaps data, perhaps an error beside older data. */
export type Seen<T> = { data: T | undefined; error: ApiError | null; loading: boolean };

const keyOf = (route: Route, address: Address): QueryKey => [route.id, address.params, address.query];
const FALLBACK_MS = 5_000;

/** Old rows stay while a filter changes; another object's data never stand in. */
const keepFor =
  (address: Address) =>
  <T>(previous: T | undefined, query: { queryKey: QueryKey } | undefined): T | undefined =>
    JSON.stringify(query?.queryKey[1]) === JSON.stringify(address.params) ? previous : undefined;

/**
 * A GET route, kept up to date over the live socket while a component shows it (HTTP every 5 s without one).
 * Routes without `live` are fetched once, and again after each action.
 */
export const useWatch = <R extends Route>(
  route: R,
  input: CallInput<R>,
  options: { enabled?: boolean; everyMs?: number } = {},
): Seen<CallOutput<R>> => {
  const enabled = options.enabled ?? true;
  const watches = useWatches();
  const { state } = useConnection();
  const connected = state === 'live' || state === 'no database';
  const address = addressOf(input);
  const key = keyOf(route, address);
  const id = JSON.stringify(key);
  const isLive = route.live.length > 0;
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      isLive ? (watches.load(key, route, address) as Promise<CallOutput<R>>) : call(route, input, signal),
    enabled,
    staleTime: isLive && connected ? Number.POSITIVE_INFINITY : 1_000,
    refetchInterval: options.everyMs ?? (isLive && !connected ? FALLBACK_MS : false),
    placeholderData: keepFor(address),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `id` is the whole of key and address
  useEffect(
    () => (enabled && isLive ? watches.retain(key, route, address) : undefined),
    [id, enabled, watches],
  );
  return { data: query.data, error: query.error as ApiError | null, loading: query.isPending && enabled };
};

/** A route that changes something. The result is shown on the object itself: watched pages follow by themselves. */
export const useAction = <R extends Route>(route: R) => {
  const client = useQueryClient();
  const watches = useWatches();
  return useMutation<CallOutput<R>, ApiError, CallInput<R>>({
    mutationFn: (input) => call(route, input),
    onSuccess: () => client.invalidateQueries({ predicate: (query) => !watches.isOpen(query.queryKey) }),
  });
};
