'use client';
import { routes } from '@portreeve/contract';
import { useQueryClient } from '@tanstack/react-query';
import { SecondFactorSetup } from './second-factor-setup.tsx';
import { SignInCard } from './sign-in-card.tsx';

/** The cluster asks administrators for codes; nothing else opens before they are set up. */
export const RequiredCodes = () => {
  const client = useQueryClient();
  return (
    <SignInCard title="Codes of an authenticator">
      <p style={{ marginBottom: 12 }}>
        This cluster asks administrators for a code besides the password. Set it up; nothing else opens before
        that.
      </p>
      <SecondFactorSetup onDone={() => client.invalidateQueries({ queryKey: [routes.session.me.id] })} />
    </SignInCard>
  );
};
