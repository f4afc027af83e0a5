'use client';
import { type Me, routes } from '@portreeve/contract';
import { useQueryClient } from '@tanstack/react-query';
import { PasswordForm } from './password-form.tsx';
import { SignInCard } from './sign-in-card.tsx';

/** The password that came with the installation was shown on a screen; nothing else opens before it is changed. */
export const FirstPassword = ({ me }: { me: Me }) => {
  const client = useQueryClient();
  return (
    <SignInCard title={`Welcome, ${me.displayName || me.name}`}>
      <p style={{ marginBottom: 12 }}>
        The first password was shown on a screen. Choose your own; nothing else opens before that.
      </p>
      <PasswordForm onDone={() => client.invalidateQueries({ queryKey: [routes.session.me.id] })} />
    </SignInCard>
  );
};
