'use client';
import { type Me, routes } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from 'react';
import { paths } from '../../lib/paths.ts';
import { pageSecret } from '../../lib/session.ts';
import { LiveProvider } from '../../live/live-provider.tsx';
import { useWatch } from '../../live/queries.ts';
import { ProblemNote } from '../../ui/problem.tsx';
import { FirstPassword } from './first-password.tsx';
import { RequiredCodes } from './required-codes.tsx';
import { SignInCard } from './sign-in-card.tsx';

const MeContext = createContext<Me | null>(null);

/** The person at this page. */
export const useMe = (): Me => {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe outside of SignedIn');
  return me;
};
/** True when the person may do this at least at the cluster's root; finer answers come with each object. */
export const useMay = (permission: Permission): boolean => useMe().permissions.includes(permission);

const WithMe = ({ children }: { children: ReactNode }) => {
  const me = useWatch(routes.session.me, {});
  if (me.data?.mustChangePassword) return <FirstPassword me={me.data} />;
  if (me.data?.secondFactor === 'required') return <RequiredCodes />;
  if (me.data) return <MeContext value={me.data}>{children}</MeContext>;
  if (me.error && me.error.code !== 'auth.required')
    return (
      <SignInCard title="Portreeve">
        <ProblemNote error={me.error} />
      </SignInCard>
    );
  return null;
};

/** Everything inside is shown to a signed-in person only; others are sent to sign in and come back here. */
export const SignedIn = ({ children }: { children: ReactNode }) => {
  const secret = useSyncExternalStore(pageSecret.subscribe, pageSecret.read, () => null);
  const router = useRouter();
  useEffect(() => {
    if (secret === null && pageSecret.read() === null)
      router.replace(paths.signIn(location.pathname + location.search));
  }, [secret, router]);
  if (secret === null) return null;
  return (
    <LiveProvider key={secret}>
      <WithMe>{children}</WithMe>
    </LiveProvider>
  );
};
