'use client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { ApiError } from '../lib/call.ts';
import { type Connection, closeLive, onConnection, readConnection } from './connection.ts';
import { createWatches, type Watches } from './watches.ts';

const WatchesContext = createContext<Watches | null>(null);

const passing = (error: Error) => error instanceof ApiError && (error.status === 0 || error.status >= 502);
const newClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        retry: (count, error) => passing(error) && count < 2,
        // Whoever waits is soon told that nobody answers; what is asked for comes by itself when somebody does.
        retryDelay: 600,
        refetchOnWindowFocus: false,
        gcTime: 60_000,
      },
    },
  });

/** The cache and the live socket of one signed-in page; both end with it. */
export const LiveProvider = ({ children }: { children: ReactNode }) => {
  const [client] = useState(newClient);
  const [watches, setWatches] = useState<Watches | null>(null);
  useEffect(() => {
    setWatches(createWatches(client));
    return () => {
      closeLive();
      client.clear();
    };
  }, [client]);
  if (!watches) return null;
  return (
    <QueryClientProvider client={client}>
      <WatchesContext value={watches}>{children}</WatchesContext>
    </QueryClientProvider>
  );
};

export const useWatches = (): Watches => {
  const watches = useContext(WatchesContext);
  if (!watches) throw new Error('useWatches outside of LiveProvider');
  return watches;
};

const START: Connection = { state: 'connecting' };
export const useConnection = (): Connection =>
  useSyncExternalStore(onConnection, readConnection, () => START);
